"""One event as a caller asked for it, and as the destination may have it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from engagement.domain.reasons import RejectReason

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Key = tuple[str, str]
Reference = tuple[str, int | None]
"""A queue message and the place of an event in it; None where the message is one event, or cannot be read."""


def folded(endpoint_id: str) -> str:
    """What two spellings of an endpoint id have in common: the destination does not tell upper from lower case."""
    return endpoint_id.lower()


@dataclass(frozen=True, slots=True)
class Event:
    """An event inside every limit, ready to be sent.

    Parameters
    ----------
    message_id, index
        Queue message that holds it, which is the unit of acknowledgement, and its place in the caller's array; None
        if there was no array.
    event_id
        Chosen by the caller, else the gateway's request id; repeats of an event keep it.
    timestamp
        Unix milliseconds.
    user_attributes
        The update of customer data that rides along; empty for most events.
    weight
        Upper bound of its size in a request, in bytes.
    timestamp_given
        Whether the caller chose `timestamp`; otherwise it is the gateway's request time.
    update_refused
        Whether the destination has refused the user attributes already, so that the event goes without them.
    trusted
        Whether it came on the trusted route.
    """

    message_id: str
    event_id: str
    endpoint_id: str
    event_type: str
    timestamp: int
    attributes: Mapping[str, str]
    metrics: Mapping[str, float]
    user_attributes: Mapping[str, str]
    weight: int
    timestamp_given: bool = False
    update_refused: bool = False
    index: int | None = None
    trusted: bool = False

    @property
    def occurred_at(self) -> str:
        """`timestamp` in ISO 8601 with milliseconds, in UTC."""
        moment = _EPOCH + timedelta(milliseconds=self.timestamp)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    @property
    def reference(self) -> Reference:
        """Where it came from."""
        return self.message_id, self.index

    @property
    def key(self) -> Key:
        """What names the event at the destination: two events of one key cannot share a request."""
        return folded(self.endpoint_id), self.event_id

    def says_the_same_as(self, other: Event) -> bool:
        """Whether the caller asked for the same twice; the gateway's own time does not count as content."""
        return (
            self.event_type == other.event_type
            and (self.timestamp == other.timestamp or not (self.timestamp_given or other.timestamp_given))
            and self.attributes == other.attributes
            and self.metrics == other.metrics
            and self.user_attributes == other.user_attributes
        )


@dataclass(frozen=True, slots=True)
class Rejection:
    """An event, or its update, that can never succeed.

    Parameters
    ----------
    detail
        What to mend; it never holds a value that a caller sent.
    destination
        The one that refuses it; None if no destination may have it.
    """

    reference: Reference
    reason: RejectReason
    detail: str
    destination: str | None = None
