"""What the engagement service took: read from the journal of its calls as they come."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from local_cloud.pinpoint import Pinpoint
from local_cloud.pinpoint.journal import Entry

_MOST_EVENTS: Final = 10_000
_MOST_HISTORY: Final = 50
_ACCEPTED: Final = 202


@dataclass(frozen=True)
class Arrival:
    """One event that was sent to the service.

    Attributes
    ----------
    application_id, endpoint_id, event_id, event
        What arrived where.
    moment
        When, Unix milliseconds.
    status
        The status that the service gave it.
    attributes, metrics
        What it says.
    """

    application_id: str
    endpoint_id: str
    event_id: str
    event: str
    moment: int
    status: int
    attributes: dict[str, str]
    metrics: dict[str, float]


class Arrivals:
    """Keeps the last events.

    Parameters
    ----------
    pinpoint
        The emulator.
    """

    def __init__(self, pinpoint: Pinpoint) -> None:
        self._pinpoint = pinpoint
        self._next = 0
        self._events: deque[Arrival] = deque()
        self._last: dict[str, Arrival] = {}

    def update(self) -> None:
        """Read what came since the last time."""
        self._next, entries = self._pinpoint.journal.entries(self._next)
        fresh: list[Arrival] = []
        for entry in reversed(entries):
            if len(fresh) >= _MOST_EVENTS:
                break
            fresh += _arrivals(entry)
        for arrival in reversed(fresh):
            self._events.append(arrival)
            if arrival.status == _ACCEPTED:
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


def _arrivals(entry: Entry) -> Iterator[Arrival]:
    """The events of one call that took effect, last one first."""
    if entry.operation != "PutEvents" or not entry.processed:
        return
    batch, results = json.loads(entry.request)["BatchItem"], json.loads(entry.response)["Results"]
    moment = int(datetime.fromisoformat(entry.time).timestamp() * 1000)
    for endpoint_id, item in reversed(batch.items()):
        for event_id, event in reversed(item["Events"].items()):
            yield Arrival(
                application_id=entry.application_id,
                endpoint_id=endpoint_id,
                event_id=event_id,
                event=event["EventType"],
                moment=moment,
                status=results[endpoint_id]["EventsItemResponse"][event_id]["StatusCode"],
                attributes=event.get("Attributes", {}),
                metrics=event.get("Metrics", {}),
            )
