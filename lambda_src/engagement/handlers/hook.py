"""The stamp hook: Amazon Pinpoint hands over the endpoints of a stamp's campaign -> ledger and stamp queue."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from engagement.adapters import clients
from engagement.adapters.stamps import Stamps
from engagement.domain.stamps.calls import called_for
from engagement.observability import count, logger
from engagement.settings.destinations import destinations
from engagement.settings.stamps import StampHookSettings

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

SETTINGS = StampHookSettings.parse(os.environ)
SQS = clients.sqs(clients.HASTY)
STAMPS = Stamps(
    clients.dynamodb(clients.HASTY),
    lambda: SQS,
    SETTINGS.ledger_table,
    SETTINGS.stamp_queue_url,
    timedelta(days=SETTINGS.run_retention_days),
    lambda: datetime.now(UTC),
    # Whoever calls is Pinpoint.
    destinations("pinpoint", SETTINGS.profiles_domain),
)


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001 (read by the logger)
    """Open a batch; the answer, a map of the endpoints to send to, is empty: nobody gets a message."""
    batch = called_for(event)
    if batch.endpoints:
        STAMPS.open(batch)
    count({"EndpointsQueued": len(batch.endpoints)})
    return {}
