"""What is due in the journeys of an application. Whoever asks holds the lock."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from local_cloud.pinpoint.applications import Application
from local_cloud.pinpoint.environment import Environment
from local_cloud.pinpoint.journey_entries import Entrance, SegmentEntry
from local_cloud.pinpoint.journey_graph import entry_segment
from local_cloud.pinpoint.journey_progress import Progress
from local_cloud.pinpoint.journey_runs import Movement
from local_cloud.service.moments import duration, iso_8601, known_instant


def due_in_journeys(environment: Environment, application: Application) -> Iterator[Callable[[], None]]:
    """Let those in whose events wait, change states that are due, and yield what takes longer.

    Parameters
    ----------
    environment
        What it works with.
    application
        Whose journeys.

    Yields
    ------
    Callable
        To call in any thread; nothing is yielded twice.
    """
    journeys = application.journeys
    waiting, journeys.waiting = journeys.waiting, []
    for identifier, endpoint_id in waiting:
        progress = journeys.progress(identifier)
        if progress and journeys.documents.get(identifier)["State"] == "ACTIVE":
            Entrance(environment, application, journeys.documents.get(identifier), progress).by_event(endpoint_id)
    for journey, progress in journeys.under_way():
        if not progress.paused:
            yield from _Journey(environment, application, journey, progress).due()


@dataclass(frozen=True)
class _Journey:
    """A journey that is under way."""

    environment: Environment
    application: Application
    journey: Mapping[str, Any]
    progress: Progress

    def due(self) -> Iterator[Callable[[], None]]:
        """Yield what is due."""
        now, progress, state = iso_8601(self.environment.wall_clock()), self.progress, self.journey["State"]
        if progress.status == "SCHEDULED" and progress.begins <= now:
            progress.become("RUNNING", now)
        # Service model, JourneyResponse: it has passed its scheduled end time. Or its longest run time (reading).
        if state == "ACTIVE" and progress.ends <= now:
            state = self._change("CLOSED", now)
        if state == "ACTIVE" and self._refreshes(now):
            self._plan_refresh(now)
            yield self._enter
        yield from self._moves(now)
        if state == "CLOSED" and not progress.participants and not progress.entering:
            self._change("COMPLETED", now)
            progress.become("COMPLETED", now)

    def _refreshes(self, now: str) -> bool:
        progress = self.progress
        if progress.entering or progress.status != "RUNNING":
            return False
        if progress.refresh_due is not None and progress.refresh_due <= now:
            return True
        return bool(self.journey.get("RefreshOnSegmentUpdate")) and progress.segment_version < self._version()

    def _version(self) -> int:
        return int(self.application.segments.get(entry_segment(self.journey) or "")["Version"])

    def _plan_refresh(self, now: str) -> None:
        length = duration(self.journey.get("RefreshFrequency", ""))
        factor = self.environment.settings().time_factor
        self.progress.refresh_due = iso_8601(known_instant(now) + length / factor) if length else None
        self.progress.entering = True

    def _enter(self) -> None:
        SegmentEntry(Entrance(self.environment, self.application, self.journey, self.progress))()
        with self.environment.lock:
            moves = list(self._moves(iso_8601(self.environment.wall_clock())))
        for move in moves:
            move()

    def _moves(self, now: str) -> Iterator[Movement]:
        participants = self.progress.claim(now)
        if participants:
            yield Movement(self.environment, self.application, self.journey, self.progress, participants)

    def _change(self, state: str, now: str) -> str:
        self.application.journeys.change_state(self.journey["Id"], state, now)
        return state
