"""Removing what a run does not need any more, at the pace that the account's rates allow."""

from __future__ import annotations

from dataclasses import replace

from engagement.domain.pacing import SAFETY
from engagement.domain.runs.call import World
from engagement.domain.runs.records import Kind

_OPERATION = "DeleteSegment"
_GONE = "DELETED"
_BOOKED_TOGETHER = 25


def remove_segments(world: World, run: str, latest: float) -> bool:
    """Delete the segments that a run has made.

    Parameters
    ----------
    latest
        Seconds since 1970 after which no request begins.

    Returns
    -------
    bool
        False if the time was over first; what is gone then is not asked for again.
    """
    left = [made for made in world.ledger.made(run) if made.kind is Kind.SEGMENT and made.status != _GONE]
    # Deleting has a quota of its own, as high as that of creating.
    rate = world.settings.rates[Kind.SEGMENT] * SAFETY
    for start in range(0, len(left), _BOOKED_TOGETHER):
        part = left[start : start + _BOOKED_TOGETHER]
        first = world.ledger.slots(_OPERATION, rate, len(part), world.clock.time(), latest)
        for number, segment in enumerate(part):
            slot = first + number / rate
            if slot >= latest:
                return False
            world.clock.sleep(max(0.0, slot - world.clock.time()))
            if world.service.delete(Kind.SEGMENT, segment.id):
                world.ledger.record(run, replace(segment, status=_GONE))
    return True
