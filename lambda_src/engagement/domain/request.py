"""Packing events into as few requests as a destination's limits allow."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from engagement.domain.event import Event, Key


@dataclass(slots=True)
class Request:
    """Events that travel together.

    Parameters
    ----------
    weight
        Upper bound of its size, in bytes.
    units
        What it takes of the quota that its destination is paced by.
    """

    events: dict[Key, Event] = field(default_factory=dict)
    weight: int = 0
    units: int = 1

    def by_endpoint(self) -> dict[str, list[Event]]:
        """The events of each endpoint, in the order in which they came, by the id as the first of them spells it."""
        endpoints: dict[str, list[Event]] = {}
        for (endpoint, _), event in self.events.items():
            endpoints.setdefault(endpoint, []).append(event)
        return {events[0].endpoint_id: events for events in endpoints.values()}

    def halves(self) -> tuple[list[Event], list[Event]]:
        """Its events in two parts, to find the one that makes the service refuse."""
        events = list(self.events.values())
        middle = len(events) // 2
        return events[:middle], events[middle:]


def merged_update(events: Iterable[Event]) -> dict[str, str]:
    """The update of one endpoint that several events ask for: the last value of each name holds."""
    update: dict[str, str] = {}
    for event in events:
        update.update(event.user_attributes)
    return update


def pack(events: Iterable[Event], most_events: int, most_bytes: float) -> list[Request]:
    """Requests of at most so many events and bytes, in order.

    Events of one key (see `Event.key`) never share a request: the second would overwrite the first.
    """
    requests: list[Request] = []
    waiting = list(events)
    while waiting:
        request = Request()
        left: list[Event] = []
        for position, event in enumerate(waiting):
            if len(request.events) == most_events or (request.events and request.weight + event.weight > most_bytes):
                left.extend(waiting[position:])
                break
            key = event.key
            if key in request.events:
                left.append(event)
                continue
            request.events[key] = event
            request.weight += event.weight
        requests.append(request)
        waiting = left
    return requests


def distinct(events: Iterable[Event]) -> tuple[list[Event], int]:
    """What a batch must send, oldest first, and how many events only repeat another of the same key and content."""
    kept: list[Event] = []
    by_key: dict[Key, list[Event]] = {}
    received = 0
    for event in sorted(events, key=lambda event: event.timestamp):
        received += 1
        same_key = by_key.setdefault(event.key, [])
        if not any(event.says_the_same_as(other) for other in same_key):
            same_key.append(event)
            kept.append(event)
    return kept, received - len(kept)
