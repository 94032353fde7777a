"""The keeper of plans: called by Terraform at apply, when a plan changes, and once an hour."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from engagement.adapters import clients
from engagement.adapters.ledger import Ledger
from engagement.adapters.pinpoint.journeys import Journeys
from engagement.adapters.plan_store import PlanStore
from engagement.adapters.schedules import Schedules
from engagement.adapters.versions import Versions
from engagement.domain.journeys.deploying import Deployer, Report
from engagement.domain.patience import PAUSE_SECONDS, patiently
from engagement.domain.plans.model import Plan
from engagement.domain.runs.keeping import check, keep
from engagement.domain.runs.ports import RefusedError, StoredPlan, ThrottledError, UnknownOutcomeError
from engagement.domain.runs.records import RunStatus
from engagement.observability import count, logger
from engagement.settings.runs import PlansSettings

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

SETTINGS = PlansSettings.parse(os.environ)
RETENTION = timedelta(days=SETTINGS.run_retention_days)
DYNAMODB = clients.dynamodb()
STORE = PlanStore(clients.s3(), SETTINGS.plan_bucket)
LEDGER = Ledger(DYNAMODB, SETTINGS.ledger_table, RETENTION)
SCHEDULES = Schedules(
    clients.scheduler(), SETTINGS.schedule_group, SETTINGS.events_queue_arn, SETTINGS.scheduler_role_arn
)
VERSIONS = Versions(DYNAMODB, SETTINGS.ledger_table, RETENTION)
_PATIENCE_SECONDS = 15.0


class RunsUnderWayError(Exception):
    """Destroying the module would cut runs off."""


def _is_running(run: str) -> bool:
    record = LEDGER.run(run)
    return record is not None and record.status is RunStatus.RUNNING


DEPLOYER = Deployer(
    versions=VERSIONS,
    journeys=Journeys(
        clients.pinpoint(),
        clients.pinpoint_control(),
        SETTINGS.pinpoint_application_id,
        f"{SETTINGS.ledger_table}-entry",
    ),
    running=_is_running,
    environment=SETTINGS.ledger_table,
    function_arn=SETTINGS.journey_function_arn,
    live_after=timedelta(seconds=SETTINGS.journey_live_after_seconds),
)


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer `ok` and `errors`.

    With `check` (JSON texts by file name) only those are checked: a faulty plan is an answer, never an error, since
    Terraform would take the error for an update that was made. With `deploy` (names of events) only refusals of their
    journeys are errors. At destroy what was made for plans is removed.

    Raises
    ------
    RunsUnderWayError
        At destroy, unless told that runs may be cut off.
    """
    if event.get("tf", {}).get("action") == "delete":
        # Checking has made nothing, and the ledger may be gone already.
        return _remove(force=bool(event.get("force"))) if "deploy" in event else {"ok": True, "errors": []}
    if "check" in event:
        errors = check(event["check"], SETTINGS.plan_settings)
        return {"ok": not errors, "errors": errors}
    if "deploy" in event:
        VERSIONS.reopen()
    elif VERSIONS.closed():
        return {"ok": True, "errors": []}
    kept = keep(STORE, SCHEDULES, SETTINGS.plan_settings, datetime.now(UTC))
    report = _deploy(kept.journeys, context.aws_request_id)
    for error in kept.errors:
        logger.error("plan refused", extra={"fault": error})
    for plan, reason in report.refusals.items():
        logger.error("journey refused", extra={"plan": plan, "reason": reason})
    count(
        {
            "PlansRefused": len({error.partition(" ")[0] for error in kept.errors}),
            "JourneysRefused": len(report.refusals),
            "JourneysMended": report.mended,
        }
    )
    refusals = [f"{plan}.json $.orchestrator: {reason}" for plan, reason in report.refusals.items()]
    if "deploy" in event:
        errors = [refusal for plan, refusal in zip(report.refusals, refusals, strict=True) if plan in event["deploy"]]
    else:
        errors = [*kept.errors, *refusals]
    return {"ok": not errors, "errors": errors}


def _deploy(plans: Mapping[str, tuple[StoredPlan, Plan]], call: str) -> Report:
    """Look after journeys, and again what cannot be done at once; what stays is left to the next look."""
    if not SETTINGS.pinpoint_application_id:
        return Report()
    report = DEPLOYER.deploy(plans, datetime.now(UTC), call)
    mended, end = report.mended, time.time() + _PATIENCE_SECONDS
    while report.left and time.time() < end:
        time.sleep(PAUSE_SECONDS)
        report = DEPLOYER.deploy(plans, datetime.now(UTC), call)
        mended += report.mended
    return replace(report, mended=mended)


def _remove(*, force: bool) -> dict[str, Any]:
    if not force and (run := next((run for run in LEDGER.runs() if _is_running(run)), None)):
        raise RunsUnderWayError(
            f"run {run} is under way. Wait until it has ended, stop it with make run-stop RUN={run}, or set "
            "force_destroy = true and apply before you destroy"
        )
    # Files of marketers are still there, and events of their bucket still come.
    VERSIONS.close()
    # A call that began before may have made one more.
    patiently(_take_away, time, (RefusedError, ThrottledError, UnknownOutcomeError), _PATIENCE_SECONDS)
    return {"ok": True, "errors": []}


def _take_away() -> None:
    for name in SCHEDULES.names():
        SCHEDULES.delete(name)
    if SETTINGS.pinpoint_application_id:
        DEPLOYER.remove()
