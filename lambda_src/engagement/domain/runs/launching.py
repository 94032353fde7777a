"""Launching: campaigns that do not go by themselves are started once nothing of their step can be there twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from engagement.domain.pacing import SAFETY, Pause
from engagement.domain.runs.call import PACE_LOOK, Call, fail
from engagement.domain.runs.ports import RefusedError, ThrottledError, UnknownOutcomeError
from engagement.domain.runs.position import Outcome, Phase
from engagement.domain.runs.records import Kind, Made, StepRecord
from engagement.domain.runs.watching import unless_abandoned

_OPERATION = "StartCampaign"
_LAUNCHED = "LAUNCHED"
_BOOKED_TOGETHER = 5
_LOOK = timedelta(minutes=1)
"""When a campaign is tried again that could not be started."""


def launch(call: Call, step: StepRecord) -> Outcome | None:
    """Start the campaigns of a step that were not started yet; None once all are.

    A call that is cut off anywhere is repeated: the service knows which campaigns it has started.
    """
    if not call.world.settings.launches_per_second:
        return None
    made = call.world.ledger.made(call.at.run)
    campaigns = [one for one in made if one.kind is Kind.CAMPAIGN and one.step == call.at.step]
    waiting = [one for one in campaigns if not one.status]
    launched = 0
    for one, slot in _slots(call, waiting):
        try:
            gone = _launched(call, one, slot)
        except RefusedError as error:
            return fail(call.world, call.record, call.at, f"campaign {one.name}: {error}")
        if gone is None and launched:
            return call.again(step)
        if gone is None:
            return unless_abandoned(call, step, campaigns, Phase.BEGIN, call.world.now() + PACE_LOOK)
        if gone:
            call.world.ledger.record(call.at.run, replace(one, status=_LAUNCHED))
            launched += 1
    if launched == len(waiting):
        return None
    return unless_abandoned(call, step, campaigns, Phase.BEGIN, call.world.now() + _LOOK)


def _launched(call: Call, campaign: Made, slot: float) -> bool | None:
    """Start one; None if the time was over first."""
    clock, pause = call.world.clock, Pause()
    while slot < call.latest:
        clock.sleep(max(0.0, slot - clock.time()))
        try:
            return call.world.service.launch(campaign.id)
        except (ThrottledError, UnknownOutcomeError):
            pause.lengthen()
            slot = _booked(call, 1, clock.time() + pause.seconds)
    return None


def _slots(call: Call, campaigns: Sequence[Made]) -> Iterator[tuple[Made, float]]:
    """Campaigns with the moments at which they may be started, booked in the ledger a few at a time."""
    for start in range(0, len(campaigns), _BOOKED_TOGETHER):
        part = campaigns[start : start + _BOOKED_TOGETHER]
        first = _booked(call, len(part), call.world.clock.time())
        yield from ((one, first + number / _rate(call)) for number, one in enumerate(part))


def _booked(call: Call, count: int, not_before: float) -> float:
    return call.world.ledger.slots(_OPERATION, _rate(call), count, not_before, call.latest)


def _rate(call: Call) -> float:
    return call.world.settings.launches_per_second * SAFETY
