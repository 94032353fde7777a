"""From an announcement to a run that the state machine walks, once, or to a refusal with its reasons."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

from engagement.domain.destinations import DestinationName
from engagement.domain.journeys.versions import Version, Versions, entrance
from engagement.domain.plans.compiler import Run, compile_plan
from engagement.domain.plans.faults import Fault, PlanError
from engagement.domain.plans.model import Orchestrator, Plan
from engagement.domain.plans.names import Names, plain
from engagement.domain.plans.rules import orchestrator
from engagement.domain.plans.settings import PlanSettings
from engagement.domain.runs.announcement import Announcement, Ended, Stop
from engagement.domain.runs.call import gone
from engagement.domain.runs.keeping import read_plan
from engagement.domain.runs.narrowing import narrowed
from engagement.domain.runs.outline import outline
from engagement.domain.runs.ports import Clock, Entrance, Ledger, Service, StoredPlan, now
from engagement.domain.runs.records import RunRecord, RunStatus
from engagement.domain.runs.reservations import most_needed, room
from engagement.domain.runs.sending import withdraw

_NAME_LENGTH = 39
_STOP_LOOK_SECONDS = 2.0
_ABORTED = "ABORTED"
_STOP_WAIT_SECONDS = 40.0
_MOST_FAULTS = 50


class Plans(Protocol):
    """The plans that are in force."""

    def current(self, plan: str) -> StoredPlan | None:
        """The plan of an event; None if there is none."""

    def version(self, key: str, version: str) -> StoredPlan:
        """A plan as it was."""


class Machine(Protocol):
    """The state machine that walks runs."""

    def start(self, name: str, run: str) -> None:
        """Start the execution of a run; one that exists already is left alone."""

    def stop(self, name: str, cause: str) -> None:
        """Stop an execution, if it is there."""


class BusyError(Exception):
    """It cannot be done yet."""


class Announced(StrEnum):
    """What became of a message."""

    STARTED = "started"
    REPEATED = "repeated"
    REFUSED = "refused"
    STOPPED = "stopped"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Announcer:
    """Starts and stops runs.

    Parameters
    ----------
    service_of
        What sends at a destination; None if it is not configured.
    settle
        How long the service may take to list what it has made.
    """

    ledger: Ledger
    service_of: Callable[[DestinationName], Service | None]
    plans: Plans
    versions: Versions
    entrance: Entrance
    machine: Machine
    clock: Clock
    settings: PlanSettings
    settle: timedelta

    def announce(self, announcement: Announcement) -> Announced:
        """Start the run of an announcement, unless it is there already.

        Repeating a call, also one that was cut off anywhere, leads to the same single run.

        Raises
        ------
        BusyError
            The plan's journey is not made yet.
        """
        began = now(self.clock)
        run = Names(announcement.plan, announcement.key).run
        record = RunRecord(
            run=run,
            key=announcement.key,
            plan=announcement.plan,
            status=RunStatus.RUNNING,
            values={},
            plan_key="",
            plan_version="",
            began=began,
            dry_run=announcement.dry_run,
            only_step=announcement.step,
            sends_by=self.settings.sends_by,
        )
        try:
            plan, record = self._checked(announcement, record)
        except PlanError as error:
            return self._refuse(record, [str(fault) for fault in error.faults])
        if record.journey:
            self.versions.enter(record.plan, record.journey, run)
        if not self.ledger.claim(record):
            there = self.ledger.run(run)
            if there is None or there.status is not RunStatus.RUNNING or there.started:
                return Announced.REPEATED
            record = there
        if not record.dry_run and not self._has_room(record, plan):
            return Announced.REFUSED
        self.machine.start(execution_name(record), run)
        self.ledger.mark_started(run)
        return Announced.STARTED

    def stop(self, stop: Stop) -> Announced:
        """Stop a run: nothing more is made, and what has not been sent is taken back.

        Raises
        ------
        BusyError
            A call is still making things, or has died; what it made is taken back when this is called again.
        """
        record = self.ledger.run(stop.run)
        if record is None:
            return Announced.UNKNOWN
        if record.status is not RunStatus.RUNNING:
            return Announced.REPEATED
        self.ledger.ask_to_stop(record.run)
        self.machine.stop(execution_name(record), "stopped by a stop event")
        self._take_back(record, RunStatus.STOPPED, "stopped by a stop event")
        return Announced.STOPPED

    def ended(self, ended: Ended) -> Announced:
        """Close a run whose execution is over while the ledger has it running: nobody walks it any more.

        Raises
        ------
        BusyError
            As for `stop`.
        """
        record = self.ledger.run(ended.run)
        if record is None:
            return Announced.UNKNOWN
        stops = record.stopping and ended.status == _ABORTED
        if record.status is not RunStatus.RUNNING or stops:
            # Whoever aborts an execution after asking the run to stop also closes it.
            return Announced.REPEATED
        self.ledger.ask_to_stop(record.run)
        self._take_back(record, RunStatus.FAILED, f"its execution ended: {ended.status}")
        return Announced.STOPPED

    def _take_back(self, record: RunRecord, status: RunStatus, reason: str) -> None:
        service = self.service_of(record.sends_by)
        if service is None:
            withdrawn = gone(record.sends_by)
        else:
            # At once what is known, since it may start soon; then what a call may still have made.
            withdraw(service, self.ledger, record.run)
            self._let_calls_end(record.run)
            withdrawn = str(withdraw(service, self.ledger, record.run))
            self.entrance.leave(record)
        self.ledger.reserve(record.run, 0, 0)
        self.ledger.end_run(record.run, status, now(self.clock), f"{reason} ({withdrawn})")

    def _checked(self, announcement: Announcement, record: RunRecord) -> tuple[Plan, RunRecord]:
        """The plan, and the run as it is to be claimed; a PlanError if it cannot be carried out with this event."""
        stored = self.plans.current(announcement.plan)
        if stored is None:
            remedy = f"Put one into the plan bucket as plans/{announcement.plan}.json"
            raise PlanError([Fault((), f'there is no plan for the event "{announcement.plan}"', remedy)])
        plan = read_plan(announcement.plan, stored.text, self.settings)
        if fault := _way_in(plan, announcement):
            raise PlanError([fault])
        version = self._version(plan, record)
        if version is not None and version.plan_version != stored.version:
            # The plan has changed; the run keeps to what its journey was made from.
            stored = self.plans.version(version.plan_key, version.plan_version)
            plan = read_plan(announcement.plan, stored.text, self.settings)
        plan = narrowed(plan, announcement.step)
        run = Run.of(announcement.key, announcement.detail)
        compile_plan(plan, run, self.settings, record.began)
        return plan, replace(
            record,
            values=run.values,
            plan_key=stored.key,
            plan_version=stored.version,
            outline=outline(plan),
            journey=version.name if version else "",
        )

    def _version(self, plan: Plan, record: RunRecord) -> Version | None:
        """The version of the plan's journey that the run enters; None if it enters none."""
        if orchestrator(plan, self.settings) is not Orchestrator.JOURNEY or record.dry_run or record.only_step:
            return None
        version = entrance(self.versions.of_plan(plan.event), record.began)
        if version is None and plan.otherwise is None:
            raise BusyError("the plan's journey is not made yet; the event comes back")
        return version

    def _has_room(self, record: RunRecord, plan: Plan) -> bool:
        """Reserve what the run needs of the active campaigns; refuse it if that is too much now."""
        service = self.service_of(record.sends_by)
        if service is None:
            self.ledger.end_run(record.run, RunStatus.REFUSED, now(self.clock), gone(record.sends_by))
            return False
        settings = replace(self.settings, sends_by=record.sends_by)
        most = room(settings, service.active_campaigns_of_others())
        if self.ledger.reserve(record.run, needs := most_needed(plan, settings), most):
            return True
        reason = (
            f"the plan needs {needs} campaigns active at once, and fewer of the account's are free ({most} for all "
            "runs together). Send the event again when other runs have ended"
        )
        self.ledger.end_run(record.run, RunStatus.REFUSED, now(self.clock), reason)
        return False

    def _refuse(self, record: RunRecord, faults: list[str]) -> Announced:
        refused = replace(
            record,
            status=RunStatus.REFUSED,
            ended=record.began,
            faults=tuple(faults[:_MOST_FAULTS]),
            reason="the plan has faults",
        )
        return Announced.REFUSED if self.ledger.claim(refused) else Announced.REPEATED

    def _let_calls_end(self, run: str) -> None:
        """Wait for a call that is still making things; if it has died, until the service lists what it made."""
        latest = self.clock.time() + _STOP_WAIT_SECONDS
        while (until := self.ledger.leased_until(run)) and now(self.clock) < until + self.settle:
            if self.clock.time() > latest:
                raise BusyError("a call of the step function is still at work; the stop event comes back")
            self.clock.sleep(_STOP_LOOK_SECONDS)


def execution_name(record: RunRecord) -> str:
    """Name of a run's execution: at most 80 characters that Step Functions can log."""
    return f"{plain(record.plan)[:_NAME_LENGTH]}-{record.run}"


def _way_in(plan: Plan, announcement: Announcement) -> Fault | None:
    """What is wrong with the way in which this plan is started."""
    where = ("orchestrator",)
    if plan.orchestrator is Orchestrator.SCHEDULE and not announcement.planned and not announcement.step:
        return Fault(where, "a schedule starts this plan, not an event", "Use state_machine, or do not send the event")
    return None
