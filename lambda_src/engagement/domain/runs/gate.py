"""Steps that a journey calls for: its call is awaited, and if it does not come the run goes on without it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from engagement.domain.plans.model import Step
from engagement.domain.runs.call import Call
from engagement.domain.runs.ports import RefusedError, ThrottledError
from engagement.domain.runs.position import Outcome, Phase
from engagement.domain.runs.records import StepRecord, StepStatus

_LOOKS = 20
"""How often a call is looked for before it counts as late."""
_OPENING_LOOK = timedelta(minutes=2)
_OPENING_LOOKS = 60
"""Two hours: the function that makes journeys looks at them every hour."""
_SOON = timedelta(seconds=5)


def called_at(call: Call, step: Step) -> datetime | None:
    """When the run's journey called for a step; None if it has not, or if none calls."""
    return call.world.ledger.called(call.at.run, step.id) if call.record.awaits_calls else None


def await_call(call: Call, step: StepRecord) -> Outcome:
    """Let the state machine wait for the journey's call; a run that is not in its journey yet enters it.

    The waits count, not a clock: the state machine is the one that knows how long it has waited.
    """
    step = replace(step, status=StepStatus.AWAITED)
    if any(earlier.wait is None for earlier in call.plan.steps[: call.at.step]):
        return _look_again(call, step, _LOOKS)
    try:
        return _enter(call, step)
    except ThrottledError:
        return call.come_back(step, call.at.phase, call.world.now() + _SOON)
    except RefusedError as error:
        return _go_on(call, step, str(error))


def _enter(call: Call, step: StepRecord) -> Outcome:
    world, phase = call.world, call.at.phase
    if phase in (Phase.PREPARED, Phase.CALL):
        if phase is Phase.PREPARED or call.at.looks == _LOOKS:
            # Once more at most: whoever is in the journey already is not let in again.
            world.entrance.enter(call.record)
        return _look_again(call, step, 2 * _LOOKS)
    opens = world.entrance.opens(call.record)
    if opens is None:
        if call.at.looks >= _OPENING_LOOKS:
            return _go_on(call, step, "the journey was not made")
        return call.come_back(step, Phase.OPENING, world.now() + _OPENING_LOOK)
    if opens > world.now():
        return call.come_back(step, Phase.BEGIN, opens)
    if not world.entrance.prepare(call.at.run):
        return call.come_back(step, Phase.BEGIN, world.now() + _SOON)
    return call.come_back(step, Phase.PREPARED, world.now() + world.settings.entry_settle)


def _look_again(call: Call, step: StepRecord, most: int) -> Outcome:
    if call.at.looks >= most:
        return _go_on(call, step, f"the journey did not call for step {call.step.id}")
    timeout = call.world.settings.call_timeout
    return call.come_back(step, Phase.CALL, call.world.now() + timeout / _LOOKS)


def _go_on(call: Call, step: StepRecord, reason: str) -> Outcome:
    """Do without the journey from here on; whatever it still calls for changes nothing."""
    call.world.ledger.lose_journey(call.at.run, reason)
    begun = replace(step, status=StepStatus.WORKING, began=call.world.now(), until=None)
    return replace(call.again(begun), fallback=True)
