"""Stamping: batches become requests, and every endpoint ends as stamped, refused or open."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from engagement.domain.destination import Call
from engagement.domain.event import folded
from engagement.domain.pacing import Pace
from engagement.domain.stamps.batches import MOST_ENDPOINTS, Batch, BatchKey, Endpoints, Kept, Step
from engagement.domain.turns import Clock, Turns

Values = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Update:
    """One request: user attributes for at most 100 endpoints."""

    step: Step
    values: Values
    endpoints: Endpoints

    def halves(self) -> Iterator[Update]:
        """The same in two requests."""
        items = list(self.endpoints.items())
        middle = len(items) // 2
        yield replace(self, endpoints=dict(items[:middle]))
        yield replace(self, endpoints=dict(items[middle:]))


class Updates(Protocol):
    """An engagement service that changes many endpoints in one request."""

    def update(self, update: Update) -> Call:
        """Send one request, which succeeds or fails as a whole; nothing is raised for what a service does."""


@dataclass(slots=True)
class Stamping:
    """What became of batches.

    Parameters
    ----------
    stamped, refused
        Endpoints that have the values now, and those that the service takes from nobody.
    done
        Batches of which nothing is left.
    left
        What is left of the others.
    """

    stamped: int = 0
    refused: int = 0
    done: list[BatchKey] = field(default_factory=list)
    left: list[Batch] = field(default_factory=list)
    requests: int = 0
    throttled: int = 0


def stamp(
    batches: Iterable[Batch], values: Mapping[Step, Values], updates: Updates, pace: Pace, clock: Clock, deadline: float
) -> Stamping:
    """Stamp batches until all are settled or the time is up.

    Parameters
    ----------
    batches
        Each once.
    values
        User attributes by run and index of the step, for every batch.
    pace
        Kept by the caller between batches.
    deadline
        Time of `clock` after which no request is started.
    """
    return _Run(updates, Turns(pace, clock, deadline)).of(list(batches), values)


@dataclass(slots=True)
class _Run:
    """Batches on their way. An endpoint is known by its step and its folded id."""

    updates: Updates
    turns: Turns
    result: Stamping = field(default_factory=Stamping)
    queue: deque[Update] = field(default_factory=deque)
    settled: set[tuple[Step, str]] = field(default_factory=set)

    def of(self, batches: list[Batch], values: Mapping[Step, Values]) -> Stamping:
        for step, endpoints in _merged(batches).items():
            items = list(endpoints.items())
            for start in range(0, len(items), MOST_ENDPOINTS):
                self.queue.append(Update(step, values[step], dict(items[start : start + MOST_ENDPOINTS])))
        while self.queue and self.turns.wait():
            update = self.queue.popleft()
            self._settle(update, self.updates.update(update))
        for batch in batches:
            self._close(batch)
        return self.result

    def _settle(self, update: Update, call: Call) -> None:
        self.result.requests += 1
        self.turns.note(call)
        match call:
            case Call.ANSWERED:
                self.turns.pause.end()
                self._remember(update)
                self.result.stamped += len(update.endpoints)
            case Call.REFUSED if len(update.endpoints) > 1:
                self.queue.extendleft(reversed(list(update.halves())))
            case Call.REFUSED:
                self._remember(update)
                self.result.refused += 1
            case Call.THROTTLED | Call.UNKNOWN | Call.UNUSABLE:
                self.result.throttled += call is Call.THROTTLED
                self.queue.append(update)

    def _remember(self, update: Update) -> None:
        self.settled.update((update.step, folded(endpoint_id)) for endpoint_id in update.endpoints)

    def _close(self, batch: Batch) -> None:
        left = {
            endpoint_id: keep
            for endpoint_id, keep in batch.endpoints.items()
            if (batch.key.step, folded(endpoint_id)) not in self.settled
        }
        if left:
            self.result.left.append(replace(batch, endpoints=left))
        else:
            self.result.done.append(batch.key)


def _merged(batches: Iterable[Batch]) -> dict[Step, dict[str, Kept]]:
    """By step, every endpoint once under one spelling; what any of the batches keeps is kept."""
    spelling: dict[tuple[Step, str], str] = {}
    merged: dict[Step, dict[str, Kept]] = {}
    for batch in batches:
        step = batch.key.step
        endpoints = merged.setdefault(step, {})
        for endpoint_id, keep in batch.endpoints.items():
            known = spelling.setdefault((step, folded(endpoint_id)), endpoint_id)
            endpoints[known] = {**endpoints.get(known, {}), **keep}
    return merged
