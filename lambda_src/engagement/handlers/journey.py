"""The journey function: a custom activity of a journey calls for a step of a plan.

Amazon Pinpoint waits for 15 seconds, so nothing is made here: calls are noted, and whatever takes longer is queued.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from engagement.adapters import clients
from engagement.adapters.ledger import Ledger
from engagement.adapters.plan_store import PlanStore
from engagement.adapters.stamps import Stamps
from engagement.domain.journeys.calls import JourneyCall, JourneyCallError, read
from engagement.domain.journeys.stamping import stamp_of, stamp_run
from engagement.domain.plans.faults import Fault, PlanError
from engagement.domain.runs.announcement import called
from engagement.domain.runs.keeping import read_plan
from engagement.observability import count, logger
from engagement.settings.runs import JourneySettings

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

SETTINGS = JourneySettings.parse(os.environ)
RETENTION = timedelta(days=SETTINGS.run_retention_days)
DYNAMODB = clients.dynamodb(clients.HASTY)
LEDGER = Ledger(DYNAMODB, SETTINGS.ledger_table, RETENTION)
# Only journeys that people have drawn need what follows.
SQS = cache(lambda: clients.sqs(clients.HASTY))
PLANS = cache(lambda: PlanStore(clients.s3(), SETTINGS.plan_bucket))
STAMPS = Stamps(
    DYNAMODB,
    SQS,
    SETTINGS.ledger_table,
    SETTINGS.stamp_queue_url,
    RETENTION,
    lambda: datetime.now(UTC),
    ("pinpoint", "connect") if SETTINGS.plan_settings.connect else ("pinpoint",),
)


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001 (read by the logger)
    """Note the call; a faulty one is logged and counted, since a repeat would not mend it."""
    refused = False
    try:
        _take(read(event))
    except (JourneyCallError, PlanError) as error:
        logger.error("call refused", extra={"reason": str(error)})
        refused = True
    count({"JourneyCalls": 1, "JourneyCallsRefused": int(refused)})
    return {}


def _take(call: JourneyCall) -> None:
    now = datetime.now(UTC)
    for run in call.runs:
        LEDGER.call(run, call.step, now)
    for company in call.companies:
        message = called(call.plan, call.step, call.journey, company.endpoint, company.occurrence, company.values)
        SQS().send_message(QueueUrl=SETTINGS.events_queue_url, MessageBody=message)
    if call.customers:
        _stamp(call)


def _stamp(call: JourneyCall) -> None:
    stored = PLANS().current(call.plan)
    if stored is None:
        raise PlanError([Fault((), f'there is no plan "{call.plan}"', "Write the name of a plan into the journey")])
    values = stamp_of(read_plan(call.plan, stored.text, SETTINGS.plan_settings), call.step)
    run = stamp_run(call.plan, call.step, call.journey)
    STAMPS.set_values(run, 0, values)
    STAMPS.put(run, 0, call.journey, call.customers)
