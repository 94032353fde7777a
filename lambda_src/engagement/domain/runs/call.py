"""One call of the state machine's function: what it works with, and the ways in which it can end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from engagement.domain.crew import Crew
from engagement.domain.plans.model import Plan, Step
from engagement.domain.plans.settings import PlanSettings
from engagement.domain.runs.ports import (
    Clock,
    Counting,
    Entrance,
    Exporting,
    Hearing,
    Ledger,
    Service,
    Stamping,
    now,
)
from engagement.domain.runs.position import Next, Outcome, Phase, Position
from engagement.domain.runs.records import Kind, RunRecord, RunStatus, StepRecord, StepStatus
from engagement.domain.runs.sending import withdraw

RESERVE_SECONDS = 10.0
"""Kept at the end of a call for requests under way and for the ledger."""
PACE_LOOK = timedelta(seconds=10)
"""When a call looks again whose requests found no place at the pace of all runs."""
_COUNTED = frozenset({Phase.LOOK, Phase.OPENING, Phase.CALL})
"""What is waited for again and again; how often is what the position's looks say."""


@dataclass(frozen=True, slots=True)
class WalkSettings:
    """How runs are walked.

    Parameters
    ----------
    plans
        What plans may reach.
    rates
        Requests per second that this environment may send, by kind.
    launches_per_second
        Campaigns that this environment may start; 0 where campaigns go by themselves.
    settle
        How long the service may take to list what it has made.
    overdue, abandoned
        How long after its last start a step may take before somebody has to look, and before its run fails.
    maximum_audience
        Endpoints that one audience may have; 0: any number, and audiences are not counted.
    entry_settle
        How long a new company endpoint may stay hidden from the segment of those who may enter journeys.
    call_timeout
        How long a journey's call is awaited.
    longest_hearing
        How long a step waits for what recipients did to be recorded.
    removes_campaigns
        Whether campaigns are deleted when their run has ended, since the service holds few.
    """

    plans: PlanSettings
    rates: Mapping[Kind, float]
    settle: timedelta
    overdue: timedelta
    maximum_audience: int = 0
    entry_settle: timedelta = timedelta(seconds=60)
    call_timeout: timedelta = timedelta(minutes=10)
    abandoned: timedelta = timedelta(days=7)
    longest_hearing: timedelta = timedelta(minutes=10)
    launches_per_second: float = 0.0
    removes_campaigns: bool = False


@dataclass(frozen=True, slots=True)
class World:
    """Everything outside a run whose destination is one and the same.

    Parameters
    ----------
    counting
        Says how many belong to an audience; where there is nothing cheaper, the exports do.
    """

    ledger: Ledger
    service: Service
    stamping: Stamping
    counting: Counting
    exporting: Exporting
    entrance: Entrance
    hearing: Hearing
    clock: Clock
    crew: Crew
    settings: WalkSettings

    def now(self) -> datetime:
        """The moment, in UTC."""
        return now(self.clock)


@dataclass(frozen=True, slots=True)
class Call:
    """One call for one step of a run.

    Parameters
    ----------
    owner
        A name that no other call has.
    deadline
        Seconds since 1970 at which the call ends, whatever happens.
    """

    world: World
    record: RunRecord
    plan: Plan
    at: Position
    owner: str
    deadline: float

    @property
    def step(self) -> Step:
        """The step of the plan."""
        return self.plan.steps[self.at.step]

    @property
    def latest(self) -> float:
        """Seconds since 1970 after which nothing new begins."""
        return self.deadline - RESERVE_SECONDS

    def again(self, step: StepRecord) -> Outcome:
        """Let the state machine call again at once."""
        self.world.ledger.leave(self.at.run, self.owner, step)
        return Outcome(Next.STEP, replace(self.at, phase=Phase.BEGIN))

    def come_back(self, step: StepRecord, phase: Phase, until: datetime, *, overdue: bool = False) -> Outcome:
        """Let the state machine wait, and call again."""
        self.world.ledger.leave(self.at.run, self.owner, replace(step, until=until))
        looks = self.at.looks + 1 if phase in _COUNTED else 0
        return Outcome(Next.WAIT, replace(self.at, phase=phase, looks=looks), until, overdue)

    def settle(self, step: StepRecord) -> Outcome:
        """Wait until the service lists whatever it may have made."""
        until = self.world.now() + self.world.settings.settle
        unsettled = replace(step, status=StepStatus.SETTLING, unsettled=True)
        return self.come_back(unsettled, Phase.SETTLED, until)

    def complete(self, step: StepRecord) -> Outcome:
        """Go on to the next step."""
        ended = step.ended or self.world.now()
        done = replace(step, status=StepStatus.COMPLETED, ended=ended, until=None, unsettled=False)
        self.world.ledger.leave(self.at.run, self.owner, done)
        return Outcome(Next.STEP, Position(self.at.run, self.at.step + 1))


def gone(destination: str) -> str:
    """Why nothing can be done for a run, and what to do."""
    return (
        f"{destination}, by which the run sends, is not a destination any more; what the run has made there is left. "
        "Configure the destination again until its runs have ended, or look there for what carries the run's ID"
    )


def fail(world: World, record: RunRecord, at: Position, reason: str) -> Outcome:
    """End a run that cannot go on: nothing more is made, and what has not been sent is taken back."""
    world.ledger.ask_to_stop(record.run, reason)
    withdrawn = withdraw(world.service, world.ledger, record.run)
    world.ledger.reserve(record.run, 0, 0)
    world.entrance.leave(record)
    world.ledger.end_run(record.run, RunStatus.FAILED, world.now(), f"{reason} ({withdrawn})")
    return Outcome(Next.FAILED, at)
