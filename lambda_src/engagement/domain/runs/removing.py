"""Removing what a run does not need any more, at the pace that the account's rates allow."""

from __future__ import annotations

from dataclasses import replace

from engagement.domain.pacing import SAFETY
from engagement.domain.runs.call import World
from engagement.domain.runs.records import Kind

_GONE = "DELETED"
_BOOKED_TOGETHER = 25


def remove(world: World, run: str, latest: float) -> bool:
    """Delete what a run has made and nobody needs after its end: segments, and where they are few campaigns too.

    Parameters
    ----------
    latest
        Seconds since 1970 after which no request begins.

    Returns
    -------
    bool
        False if the time was over first; what is gone then is not asked for again.
    """
    # A segment cannot go before the campaigns that it serves.
    kinds = (Kind.CAMPAIGN, Kind.SEGMENT) if world.settings.removes_campaigns else (Kind.SEGMENT,)
    return all(_remove(world, run, kind, latest) for kind in kinds)


def _remove(world: World, run: str, kind: Kind, latest: float) -> bool:
    made = [one for one in world.ledger.made(run) if one.kind is kind]
    left = [one for one in made if not one.removed and one.status != _GONE]
    # Deleting has a quota of its own, as high as that of creating.
    rate = world.settings.rates[kind] * SAFETY
    for start in range(0, len(left), _BOOKED_TOGETHER):
        part = left[start : start + _BOOKED_TOGETHER]
        operation = f"Delete{kind.value.capitalize()}"
        first = world.ledger.slots(operation, rate, len(part), world.clock.time(), latest)
        for number, one in enumerate(part):
            slot = first + number / rate
            if slot >= latest:
                return False
            world.clock.sleep(max(0.0, slot - world.clock.time()))
            if world.service.delete(kind, one.id):
                # What became of a campaign is still worth knowing.
                gone = replace(one, removed=True)
                world.ledger.record(run, gone if kind is Kind.CAMPAIGN else replace(gone, status=_GONE))
    return True
