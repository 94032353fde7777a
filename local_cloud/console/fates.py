"""What becomes of an event after the gateway has taken it: told from where it is now, and from what arrived."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum


class State(StrEnum):
    """Where an event is."""

    REFUSED = "refused"
    """The gateway refused the call."""
    ACCEPTED = "accepted"
    """The gateway took the call; it was seen nowhere else."""
    QUEUED = "queued"
    ARRIVED = "arrived"
    REJECTED = "rejected"
    DEAD = "dead"
    """In a dead-letter queue."""
    GONE = "gone"
    """It has left the queue and neither arrived nor was rejected."""


class Role(IntEnum):
    """What a queue is for; of several places the higher one tells more."""

    QUEUE = 0
    DLQ = 1
    REJECTS = 2


@dataclass(frozen=True)
class Fate:
    """What became of one event.

    Attributes
    ----------
    state
        Where it is.
    reason, detail
        Why it was rejected.
    application_id
        Where it arrived.
    """

    state: State
    reason: str = ""
    detail: str = ""
    application_id: str = ""


@dataclass(frozen=True)
class Place:
    """A message in a queue.

    Attributes
    ----------
    role
        What the queue is for.
    indexes
        Which events of the call it holds, by their place in the call's array; None for all.
    reason, detail
        Message attributes of a rejected event.
    """

    role: Role
    indexes: frozenset[int | None] | None = None
    reason: str = ""
    detail: str = ""


_STATES = {Role.QUEUE: State.QUEUED, Role.DLQ: State.DEAD, Role.REJECTS: State.REJECTED}


def fate(
    index: int | None, places: Sequence[Place], arrived_in: str | None, before: Fate | None, *, followed: bool
) -> Fate:
    """Tell what became of one event of a call that was taken.

    Parameters
    ----------
    index
        Its place in the call's array, None without an array.
    places
        Messages of the call that are in queues now.
    arrived_in
        The application that took it, None if none did.
    before
        What was told the last time: a rejection is remembered when its message is taken away.
    followed
        Whether the call was ever seen in a queue.

    Returns
    -------
    Fate
        What is known now.
    """
    here = [place for place in places if place.indexes is None or index in place.indexes]
    if here:
        place = max(here, key=lambda found: found.role)
        return Fate(_STATES[place.role], place.reason, place.detail)
    if arrived_in is not None:
        return Fate(State.ARRIVED, application_id=arrived_in)
    if before is not None and before.state is State.REJECTED:
        return before
    return Fate(State.GONE if followed else State.ACCEPTED)
