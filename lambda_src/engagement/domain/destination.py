"""The one door to the engagement services."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Protocol

from engagement.domain.destinations import DestinationName
from engagement.domain.event import Event, Key
from engagement.domain.request import Request


class Call(Enum):
    """What became of a request as a whole."""

    ANSWERED = auto()
    """The service took it and says of each item what became of it."""
    THROTTLED = auto()
    """Too many requests: nothing was processed."""
    REFUSED = auto()
    """The request is at fault, so at least one of its items is: nothing was processed."""
    UNUSABLE = auto()
    """What it is addressed to is gone or may not be written to: no request can succeed until somebody mends that."""
    UNKNOWN = auto()
    """No answer, or one that does not say whether the request was processed."""


class Item(Enum):
    """What became of one item of an answered request."""

    DONE = auto()
    AGAIN = auto()
    NEVER = auto()
    TOO_LARGE = auto()
    """It was not sent, since it is larger than the service takes."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The service's answer to one request.

    Parameters
    ----------
    events
        By event key; a missing key counts as `Item.AGAIN`.
    updates
        By folded endpoint id, for the customer data that rode along; a missing id counts as `Item.DONE`.
    """

    call: Call
    events: Mapping[Key, Item] = field(default_factory=dict)
    updates: Mapping[str, Item] = field(default_factory=dict)


class Destination(Protocol):
    """An engagement service that takes events in requests.

    Whoever delivers packs what is open, puts one request after the other at the destination's pace, and packs again
    what an answer leaves open. An event may come in several requests; it has the same key in all of them.
    """

    @property
    def name(self) -> DestinationName:
        """Which one it is."""

    def pack(self, events: Iterable[Event]) -> list[Request]:
        """As few requests as the service's limits allow; each event is in one of them, and none is empty.

        Two events of one key never share a request, since an answer could not tell them apart.
        """

    def put(self, request: Request) -> Answer:
        """Send one request; every failure is an answer, nothing is raised for what a service or network does."""
