"""The keeper of the event stream: called by Terraform when interactions are made, changed and destroyed."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

from engagement.adapters import clients
from engagement.adapters.pinpoint.event_stream import EventStream
from engagement.domain.interactions.connecting import Connection, connect, disconnect
from engagement.observability import logger
from engagement.settings.interactions import EventStreamSettings

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

SETTINGS = EventStreamSettings.parse(os.environ)
PROJECT = EventStream(clients.pinpoint(), SETTINGS.pinpoint_application_id)


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001 (read by the logger)
    """Answer `ok` and `errors`, never an error at an update, which Terraform would take for one that was made."""
    connection = Connection.parse(event)
    if event.get("tf", {}).get("action") == "delete":
        disconnect(PROJECT, connection, time)
        return {"ok": True, "errors": []}
    errors = connect(PROJECT, connection, time)
    for error in errors:
        logger.error("event stream not connected", extra={"fault": error})
    return {"ok": not errors, "errors": errors}
