"""A run, one step of the way at a time: what the state machine's function does at each call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from engagement.domain.plans.faults import PlanError
from engagement.domain.plans.model import Plan
from engagement.domain.runs import gate
from engagement.domain.runs.call import PACE_LOOK, RESERVE_SECONDS, Call, World, fail
from engagement.domain.runs.ports import ThrottledError
from engagement.domain.runs.position import Next, Outcome, Phase, Position
from engagement.domain.runs.records import RunRecord, RunStatus, StepRecord, StepStatus
from engagement.domain.runs.removing import remove_segments
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
    load
        The plan of a run, in the version with which it began; raises PlanError.
    """

    world: World
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
        record = self.world.ledger.run(at.run)
        if record is None:
            raise UnknownRunError(at.run)
        if record.status is RunStatus.RUNNING and record.stopping and record.reason:
            # A call was cut off while it took back what the run had made.
            return fail(self.world, record, at, record.reason)
        if record.status is not RunStatus.RUNNING or record.stopping:
            return Outcome(_ENDED.get(record.status, Next.STOPPED), at)
        try:
            plan = self.load(record)
            if at.step >= len(plan.steps):
                return self._finish(record, at, deadline)
            return self._step(Call(self.world, record, plan, at, owner, deadline))
        except PlanError as error:
            return fail(self.world, record, at, str(error))

    def give_up(self, run: str, reason: str) -> None:
        """Fail a run that cannot go on, and take back what has not started."""
        record = self.world.ledger.run(run)
        if record is not None and record.status is RunStatus.RUNNING:
            fail(self.world, record, Position(run), reason)

    def _step(self, call: Call) -> Outcome:
        until = datetime.fromtimestamp(call.deadline, UTC)
        taken = self.world.ledger.take(call.at.run, call.at.step, call.owner, self.world.now(), until)
        if taken is None:
            return Outcome(Next.STOPPED, call.at)
        if isinstance(taken, datetime):
            return Outcome(Next.WAIT, call.at, taken + timedelta(seconds=1))
        if taken.status is StepStatus.COMPLETED:
            return call.complete(taken)
        if call.step.wait is not None:
            return self._wait(call, taken, call.step.wait)
        if taken.status in (StepStatus.SENDING, StepStatus.STAMPING):
            return look(call, taken)
        if call.record.awaits_calls and taken.status in (StepStatus.WORKING, StepStatus.AWAITED):
            return self._called(call, taken)
        return work(call, taken)

    def _called(self, call: Call, step: StepRecord) -> Outcome:
        """A step that a journey calls for begins with the call, or when those before it have ended."""
        called = gate.called_at(call, call.step)
        if called is None:
            return gate.await_call(call, step)
        if step.status is StepStatus.AWAITED:
            call = replace(call, at=replace(call.at, phase=Phase.BEGIN))
            step = replace(step, status=StepStatus.WORKING, began=called)
        return work(call, step)

    def _wait(self, call: Call, step: StepRecord, wait: timedelta) -> Outcome:
        """A wait is over when the state machine has waited: it is the one that knows how."""
        if call.at.phase is Phase.WAITED or call.record.dry_run:
            return call.complete(step)
        self.world.ledger.reserve(call.at.run, 0, 0)
        waiting = StepRecord(step.index, StepStatus.WAITING, step.began)
        before = call.plan.steps[call.at.step - 1] if call.at.step else None
        # A journey waits from its call on, not from the end of what it called for.
        since = (gate.called_at(call, before) if before else None) or step.began
        return call.come_back(waiting, Phase.WAITED, since + wait)

    def _finish(self, record: RunRecord, at: Position, deadline: float) -> Outcome:
        """Close a run: its campaigns have ended, so its segments can go."""
        if not remove_segments(self.world, record.run, deadline - RESERVE_SECONDS):
            return Outcome(Next.WAIT, at, self.world.now() + PACE_LOOK)
        self.world.ledger.reserve(record.run, 0, 0)
        try:
            self.world.entrance.leave(record)
        except ThrottledError:
            return Outcome(Next.WAIT, at, self.world.now() + PACE_LOOK)
        self.world.ledger.end_run(record.run, RunStatus.COMPLETED, self.world.now())
        return Outcome(Next.COMPLETED, at)
