"""The keeper of plans: called by Terraform at apply, when a plan changes, and once an hour."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from engagement.adapters import clients
from engagement.adapters.plan_store import PlanStore
from engagement.adapters.schedules import Schedules
from engagement.domain.runs.keeping import check, keep
from engagement.observability import count, logger
from engagement.settings.runs import PlansSettings

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

SETTINGS = PlansSettings.parse(os.environ)
STORE = PlanStore(clients.s3(), SETTINGS.plan_bucket)
SCHEDULES = Schedules(
    clients.scheduler(), SETTINGS.schedule_group, SETTINGS.events_queue_arn, SETTINGS.scheduler_role_arn
)


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    """Answer `ok` and `errors`.

    With `check` (JSON texts by file name) only those are checked: a faulty plan is an answer, never an error, since
    Terraform would take the error for an update that was made. At destroy the schedules of plans are removed.
    """
    if event.get("tf", {}).get("action") == "delete":
        for name in SCHEDULES.names():
            SCHEDULES.delete(name)
        return {"ok": True, "errors": []}
    if "check" in event:
        errors = check(event["check"], SETTINGS.plan_settings)
        return {"ok": not errors, "errors": errors}
    errors = keep(STORE, SCHEDULES, SETTINGS.plan_settings, datetime.now(UTC))
    for error in errors:
        logger.error("plan refused", extra={"fault": error})
    count({"PlansRefused": len({error.partition(" ")[0] for error in errors})})
    return {"ok": not errors, "errors": errors}
