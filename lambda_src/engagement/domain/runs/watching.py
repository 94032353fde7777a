"""Watching what a step has set going, until it is over."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from engagement.domain.runs.call import Call, fail
from engagement.domain.runs.position import Outcome, Phase
from engagement.domain.runs.records import Kind, Made, StepRecord, StepStatus
from engagement.domain.runs.sending import look_at, next_look

_STAMP_AGAIN = timedelta(minutes=15)


def look(call: Call, step: StepRecord) -> Outcome:
    """See whether the step's campaigns have ended and its stamps are written, and go on if so."""
    world, at = call.world, call.at
    campaigns = [one for one in world.ledger.made(at.run) if one.kind is Kind.CAMPAIGN and one.step == at.step]
    going = look_at(world.service, world.ledger, world.clock, at.run, campaigns, call.latest)
    now = world.now()
    status = StepStatus.SENDING
    if not going and call.step.stamp is not None:
        status = StepStatus.STAMPING
        world.stamping.send_again(at.run, at.step, now - _STAMP_AGAIN)
    if not going and not (call.step.stamp and world.stamping.pending(at.run, at.step, call.record.sends_by)):
        return call.complete(step)
    step = replace(step, status=status, unsettled=False)
    return unless_abandoned(call, step, campaigns, Phase.LOOK, next_look(going, now, at.looks))


def unless_abandoned(call: Call, step: StepRecord, campaigns: Iterable[Made], phase: Phase, until: datetime) -> Outcome:
    """Come back, unless the step takes far longer than any should."""
    settings = call.world.settings
    late = call.world.now() - _last_start(campaigns, step)
    if late > settings.abandoned:
        return fail(call.world, call.record, call.at, f"step {call.step.id} did not end within {settings.abandoned}")
    return call.come_back(step, phase, until, overdue=late > settings.overdue)


def _last_start(campaigns: Iterable[Made], step: StepRecord) -> datetime:
    return max([one.starts for one in campaigns if one.starts], default=step.began)
