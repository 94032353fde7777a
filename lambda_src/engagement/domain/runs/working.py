"""Making what a step needs: segments, counts, exports, campaigns; each can be cut off anywhere and done again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from engagement.domain.plans.compiler import PlannedStep, Run, compile_step
from engagement.domain.plans.names import Names
from engagement.domain.runs.audiences import Exports, Wished, audiences_of, too_large
from engagement.domain.runs.call import PACE_LOOK, Call, fail
from engagement.domain.runs.hearing import listen
from engagement.domain.runs.launching import launch
from engagement.domain.runs.making import Maker, Result, Wanted, wanted
from engagement.domain.runs.ports import RefusedError
from engagement.domain.runs.position import Outcome, Phase
from engagement.domain.runs.records import Kind, StepRecord, StepStatus
from engagement.domain.runs.reservations import needed, room
from engagement.domain.runs.sending import next_look
from engagement.domain.runs.watching import look

_ROOM_LOOK = timedelta(minutes=1)


def work(call: Call, step: StepRecord) -> Outcome:
    """Hear what recipients did if the step goes by it, make what is missing, then let the campaigns run.

    Raises
    ------
    PlanError
        The plan cannot be compiled with this event's values any more; nothing was made.
    """
    listened = listen(call, step)
    return listened if isinstance(listened, Outcome) else _make(call, listened)


def _make(call: Call, step: StepRecord) -> Outcome:
    if step.unsettled and call.at.phase is not Phase.SETTLED:
        return call.settle(step)
    if step.failure:
        return fail(call.world, call.record, call.at, step.failure)
    if not _has_room(call):
        return call.come_back(step, Phase.BEGIN, call.world.now() + _ROOM_LOOK)
    planned = _planned(call, step)
    things = [one for one in wanted(planned) if one.kind is Kind.SEGMENT or not call.record.dry_run]
    maker = _maker(call)
    made = {one.name: one.id for one in call.world.ledger.made(call.at.run) if one.kind is not Kind.EXPORT}
    if step.unsettled:
        made = maker.settle(things, made)
    first = maker.make(_at_first(call, planned, things), made, call.latest)
    step = replace(step, unsettled=first.unsettled or (step.unsettled and first.created > 0))
    if outcome := _unfinished(call, step, first):
        return outcome
    try:
        counts = _counted(call, first.made)
        if counts is None or not _exported(call, planned, first.made):
            return call.come_back(replace(step, status=StepStatus.COUNTING), Phase.LOOK, _soon(call))
    except RefusedError as error:
        return fail(call.world, call.record, call.at, str(error))
    step = replace(step, counts=counts)
    if reason := too_large(counts, call.world.settings.maximum_audience):
        return fail(call.world, call.record, call.at, reason)
    if call.record.dry_run:
        return call.complete(step)
    return _campaigns(call, step, maker, things, first)


def _at_first(call: Call, planned: PlannedStep, things: list[Wanted]) -> list[Wanted]:
    """What is made at once: no campaign if audiences are to be counted or exported before."""
    audiences_first = _is_counted(call) or planned.exports
    return [one for one in things if one.kind is Kind.SEGMENT] if audiences_first else things


def _is_counted(call: Call) -> bool:
    return call.record.dry_run or call.world.settings.maximum_audience > 0


def _campaigns(call: Call, step: StepRecord, maker: Maker, things: Sequence[Wanted], first: Result) -> Outcome:
    doubtful = step.unsettled or call.at.phase is Phase.SETTLED
    campaigns = maker.make(things, first.made, call.latest)
    step = replace(step, unsettled=campaigns.unsettled or step.unsettled or (doubtful and campaigns.created > 0))
    if outcome := _unfinished(call, step, campaigns):
        return outcome
    if step.unsettled:
        # What was made after an attempt of unknown outcome may be there twice, which shows only now.
        return call.settle(step)
    return launch(call, step) or look(call, replace(step, status=StepStatus.SENDING))


def _unfinished(call: Call, step: StepRecord, result: Result) -> Outcome | None:
    """What to do if not everything could be made; None if it was."""
    if result.refusal:
        if step.unsettled:
            return call.settle(replace(step, failure=result.refusal))
        return fail(call.world, call.record, call.at, result.refusal)
    if result.unsettled:
        return call.settle(step)
    if result.late:
        return call.again(step) if result.created else call.come_back(step, Phase.BEGIN, call.world.now() + PACE_LOOK)
    return None


def _has_room(call: Call) -> bool:
    """Whether the step's campaigns fit among those that may be active; if so, they are counted from now on."""
    world, campaigns = call.world, 0 if call.record.dry_run else needed(call.step, call.world.settings.plans)
    if call.record.reserved == campaigns:
        return True
    others = world.service.active_campaigns_of_others()
    return world.ledger.reserve(call.at.run, campaigns, room(world.settings.plans, others))


def _planned(call: Call, step: StepRecord) -> PlannedStep:
    run = Run(call.record.key, call.record.values)
    world = call.world
    planned = compile_step(call.plan, call.step, run, world.settings.plans, step.began, world.now())
    if planned.stamp is not None:
        world.stamping.set_values(call.at.run, call.at.step, planned.stamp)
    return planned


def _maker(call: Call) -> Maker:
    world = call.world
    return Maker(
        ledger=world.ledger,
        service=world.service,
        clock=world.clock,
        crew=world.crew,
        rates=world.settings.rates,
        run=call.at.run,
        index=call.at.step,
        step_id=call.step.id,
    )


def _exports(call: Call) -> Exports:
    world = call.world
    return Exports(world.ledger, world.clock, call.at.run, call.at.step, call.step.id, attempt=call.owner)


def _counted(call: Call, ids: Mapping[str, str]) -> Mapping[str, int] | None:
    """Endpoints by audience if they have to be counted; None while that is under way."""
    if not _is_counted(call):
        return {}
    names = Names(call.plan.event, call.record.key)
    wished = [
        Wished(names.of("count", call.step.id, audience), audience, ids[names.of("segment", audience)])
        for audience in audiences_of(call.step)
    ]
    exports = _exports(call).ready(call.world.counting, wished)
    if exports is None:
        return None
    return {export.audience: export.reached for export in exports}


def _exported(call: Call, planned: PlannedStep, ids: Mapping[str, str]) -> bool:
    """Whether the audiences that are stamped by export are on the stamp queue."""
    if call.record.dry_run:
        return True
    wished = [Wished(one.name, one.audience, ids[one.segment]) for one in planned.exports]
    exports, by = _exports(call), call.world.exporting
    ready = exports.ready(by, wished)
    return ready is not None and all(exports.put(by, export, call.world.stamping, call.latest) for export in ready)


def _soon(call: Call) -> datetime:
    return next_look([], call.world.now(), call.at.looks)
