"""The step function: what the state machine calls to take a run one step on."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from engagement.adapters import clients
from engagement.adapters.campaigns import Campaigns
from engagement.adapters.crew import side_by_side
from engagement.adapters.entrance import Entrance
from engagement.adapters.exports import Exports
from engagement.adapters.interactions import Recorded
from engagement.adapters.ledger import Ledger
from engagement.adapters.plan_store import PlanStore
from engagement.adapters.stamps import Stamps
from engagement.adapters.stream import Stream
from engagement.adapters.versions import Versions
from engagement.domain.plans import reading
from engagement.domain.plans.model import Plan
from engagement.domain.runs.call import WalkSettings, World
from engagement.domain.runs.narrowing import narrowed
from engagement.domain.runs.position import Next, Outcome, Position
from engagement.domain.runs.records import Kind
from engagement.domain.runs.walk import Walker
from engagement.observability import count, logger
from engagement.settings.runs import StepSettings

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

SETTINGS = StepSettings.parse(os.environ)
PLANS = PlanStore(clients.s3(), SETTINGS.plan_bucket)
RETENTION = timedelta(days=SETTINGS.run_retention_days)
DYNAMODB = clients.dynamodb()
PINPOINT = clients.pinpoint()
CONTROL = clients.pinpoint_control()
SERVICE = Campaigns(PINPOINT, CONTROL, SETTINGS.pinpoint_application_id)
WORLD = World(
    ledger=Ledger(DYNAMODB, SETTINGS.ledger_table, RETENTION),
    service=SERVICE,
    stamping=Stamps(
        DYNAMODB,
        cache(clients.sqs),
        SETTINGS.ledger_table,
        SETTINGS.stamp_queue_url,
        RETENTION,
        lambda: datetime.now(UTC),
    ),
    exporting=Exports(
        PINPOINT,
        clients.s3(),
        SETTINGS.pinpoint_application_id,
        SETTINGS.export_bucket,
        SETTINGS.export_role_arn,
    ),
    entrance=Entrance(
        CONTROL,
        SETTINGS.pinpoint_application_id,
        Versions(DYNAMODB, SETTINGS.ledger_table, RETENTION),
        lambda: datetime.now(UTC),
    ),
    hearing=Stream(
        cache(clients.kinesis),
        SETTINGS.interactions_stream_arn,
        Recorded(DYNAMODB, SETTINGS.interactions_table),
    ),
    clock=time,
    crew=side_by_side,
    settings=WalkSettings(
        plans=SETTINGS.plan_settings,
        rates={
            Kind.SEGMENT: SETTINGS.segment_creates_per_second,
            Kind.CAMPAIGN: SETTINGS.campaign_creates_per_second,
        },
        settle=timedelta(seconds=SETTINGS.settle_seconds),
        overdue=timedelta(seconds=SETTINGS.overdue_seconds),
        maximum_audience=SETTINGS.maximum_audience,
        entry_settle=timedelta(seconds=SETTINGS.journey_settle_seconds),
        call_timeout=timedelta(seconds=SETTINGS.journey_call_timeout_seconds),
        longest_hearing=timedelta(seconds=SETTINGS.interactions_max_wait_seconds),
    ),
)


@lru_cache(maxsize=16)
def load(key: str, version: str) -> Plan:
    """A plan in the version with which a run began; it never changes."""
    return reading.parse(reading.load(PLANS.version(key, version).text), SETTINGS.plan_settings)


WALKER = Walker(WORLD, lambda record: narrowed(load(record.plan_key, record.plan_version), record.only_step))


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, object]:
    """Answer where the run stands now; with `give_up` end a run that cannot go on."""
    position = Position.parse(event)
    SERVICE.created.clear()
    if event.get("give_up"):
        WALKER.give_up(position.run, f"its step function failed again and again: {_error(event)}")
        outcome = Outcome(Next.FAILED, position)
    else:
        deadline = time.time() + context.get_remaining_time_in_millis() / 1000
        outcome = WALKER.advance(position, context.aws_request_id, deadline)
    logger.info("run", extra={"run": position.run, "step": position.step, "next": outcome.next})
    count(
        {
            "RunsCompleted": int(outcome.next is Next.COMPLETED),
            "RunsFailed": int(outcome.next is Next.FAILED),
            "RunsOverdue": int(outcome.overdue),
            "JourneysLost": int(outcome.fallback),
            "SegmentsCreated": SERVICE.created[Kind.SEGMENT],
            "CampaignsCreated": SERVICE.created[Kind.CAMPAIGN],
        }
    )
    return outcome.payload()


def _error(event: dict[str, Any]) -> str:
    """The error's name alone: its text may hold what nobody should read."""
    error = event.get("error")
    return str(error.get("Error", "")) if isinstance(error, dict) else "unknown"
