"""Participants of a journey move on, from activity to activity, until they wait or are through."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from local_cloud.pinpoint.applications import Application
from local_cloud.pinpoint.environment import Environment
from local_cloud.pinpoint.function_calls import ENDPOINTS_PER_CALL
from local_cloud.pinpoint.journey_conditions import Conditions, Way
from local_cloud.pinpoint.journey_graph import MESSAGES, parts
from local_cloud.pinpoint.journey_messages import Messages
from local_cloud.pinpoint.journey_progress import Participant, Progress
from local_cloud.pinpoint.journey_waits import performed_at
from local_cloud.service.moments import iso_8601, known_instant

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Movement:
    """Moves participants whose activity is due.

    Attributes
    ----------
    environment, application
        What it works with.
    journey, progress
        The journey.
    participants
        Who was claimed for it.
    """

    environment: Environment
    application: Application
    journey: Document
    progress: Progress
    participants: Sequence[Participant]

    def __call__(self) -> None:
        """Move everybody as far as possible. Functions are called for several batches at once."""
        batches = list(_batches(self.participants))
        workers = min(len(batches), int(self.environment.settings().function_concurrency))
        with ThreadPoolExecutor(workers, thread_name_prefix="pinpoint-journey") as pool:
            for result in [pool.submit(self._move, batch) for batch in batches]:
                result.result()

    def _move(self, batch: Sequence[Participant]) -> None:
        groups = [batch]
        while groups:
            group = groups.pop()
            with self.environment.lock:
                due = self._due(group)
            if due:
                ways = self._perform(due[0].activity, due)
                with self.environment.lock:
                    groups.extend(self._go_on(due, ways))

    def _due(self, group: Sequence[Participant]) -> list[Participant]:
        """Let those wait whose activity is not due yet; return the others.

        Service model, JourneyStateRequest: of a journey that was cancelled or paused, no activity is started.
        """
        now = self.environment.wall_clock()
        may_start = not self.progress.paused and not self.environment.stopping.is_set()
        due = []
        for participant in group:
            if participant.id not in self.progress.participants:
                continue
            if not participant.until:
                participant.until = iso_8601(self._performed_at(participant, now))
                self.progress.count_at(participant.activity, "TOTAL", len(participant.endpoints))
            participant.busy = may_start and participant.until <= iso_8601(now)
            if participant.busy:
                due.append(participant)
        return due

    def _performed_at(self, participant: Participant, now: datetime) -> datetime:
        return performed_at(
            self.journey["Activities"],
            participant.activity,
            participant.came_from,
            now,
            known_instant(self.progress.created),
            self.environment.settings().time_factor,
        )

    def _perform(self, identifier: str, group: Sequence[Participant]) -> list[Way]:
        """Perform an activity for participants who stand there; return the way of each."""
        kind, settings = parts(self.journey["Activities"][identifier])
        if kind in MESSAGES:
            messages = Messages(self.environment, self.application, self.journey, self.progress)
            messages.send(identifier, kind, settings, group)
            return [Way(settings.get("NextActivity"))] * len(group)
        conditions = Conditions(self.environment, self.application)
        with self.environment.lock:
            return [conditions.way(kind, settings, participant) for participant in group]

    def _go_on(self, group: Sequence[Participant], ways: Sequence[Way]) -> list[list[Participant]]:
        now = iso_8601(self.environment.wall_clock())
        moved = []
        for participant, way in zip(group, ways, strict=True):
            # Who was cancelled in the meantime does not go on.
            if participant.id not in self.progress.participants:
                continue
            number = len(participant.endpoints)
            if way.path:
                self.progress.count_at(participant.activity, way.path, number)
            self.progress.passed[participant.activity] = self.progress.passed.get(participant.activity, 0) + number
            if way.activity:
                participant.move_to(way.activity, now)
                moved.append(participant)
            else:
                self.progress.dismiss(participant, "ENDPOINT_LEFT")
        return _by_activity(moved)


def _by_activity(participants: Iterable[Participant]) -> list[list[Participant]]:
    ordered = sorted(participants, key=lambda participant: participant.activity)
    return [list(group) for _, group in groupby(ordered, key=lambda participant: participant.activity)]


def _batches(participants: Iterable[Participant]) -> Iterator[list[Participant]]:
    """Yield batches that stand at the same activity and have no more endpoints than a function takes at once."""
    for group in _by_activity(participants):
        batch: list[Participant] = []
        for participant in group:
            if batch and sum(len(one.endpoints) for one in (*batch, participant)) > ENDPOINTS_PER_CALL:
                yield batch
                batch = []
            batch.append(participant)
        yield batch
