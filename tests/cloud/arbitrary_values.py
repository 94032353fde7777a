"""Arbitrary names and values, class by class of characters, from the caller's URL to what Pinpoint accepted."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from tests.cloud.deployment import Deployment, query

VALUES = 20_000
NAMES_PER_CALL = 39
# A project knows 500 attribute names; five classes share them with the other tests.
NAMES_PER_CLASS = 80
URL_BYTES = 7_000
UNSET = {"", "undefined", "null", "NaN", "[object Object]"}

RANGES: dict[str, list[range]] = {
    "printable-ascii": [range(0x20, 0x7F)],
    "latin": [range(0xA0, 0x250)],
    "cjk-and-emoji": [range(0x4E00, 0x9FFF), range(0x1F300, 0x1F650)],
    "url-reserved": [range(0x21, 0x30), range(0x3A, 0x41), range(0x5B, 0x61), range(0x7B, 0x7F), range(0x30, 0x33)],
    "control": [range(0x20), range(0x7F, 0xA0)],
}


@dataclass(frozen=True)
class RoundTrip:
    """What was sent and what arrived.

    Parameters
    ----------
    statuses
        How often each status answered.
    sent, arrived
        Attributes by event id; `sent` without the id itself, which every event carries.
    """

    statuses: Counter[int]
    sent: Mapping[str, Mapping[str, str]]
    arrived: Mapping[str, Mapping[str, str]]

    @property
    def values(self) -> int:
        """How many values were sent."""
        return sum(map(len, self.sent.values()))

    def expected(self) -> dict[str, dict[str, str]]:
        """What must arrive: everything but what means "no value", and the event's id."""
        return {
            event_id: {name: value for name, value in attributes.items() if value not in UNSET} | {"event_id": event_id}
            for event_id, attributes in self.sent.items()
        }

    def wrong(self) -> int:
        """How many attributes are missing, changed or were never sent."""
        wrong = 0
        for event_id, expected in self.expected().items():
            arrived = self.arrived.get(event_id, {})
            wrong += sum(expected.get(name) != arrived.get(name) for name in expected.keys() | arrived.keys())
        return wrong


def round_trip(shop: Deployment, name: str) -> RoundTrip:
    """Send at least `VALUES` values of a class of characters as a browser writes them, and wait for their events."""
    sent = {f"{name}-{number}": attributes for number, attributes in enumerate(_calls(name, random.Random(name)))}
    since = shop.mark()
    statuses = shop.call_all(
        query(
            {"event": "round.trip", "endpoint_id": name, "event_id": event_id}
            | {f"evat_{attribute}": value for attribute, value in attributes.items()}
        )
        for event_id, attributes in sent.items()
    )
    events = shop.wait_for_events(statuses[200], since)
    return RoundTrip(statuses, sent, {event_id: event["Attributes"] for _, event_id, event in events})


def _calls(name: str, randomness: random.Random) -> Iterator[dict[str, str]]:
    """Calls packed with attributes whose names and values are of one class of characters."""
    characters = "".join(chr(point) for points in RANGES[name] for point in points)
    values = _texts(characters, randomness, lambda: randomness.choice([1, 2, 5, 12, 12, 30]))
    prefixes = _texts(characters, randomness, lambda: randomness.randint(1, 6))
    names = [f"{next(prefixes)}{number}" for number in range(NAMES_PER_CLASS)]
    left = VALUES
    while left > 0:
        attributes: dict[str, str] = {}
        for attribute in randomness.sample(names, min(NAMES_PER_CALL, left)):
            attributes[attribute] = next(values)
            if len(query(attributes)) > URL_BYTES:
                break
        left -= len(attributes)
        yield attributes


def _texts(characters: str, randomness: random.Random, lengths: Callable[[], int]) -> Iterator[str]:
    while True:
        yield "".join(randomness.choices(characters, k=lengths()))
