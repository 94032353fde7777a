"""Events and an engagement service for tests of the domain."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from engagement.domain import limits
from engagement.domain.crew import Result, Thing
from engagement.domain.destination import Answer, Call, Item
from engagement.domain.destinations import DestinationName
from engagement.domain.event import Event, Key, folded
from engagement.domain.request import Request, merged_update, pack
from engagement.domain.rules import globs

PINPOINT = {DestinationName.PINPOINT: globs(["*"])}
BOTH = PINPOINT | {DestinationName.CONNECT: globs(["plan"])}


def event(number: int = 0, **changes: Any) -> Event:
    """An event whose ids hold `number`."""
    fields: dict[str, Any] = {
        "message_id": f"m-{number}",
        "event_id": f"id-{number}",
        "endpoint_id": f"e-{number}",
        "event_type": "page.view",
        "timestamp": 1_790_000_000_000 + number,
        "attributes": {"event_id": f"id-{number}"},
        "metrics": {},
        "user_attributes": {},
        "weight": 1_000,
    }
    return Event(**fields | changes)


@dataclass
class ManualClock:
    """Time that passes only when somebody waits or works."""

    now: float = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float, /) -> None:
        self.now += seconds


@dataclass
class Crew:
    """Work that takes as long as its longest part, in the time of a clock."""

    clock: ManualClock

    def __call__(self, work: Callable[[Thing], Result], things: Iterable[Thing], /) -> list[Result]:
        start, end = self.clock.now, self.clock.now
        results = []
        for thing in things:
            self.clock.now = start
            results.append(work(thing))
            end = max(end, self.clock.now)
        self.clock.now = end
        return results


@dataclass
class Service:
    """An engagement service with a script of faults, which remembers what it took.

    `script` says of each call what becomes of it as a whole; after its end every call is answered.
    `taken_before_failing` tells whether a call without an answer was processed all the same.
    """

    clock: ManualClock
    script: list[Call] = field(default_factory=list)
    item: Callable[[Event], Item] = lambda _: Item.DONE
    update: Callable[[str], Item] = lambda _: Item.DONE
    refuses: Callable[[Event], bool] = lambda _: False
    taken_before_failing: bool = False
    seconds_per_call: float = 0.02
    taken: Counter[Key] = field(default_factory=Counter)
    user_attributes: dict[str, dict[str, str]] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    calls: list[float] = field(default_factory=list)
    name: DestinationName = DestinationName.PINPOINT
    most_events: int = limits.EVENTS_PER_REQUEST

    def pack(self, events: Iterable[Event]) -> list[Request]:
        return pack(events, self.most_events, limits.REQUEST_BYTES)

    def put(self, request: Request) -> Answer:
        self.calls.append(self.clock.now)
        self.clock.sleep(self.seconds_per_call)
        self.requests.append(request)
        call = self.script.pop(0) if self.script else Call.ANSWERED
        if any(self.refuses(event) for event in request.events.values()):
            call = Call.REFUSED
        if call is Call.UNKNOWN and self.taken_before_failing:
            self._take(request)
        return self._take(request) if call is Call.ANSWERED else Answer(call)

    def _take(self, request: Request) -> Answer:
        items = {key: self.item(event) for key, event in request.events.items()}
        self.taken.update(key for key, item in items.items() if item is Item.DONE)
        updates = {}
        for endpoint_id, events in request.by_endpoint().items():
            outcome = updates[folded(endpoint_id)] = self.update(endpoint_id)
            if outcome is Item.DONE:
                self.user_attributes.setdefault(endpoint_id, {}).update(merged_update(events))
        return Answer(Call.ANSWERED, items, updates)
