"""Batches, and a service that stamps, for tests of the domain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engagement.domain.destination import Call
from engagement.domain.stamps.batches import Batch, BatchKey, Endpoints
from engagement.domain.stamps.stamping import Order, Parts, Update
from tests.unit.builders import ManualClock

RUN = "0123456789abcdef0123456789abcdef01234567"
ORDER = Order({"plan": ["gold"]}, stopping=False)


def batch(numbers: range, source: str = "campaign", run: str = RUN, index: int = 0) -> Batch:
    """A batch of endpoints with these numbers; every third is INACTIVE, every fifth has opted out."""
    return named([f"e-{number}" for number in numbers], source, run, index)


def named(ids: list[str], source: str = "campaign", run: str = RUN, index: int = 0) -> Batch:
    """A batch of these endpoints, in the same state each time."""
    endpoints = {name: at_first(name) for name in ids}
    return Batch(BatchKey.of(run, index, source, endpoints), endpoints)


def at_first(name: str) -> Mapping[str, str]:
    """What is to be kept of an endpoint."""
    number = int(name.partition("-")[2])
    return {
        **({} if number % 3 else {"EndpointStatus": "INACTIVE"}),
        **({} if number % 5 else {"OptOut": "ALL"}),
    }


@dataclass
class Service:
    """An engagement service with a script of faults; after its end every request is answered.

    It refuses a request that names one of `poison`. As in the real one, an update makes an endpoint active.
    """

    clock: ManualClock = field(default_factory=ManualClock)
    script: list[Call] = field(default_factory=list)
    poison: set[str] = field(default_factory=set)
    taken_before_failing: bool = False
    requests: list[tuple[float, Endpoints]] = field(default_factory=list)
    stamped: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    states: dict[str, Mapping[str, str] | None] = field(default_factory=dict)
    most: int = 100
    together: int = 1

    def same(self, endpoint_id: str) -> str:
        return endpoint_id.lower()

    def update(self, update: Update) -> Parts:
        return [(update, self._update(update))]

    def _update(self, update: Update) -> Call:
        self.requests.append((self.clock.now, update.endpoints))
        self.clock.now += 0.02
        call = self.script.pop(0) if self.script else Call.ANSWERED
        poisoned = bool(self.poison & update.endpoints.keys())
        if call is Call.ANSWERED and poisoned:
            return Call.REFUSED
        if call is Call.ANSWERED or (call is Call.UNKNOWN and self.taken_before_failing and not poisoned):
            for name, keep in update.endpoints.items():
                self.stamped.setdefault(name.lower(), {}).update(
                    {attribute: list(values) for attribute, values in update.values.items()}
                )
                self.states[name.lower()] = keep
        return call
