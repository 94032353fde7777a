"""Journeys follow plans: made, renewed, mended, and cancelled when nobody is in them any more."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from engagement.domain.journeys.compiler import journey_name, journey_request
from engagement.domain.journeys.versions import Version, Versions
from engagement.domain.plans.model import Plan
from engagement.domain.runs.ports import RefusedError, StoredPlan, ThrottledError, UnknownOutcomeError

RENEW_AFTER = timedelta(days=500)
"""A journey runs for at most 540 days: https://docs.aws.amazon.com/pinpoint/latest/developerguide/quotas.html."""
LAST_ENTRIES = timedelta(minutes=15)
"""How long somebody may still choose a version that was superseded: longer than the announcer's longest call."""

MAKING = timedelta(seconds=30)
"""How long a journey is left to the call that makes it; if both make one, one is cancelled by the next look."""

_USABLE = ("DRAFT", "ACTIVE")


@dataclass(frozen=True, slots=True)
class Listed:
    """A journey as the service lists it."""

    id: str
    name: str
    state: str


class Journeys(Protocol):
    """Journeys of the engagement service, and the segment of those who may enter.

    Raises RefusedError for what it will never take, ThrottledError or UnknownOutcomeError for what may pass.
    """

    def all(self) -> Sequence[Listed]:
        """Journeys of the project."""

    def entry_segment(self) -> str:
        """ID of the segment of company endpoints, which is made if there is none."""

    def create(self, request: Mapping[str, Any]) -> str:
        """Make a journey and return its ID."""

    def activate(self, journey_id: str) -> None:
        """Publish a journey."""

    def cancel(self, journey_id: str) -> None:
        """Cancel a journey; one that is over, or gone, is fine."""

    def delete(self, journey_id: str) -> None:
        """Delete a journey that is not active; one that is gone is fine."""

    def delete_entry_segment(self) -> None:
        """Delete the segment of company endpoints."""


@dataclass(slots=True)
class Report:
    """What came of it.

    Parameters
    ----------
    refusals
        Why the service does not take a journey, by plan.
    mended
        Journeys that somebody had cancelled or deleted, and that were made again.
    left
        Plans whose journeys could not be looked after now; another time they may.
    """

    refusals: dict[str, str] = field(default_factory=dict)
    mended: int = 0
    left: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Deployer:
    """Makes journeys what the plans say.

    Parameters
    ----------
    running
        Whether a run is still under way.
    environment
        A name that no other environment has.
    function_arn
        The function that the journeys' activities call.
    live_after
        How long after its activation a journey may not let anybody in yet.
    """

    versions: Versions
    journeys: Journeys
    running: Callable[[str], bool]
    environment: str
    function_arn: str
    live_after: timedelta

    def deploy(self, plans: Mapping[str, tuple[StoredPlan, Plan]], now: datetime, call: str) -> Report:
        """Look after all journeys.

        Parameters
        ----------
        plans
            The plans that journeys carry, by event.
        call
            A name that no other call has.

        Returns
        -------
        Report
            Doing it again, also after it was cut off anywhere, leads to the same journeys.
        """
        report = Report()
        known = self.versions.all()
        if not plans and all(version.ended for version in known):
            return report
        look = _Look(self, known, self.journeys.all(), now, call, report)
        current: dict[str, Version] = {}
        for name, (stored, plan) in plans.items():
            try:
                current[name] = look.bring(stored, plan)
            except (ThrottledError, UnknownOutcomeError):
                report.left.add(name)
        for version in known:
            wanted = current.get(version.plan)
            unwanted = wanted is None or wanted.name != version.name
            if version.ended is None and unwanted and version.plan not in report.left:
                look.retire(version, wanted)
        return report

    def remove(self) -> None:
        """Cancel and delete every journey that was made for a plan, and the segment of company endpoints."""
        listed = self.journeys.all()
        for version in self.versions.all():
            for journey in _named(listed, version):
                self.journeys.cancel(journey.id)
                self.journeys.delete(journey.id)
        self.journeys.delete_entry_segment()


@dataclass(frozen=True, slots=True)
class _Look:
    """One look at all journeys."""

    by: Deployer
    known: Sequence[Version]
    listed: Sequence[Listed]
    now: datetime
    call: str
    report: Report

    def bring(self, stored: StoredPlan, plan: Plan) -> Version:
        """See that a plan's text has a journey, and that people can enter it."""
        version = self._current(stored, plan)
        ours = self._usable(version)
        if version.journey and version.journey not in {one.id for one in ours}:
            # Somebody has cancelled or deleted it.
            self.by.versions.write(replace(version, ended=self.now))
            self.report.mended += 1
            version = self._next(stored, plan)
            ours = self._usable(version)
        if not version.journey and version.maker != self.call and self.now - version.wished < MAKING:
            raise UnknownOutcomeError("another call is making it")
        known = version
        try:
            version = self._active(self._made(version, plan, ours), ours)
        except RefusedError as error:
            self.report.refusals[plan.event] = str(error)
            version = replace(version, refusal=str(error))
        if version != known:
            self.by.versions.write(version)
        return version

    def retire(self, version: Version, wanted: Version | None) -> None:
        """Let a version go whose successor is live, once nobody can enter it and everybody has left."""
        if wanted is not None and (wanted.live_from is None or wanted.live_from > self.now):
            return
        if version.superseded is None:
            self.by.versions.write(replace(version, superseded=self.now))
            return
        if self.now - version.superseded < LAST_ENTRIES or self._has_runs(version):
            return
        for journey in _named(self.listed, version):
            self.by.journeys.cancel(journey.id)
        self.by.versions.write(replace(version, ended=self.now))

    def _current(self, stored: StoredPlan, plan: Plan) -> Version:
        """The version of a plan's text; a new one if there is none, or if it is too old."""
        fits = [
            one
            for one in self._of(stored, plan)
            if not (one.ended or one.superseded) and self.now - one.wished < RENEW_AFTER
        ]
        return max(fits, key=lambda one: one.wished) if fits else self._next(stored, plan)

    def _next(self, stored: StoredPlan, plan: Plan) -> Version:
        """Wish for a version, or take the wish of a call that was faster."""
        count = 1 + len(self._of(stored, plan))
        version = Version.of(self.by.environment, plan.event, stored, count, self.now, self.call)
        return version if self.by.versions.wish(version) else replace(version, maker="")

    def _of(self, stored: StoredPlan, plan: Plan) -> list[Version]:
        return [one for one in self.known if one.plan == plan.event and one.is_of(self.by.environment, stored)]

    def _usable(self, version: Version) -> list[Listed]:
        return [one for one in _named(self.listed, version) if one.state in _USABLE]

    def _made(self, version: Version, plan: Plan, ours: Sequence[Listed]) -> Version:
        """The version with its journey; one that was made twice is cancelled: nobody noticed, both call the same."""
        by = self.by
        if not ours:
            request = journey_request(plan, version, by.journeys.entry_segment(), by.function_arn)
            return self._recorded(version, by.journeys.create(request))
        chosen = next((one for one in ours if one.id == version.journey), ours[0])
        for other in ours:
            if other.id != chosen.id:
                by.journeys.cancel(other.id)
        return version if version.journey else self._recorded(version, chosen.id)

    def _recorded(self, version: Version, journey_id: str) -> Version:
        version = replace(version, journey=journey_id)
        self.by.versions.write(version)
        return version

    def _active(self, version: Version, ours: Iterable[Listed]) -> Version:
        active = any(one.id == version.journey and one.state == "ACTIVE" for one in ours)
        if not active:
            self.by.journeys.activate(version.journey)
        return replace(version, refusal="", live_from=version.live_from or self.now + self.by.live_after)

    def _has_runs(self, version: Version) -> bool:
        """Whether runs are in a version; one that ended without saying so leaves now."""
        still = False
        for run in self.by.versions.inside(version):
            if self.by.running(run):
                still = True
            else:
                self.by.versions.leave(version.plan, version.name, run)
        return still


def _named(listed: Iterable[Listed], version: Version) -> list[Listed]:
    return [one for one in listed if one.name == journey_name(version)]
