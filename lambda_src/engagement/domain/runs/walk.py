"""A run, one step of the way at a time: what the state machine's function does at each call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from engagement.domain.destinations import DestinationName
from engagement.domain.plans.faults import PlanError
from engagement.domain.plans.model import Plan
from engagement.domain.runs import gate
from engagement.domain.runs.call import PACE_LOOK, RESERVE_SECONDS, Call, World, fail, gone
from engagement.domain.runs.ports import Clock, Ledger, ThrottledError, now
from engagement.domain.runs.position import Next, Outcome, Phase, Position
from engagement.domain.runs.records import RunRecord, RunStatus, StepRecord, StepStatus
from engagement.domain.runs.removing import remove
from engagement.domain.runs.watching import look
from engagement.domain.runs.working import work

_ENDED = {RunStatus.COMPLETED: Next.COMPLETED, RunStatus.FAILED: Next.FAILED}


class UnknownRunError(Exception):
    """The ledger does not know the run."""


@dataclass(frozen=True, slots=True)
class Walker:
    """Walks runs.

    Parameters
    ----------
    world_of
        The world of a destination; None if it is not configured.
    load
        The plan of a run, in the version with which it began; raises PlanError.
    """

    ledger: Ledger
    clock: Clock
    world_of: Callable[[DestinationName], World | None]
    load: Callable[[RunRecord], Plan]

    def advance(self, at: Position, owner: str, deadline: float) -> Outcome:
        """Do what is to be done now.

        Parameters
        ----------
        at
            Where the state machine stands.
        owner
            A name that no other call has: whoever holds a step's lease under another name is another call.
        deadline
            Seconds since 1970 at which this call ends, whatever happens.

        Returns
        -------
        Outcome
            Repeating a call, also one that was cut off anywhere, leads to the same segments and campaigns.

        Raises
        ------
        UnknownRunError
            There is no such run.
        """
        record = self.ledger.run(at.run)
        if record is None:
            raise UnknownRunError(at.run)
        if record.status is not RunStatus.RUNNING or (record.stopping and not record.reason):
            return Outcome(_ENDED.get(record.status, Next.STOPPED), at)
        world = self.world_of(record.sends_by)
        if world is None:
            return self._lose(record, at)
        if record.stopping:
            # A call was cut off while it took back what the run had made.
            return fail(world, record, at, record.reason)
        try:
            plan = self.load(record)
            if at.step >= len(plan.steps):
                return _finish(world, record, at, deadline)
            return _step(Call(world, record, plan, at, owner, deadline))
        except PlanError as error:
            return fail(world, record, at, str(error))

    def give_up(self, run: str, reason: str) -> None:
        """Fail a run that cannot go on, and take back what has not started."""
        record = self.ledger.run(run)
        if record is None or record.status is not RunStatus.RUNNING:
            return
        if world := self.world_of(record.sends_by):
            fail(world, record, Position(run), reason)
        else:
            self._lose(record, Position(run))

    def _lose(self, record: RunRecord, at: Position) -> Outcome:
        """Fail a run whose destination is gone, and with it whatever the run has made there."""
        reason = gone(record.sends_by)
        self.ledger.ask_to_stop(record.run, reason)
        self.ledger.reserve(record.run, 0, 0)
        self.ledger.end_run(record.run, RunStatus.FAILED, now(self.clock), reason)
        return Outcome(Next.FAILED, at)


def _step(call: Call) -> Outcome:
    until = datetime.fromtimestamp(call.deadline, UTC)
    taken = call.world.ledger.take(call.at.run, call.at.step, call.owner, call.world.now(), until)
    if taken is None:
        return Outcome(Next.STOPPED, call.at)
    if isinstance(taken, datetime):
        return Outcome(Next.WAIT, call.at, taken + timedelta(seconds=1))
    if taken.status is StepStatus.COMPLETED:
        return call.complete(taken)
    if call.step.wait is not None:
        return _wait(call, taken, call.step.wait)
    if taken.status in (StepStatus.SENDING, StepStatus.STAMPING):
        return look(call, taken)
    if call.record.awaits_calls and taken.status in (StepStatus.WORKING, StepStatus.AWAITED):
        return _called(call, taken)
    return work(call, taken)


def _called(call: Call, step: StepRecord) -> Outcome:
    """A step that a journey calls for begins with the call, or when those before it have ended."""
    called = gate.called_at(call, call.step)
    if called is None:
        return gate.await_call(call, step)
    if step.status is StepStatus.AWAITED:
        call = replace(call, at=replace(call.at, phase=Phase.BEGIN))
        step = replace(step, status=StepStatus.WORKING, began=called)
    return work(call, step)


def _wait(call: Call, step: StepRecord, wait: timedelta) -> Outcome:
    """A wait is over when the state machine has waited: it is the one that knows how."""
    if call.at.phase is Phase.WAITED or call.record.dry_run:
        return call.complete(step)
    call.world.ledger.reserve(call.at.run, 0, 0)
    waiting = StepRecord(step.index, StepStatus.WAITING, step.began)
    before = call.plan.steps[call.at.step - 1] if call.at.step else None
    # A journey waits from its call on, not from the end of what it called for.
    since = (gate.called_at(call, before) if before else None) or step.began
    return call.come_back(waiting, Phase.WAITED, since + wait)


def _finish(world: World, record: RunRecord, at: Position, deadline: float) -> Outcome:
    """Close a run: its campaigns have ended, so what served them can go."""
    if not remove(world, record.run, deadline - RESERVE_SECONDS):
        return Outcome(Next.WAIT, at, world.now() + PACE_LOOK)
    world.ledger.reserve(record.run, 0, 0)
    try:
        world.entrance.leave(record)
    except ThrottledError:
        return Outcome(Next.WAIT, at, world.now() + PACE_LOOK)
    world.ledger.end_run(record.run, RunStatus.COMPLETED, world.now())
    return Outcome(Next.COMPLETED, at)
