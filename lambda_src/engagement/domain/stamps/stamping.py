"""Stamping: batches become requests, and every endpoint ends as stamped, refused, dropped or left."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from engagement.domain.crew import Crew
from engagement.domain.destination import Call
from engagement.domain.pacing import Pace
from engagement.domain.stamps.batches import Batch, BatchKey, Endpoints, Kept, Step
from engagement.domain.turns import Clock, Turns

Values = Mapping[str, Sequence[str]]

_MOST_LOOKED_AT = 10
"""Endpoints of one request that have to be looked at first, each with a call of its own."""


@dataclass(frozen=True, slots=True)
class Update:
    """One request: user attributes for some endpoints."""

    step: Step
    values: Values
    endpoints: Endpoints

    def halves(self) -> Iterator[Update]:
        """The same in two requests."""
        items = list(self.endpoints.items())
        middle = len(items) // 2
        yield replace(self, endpoints=dict(items[:middle]))
        yield replace(self, endpoints=dict(items[middle:]))


Parts = Sequence[tuple[Update, Call]]
"""A request in parts, each of which succeeded or failed as a whole."""


class Updates(Protocol):
    """A destination that changes endpoints.

    Attributes
    ----------
    most
        Endpoints that one request takes.
    together
        Requests that may be under way at once.
    """

    most: int
    together: int

    def same(self, endpoint_id: str) -> str:
        """What all spellings of an endpoint's id have in common."""

    def update(self, update: Update) -> Parts:
        """Send one request and say what became of it; nothing is raised for what a service does."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a step stamps.

    Parameters
    ----------
    values
        User attributes; none, if nobody knows the step.
    stopping
        Whether its run is to stop, so that nothing more is stamped.
    """

    values: Values
    stopping: bool


@dataclass(slots=True)
class Stamping:
    """What became of the batches of one destination.

    Parameters
    ----------
    stamped, dropped
        Endpoints that have the values now, and those whose run is to stop.
    refused
        Endpoints that the service does not take, or whose step nobody knows, by step.
    done
        Batches of which nothing is left.
    left
        The others.
    shrunk
        Those of the others of which something is done, with what is left.
    """

    stamped: int = 0
    dropped: int = 0
    refused: Counter[Step] = field(default_factory=Counter)
    done: list[BatchKey] = field(default_factory=list)
    left: set[BatchKey] = field(default_factory=set)
    shrunk: list[Batch] = field(default_factory=list)
    requests: int = 0
    throttled: int = 0

    def figures(self) -> tuple[int, int, int, int, int]:
        """Stamped, refused, dropped, requests, throttled."""
        return self.stamped, self.refused.total(), self.dropped, self.requests, self.throttled


@dataclass(frozen=True, slots=True)
class Stamper:
    """What stamps at one destination.

    Parameters
    ----------
    pace
        Kept between batches.
    crew
        Sends requests side by side.
    """

    updates: Updates
    pace: Pace
    crew: Crew


def stamp(
    batches: Iterable[Batch], orders: Mapping[Step, Order], stamper: Stamper, clock: Clock, deadline: float
) -> Stamping:
    """Stamp batches of one destination until all are settled or the time is up.

    Parameters
    ----------
    batches
        Each once.
    orders
        What the step of every batch stamps.
    deadline
        Time of `clock` after which no request is started.

    Returns
    -------
    Stamping
        A request that fails for what is in it is halved until the endpoint at fault is alone.
    """
    return _Run(stamper, Turns(stamper.pace, clock, deadline)).of(list(batches), orders)


@dataclass(slots=True)
class _Run:
    """Batches on their way. An endpoint is known by its step and by what its spellings have in common."""

    stamper: Stamper
    turns: Turns
    result: Stamping = field(default_factory=Stamping)
    queue: deque[Update] = field(default_factory=deque)
    settled: set[tuple[Step, str]] = field(default_factory=set)

    def of(self, batches: list[Batch], orders: Mapping[Step, Order]) -> Stamping:
        for step, endpoints in self._merged(batches).items():
            self._plan(step, orders[step], endpoints)
        while updates := self._due():
            for parts in self._sent(updates):
                self.result.requests += 1
                for update, call in parts:
                    self._settle(update, call)
        for batch in batches:
            self._close(batch)
        return self.result

    def _plan(self, step: Step, order: Order, endpoints: Endpoints) -> None:
        whole = Update(step, order.values, endpoints)
        if order.stopping:
            self._remember(whole)
            self.result.dropped += len(endpoints)
        elif not order.values:
            self._refuse(whole)
        else:
            most = self.stamper.updates.most
            seen = [item for item in endpoints.items() if item[1] is not None]
            unseen = [item for item in endpoints.items() if item[1] is None]
            for items, size in ((seen, most), (unseen, min(most, _MOST_LOOKED_AT))):
                for start in range(0, len(items), size):
                    self.queue.append(replace(whole, endpoints=dict(items[start : start + size])))

    def _due(self) -> list[Update]:
        """The requests that go out now; none if nothing is left, or no time."""
        due: list[Update] = []
        while self.queue and len(due) < self.stamper.updates.together and self.turns.wait():
            due.append(self.queue.popleft())
        return due

    def _sent(self, updates: list[Update]) -> list[Parts]:
        if len(updates) == 1:
            return [self.stamper.updates.update(updates[0])]
        return self.stamper.crew(self.stamper.updates.update, updates)

    def _settle(self, update: Update, call: Call) -> None:
        self.turns.note(call)
        match call:
            case Call.ANSWERED:
                self.turns.pause.end()
                self._remember(update)
                self.result.stamped += len(update.endpoints)
            case Call.REFUSED if len(update.endpoints) > 1:
                self.queue.extendleft(reversed(list(update.halves())))
            case Call.REFUSED:
                self._refuse(update)
            case Call.THROTTLED | Call.UNKNOWN | Call.UNUSABLE:
                self.result.throttled += call is Call.THROTTLED
                self.queue.append(update)

    def _refuse(self, update: Update) -> None:
        self._remember(update)
        self.result.refused[update.step] += len(update.endpoints)

    def _remember(self, update: Update) -> None:
        self.settled.update((update.step, self.stamper.updates.same(name)) for name in update.endpoints)

    def _close(self, batch: Batch) -> None:
        left = {
            endpoint_id: keep
            for endpoint_id, keep in batch.endpoints.items()
            if (batch.key.step, self.stamper.updates.same(endpoint_id)) not in self.settled
        }
        if not left:
            self.result.done.append(batch.key)
            return
        self.result.left.add(batch.key)
        if len(left) < len(batch.endpoints):
            self.result.shrunk.append(replace(batch, endpoints=left))

    def _merged(self, batches: Iterable[Batch]) -> dict[Step, dict[str, Kept | None]]:
        """By step, every endpoint once under one spelling; what any of the batches keeps is kept."""
        spelling: dict[tuple[Step, str], str] = {}
        merged: dict[Step, dict[str, Kept | None]] = {}
        for batch in batches:
            step = batch.key.step
            endpoints = merged.setdefault(step, {})
            for endpoint_id, keep in batch.endpoints.items():
                known = spelling.setdefault((step, self.stamper.updates.same(endpoint_id)), endpoint_id)
                before = endpoints.get(known)
                endpoints[known] = before if keep is None else {**(before or {}), **keep}
        return merged
