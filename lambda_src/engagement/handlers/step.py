"""The step function: what the state machine calls to take a run one step on."""

from __future__ import annotations

import os
import time
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from engagement.adapters import clients
from engagement.adapters.plan_store import PlanStore
from engagement.domain.destinations import DestinationName
from engagement.domain.plans import reading
from engagement.domain.plans.model import Plan
from engagement.domain.runs.narrowing import narrowed
from engagement.domain.runs.position import Next, Outcome, Position
from engagement.domain.runs.records import Kind, RunRecord
from engagement.domain.runs.walk import Walker
from engagement.handlers.worlds import Worlds
from engagement.observability import count, logger
from engagement.settings.runs import StepSettings

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

SETTINGS = StepSettings.parse(os.environ)
PLANS = PlanStore(clients.s3(), SETTINGS.plan_bucket)
WORLDS = Worlds(SETTINGS, time)


@lru_cache(maxsize=16)
def load(key: str, version: str, destination: DestinationName) -> Plan:
    """A plan in the version with which a run began; it never changes."""
    return reading.parse(reading.load(PLANS.version(key, version).text), SETTINGS.plans(destination))


def plan_of(record: RunRecord) -> Plan:
    """The plan that a run carries out."""
    return narrowed(load(record.plan_key, record.plan_version, record.sends_by), record.only_step)


WALKER = Walker(WORLDS.ledger, time, WORLDS.of, plan_of)


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, object]:
    """Answer where the run stands now; with `give_up` end a run that cannot go on."""
    position = Position.parse(event)
    WORLDS.services.take_created()
    if event.get("give_up"):
        WALKER.give_up(position.run, f"its step function failed again and again: {_error(event)}")
        outcome = Outcome(Next.FAILED, position)
    else:
        deadline = time.time() + context.get_remaining_time_in_millis() / 1000
        outcome = WALKER.advance(position, context.aws_request_id, deadline)
    created = WORLDS.services.take_created()
    logger.info("run", extra={"run": position.run, "step": position.step, "next": outcome.next})
    count(
        {
            "RunsCompleted": int(outcome.next is Next.COMPLETED),
            "RunsFailed": int(outcome.next is Next.FAILED),
            "RunsOverdue": int(outcome.overdue),
            "JourneysLost": int(outcome.fallback),
            "SegmentsCreated": created[Kind.SEGMENT],
            "CampaignsCreated": created[Kind.CAMPAIGN],
            "ProfilesUnnamed": WORLDS.take_unnamed(),
        }
    )
    return outcome.payload()


def _error(event: dict[str, Any]) -> str:
    """The error's name alone: its text may hold what nobody should read."""
    error = event.get("error")
    return str(error.get("Error", "")) if isinstance(error, dict) else "unknown"
