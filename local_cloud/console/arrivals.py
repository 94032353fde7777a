"""What the engagement services took: read from the journals of their calls as they come."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, Final

from local_cloud.console.taken import ACCEPTED, Arrival, by_pinpoint, by_profiles
from local_cloud.pinpoint import Pinpoint
from local_cloud.profiles import Profiles
from local_cloud.service.journal import Entry, Journal

_MOST_EVENTS: Final = 10_000
_MOST_HISTORY: Final = 50


class Arrivals:
    """Keeps the last events.

    Parameters
    ----------
    pinpoint, profiles
        The emulators.
    """

    def __init__(self, pinpoint: Pinpoint, profiles: Profiles) -> None:
        self._sources = [_Source(pinpoint.journal, by_pinpoint), _Source(profiles.journal, by_profiles)]
        self._events: deque[Arrival] = deque()
        self._last: dict[str, Arrival] = {}

    def update(self) -> None:
        """Read what came since the last time."""
        for source in self._sources:
            for arrival in source.fresh():
                self._events.append(arrival)
                if arrival.status == ACCEPTED:
                    self._last[arrival.event_id] = arrival
        while len(self._events) > _MOST_EVENTS:
            forgotten = self._events.popleft()
            if self._last.get(forgotten.event_id) is forgotten:
                del self._last[forgotten.event_id]

    def find(self, event_ids: Iterable[str], since: int) -> Arrival | None:
        """Find an event that was accepted at a time or later.

        Parameters
        ----------
        event_ids
            Ids that it may have.
        since
            Unix milliseconds.

        Returns
        -------
        Arrival or None
            The last one.
        """
        known = (self._last.get(event_id) for event_id in event_ids)
        return next((arrival for arrival in known if arrival and arrival.moment >= since), None)

    def history(self, application_id: str, endpoint_id: str) -> list[dict[str, Any]]:
        """Return the last events of an endpoint, newest first, as documents.

        Parameters
        ----------
        application_id, endpoint_id
            The endpoint, in any spelling.
        """
        key = endpoint_id.lower()
        own = (
            event
            for event in reversed(self._events)
            if event.application_id == application_id and event.endpoint_id.lower() == key
        )
        return [asdict(event) for event, _ in zip(own, range(_MOST_HISTORY), strict=False)]


@dataclass
class _Source:
    """A journal, and how its calls are read."""

    journal: Journal
    read: Callable[[Entry], Iterator[Arrival]]
    next: int = 0

    def fresh(self) -> list[Arrival]:
        """Return what came since the last time, oldest first."""
        self.next, entries = self.journal.entries(self.next)
        fresh: list[Arrival] = []
        for entry in reversed(entries):
            if len(fresh) >= _MOST_EVENTS:
                break
            fresh += self.read(entry)
        return fresh[::-1]
