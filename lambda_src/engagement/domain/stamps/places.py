"""Stamping at several destinations, none of which waits for another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engagement.domain.crew import Crew
from engagement.domain.destinations import DestinationName
from engagement.domain.stamps.batches import Batch, Step
from engagement.domain.stamps.stamping import Order, Stamper, Stamping, stamp
from engagement.domain.turns import Clock

_METRICS = {
    "pinpoint": (
        "EndpointsStamped",
        "EndpointsRefused",
        "EndpointsDropped",
        "UpdateEndpointsBatchRequests",
        "UpdateEndpointsBatchThrottled",
    ),
    "connect": (
        "ProfilesStamped",
        "ProfilesRefused",
        "ProfilesDropped",
        "UpdateProfileRequests",
        "UpdateProfileThrottled",
    ),
}


def stamp_each(
    batches: Iterable[Batch],
    orders: Mapping[Step, Order],
    stampers: Mapping[str, Stamper],
    crew: Crew,
    clock: Clock,
    deadline: float,
) -> Mapping[str, Stamping]:
    """Stamp batches, each at its destination; what became of them by destination.

    Parameters
    ----------
    stampers
        By destination; the batches of one that is not configured any more are dropped.
    crew
        Lets the destinations work at once.
    clock, deadline
        As of `stamp`.
    """
    batches = list(batches)
    placed: dict[str, list[Batch]] = {
        name: [one for one in batches if one.key.destination == name] for name in DestinationName
    }
    busy = [name for name, some in placed.items() if some]

    def work(name: str) -> Stamping:
        stamper = stampers.get(name)
        return stamp(placed[name], orders, stamper, clock, deadline) if stamper else _dropped(placed[name])

    return {**{name: Stamping() for name in stampers}, **dict(zip(busy, crew(work, busy), strict=True))}


def metrics(stampings: Mapping[str, Stamping]) -> dict[str, int]:
    """The figures under the names of their metrics."""
    return {
        name: figure
        for destination, stamping in stampings.items()
        for name, figure in zip(_METRICS[destination], stamping.figures(), strict=True)
    }


def _dropped(batches: Iterable[Batch]) -> Stamping:
    result = Stamping()
    for batch in batches:
        result.dropped += len(batch.endpoints)
        result.done.append(batch.key)
    return result
