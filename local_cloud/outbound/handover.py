"""Profiles that event triggers hand to campaigns, until the campaigns look at them."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Handed:
    """A profile that an event trigger wants in a campaign."""

    campaign_arn: str
    profile_id: str


class Handover:
    """A queue, so that nobody waits for the lock of the other: Customer Profiles puts in, campaigns take out."""

    def __init__(self) -> None:
        self._queue: deque[Handed] = deque()

    def take(self, campaign_arn: str, profile_id: str) -> None:
        """Take a profile over. While its campaign does not run, it is lost (reading).

        Parameters
        ----------
        campaign_arn, profile_id
            Who shall enter which campaign.
        """
        self._queue.append(Handed(campaign_arn, profile_id))

    def emptied(self) -> list[Handed]:
        """Return everything that was handed over since, oldest first."""
        taken = []
        with suppress(IndexError):
            while True:
                taken.append(self._queue.popleft())
        return taken

    def snapshot(self) -> list[dict[str, Any]]:
        """Return what waits as JSON documents."""
        return [asdict(one) for one in self._queue]

    def restore(self, snapshot: Sequence[Mapping[str, Any]]) -> None:
        """Take over what `snapshot` returned, instead of everything that is here."""
        self._queue = deque(Handed(**one) for one in snapshot)
