"""Stamping: batches become requests, and every endpoint ends as stamped, refused, dropped or left."""

from __future__ import annotations

from collections import Counter, deque
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
    """What became of batches.

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

    def metrics(self) -> dict[str, int]:
        """The figures under the names of their metrics."""
        return {
            "EndpointsStamped": self.stamped,
            "EndpointsRefused": self.refused.total(),
            "EndpointsDropped": self.dropped,
            "UpdateEndpointsBatchRequests": self.requests,
            "UpdateEndpointsBatchThrottled": self.throttled,
        }


def stamp(
    batches: Iterable[Batch], orders: Mapping[Step, Order], updates: Updates, pace: Pace, clock: Clock, deadline: float
) -> Stamping:
    """Stamp batches until all are settled or the time is up.

    Parameters
    ----------
    batches
        Each once.
    orders
        What the step of every batch stamps.
    pace
        Kept by the caller between batches.
    deadline
        Time of `clock` after which no request is started.

    Returns
    -------
    Stamping
        A request that fails for what is in it is halved until the endpoint at fault is alone.
    """
    return _Run(updates, Turns(pace, clock, deadline)).of(list(batches), orders)


@dataclass(slots=True)
class _Run:
    """Batches on their way. An endpoint is known by its step and its folded id."""

    updates: Updates
    turns: Turns
    result: Stamping = field(default_factory=Stamping)
    queue: deque[Update] = field(default_factory=deque)
    settled: set[tuple[Step, str]] = field(default_factory=set)

    def of(self, batches: list[Batch], orders: Mapping[Step, Order]) -> Stamping:
        for step, endpoints in _merged(batches).items():
            self._plan(step, orders[step], endpoints)
        while self.queue and self.turns.wait():
            update = self.queue.popleft()
            self._settle(update, self.updates.update(update))
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
            items = list(endpoints.items())
            for start in range(0, len(items), MOST_ENDPOINTS):
                self.queue.append(replace(whole, endpoints=dict(items[start : start + MOST_ENDPOINTS])))

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
                self._refuse(update)
            case Call.THROTTLED | Call.UNKNOWN | Call.UNUSABLE:
                self.result.throttled += call is Call.THROTTLED
                self.queue.append(update)

    def _refuse(self, update: Update) -> None:
        self._remember(update)
        self.result.refused[update.step] += len(update.endpoints)

    def _remember(self, update: Update) -> None:
        self.settled.update((update.step, folded(endpoint_id)) for endpoint_id in update.endpoints)

    def _close(self, batch: Batch) -> None:
        left = {
            endpoint_id: keep
            for endpoint_id, keep in batch.endpoints.items()
            if (batch.key.step, folded(endpoint_id)) not in self.settled
        }
        if not left:
            self.result.done.append(batch.key)
            return
        self.result.left.add(batch.key)
        if len(left) < len(batch.endpoints):
            self.result.shrunk.append(replace(batch, endpoints=left))


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
