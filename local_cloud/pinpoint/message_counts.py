"""How many messages each endpoint was sent, for the limits of campaigns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from local_cloud.service.moments import iso_8601


@dataclass(frozen=True)
class Limits:
    """How many messages an endpoint may be sent; 0 is no limit.

    Attributes
    ----------
    daily, total
        Within 24 hours, and over all runs of the campaign.
    shared
        Whether the daily limit is the application's, which counts the messages of all campaigns.
    """

    daily: int
    total: int
    shared: bool


class MessageCounts:
    """Remembers which campaign targeted which endpoint when."""

    def __init__(self) -> None:
        self._targeted: dict[str, list[tuple[str, str]]] = {}

    def allows(self, endpoint_id: str, campaign: str, limits: Limits, now: datetime, factor: float) -> bool:
        """Tell whether one more message keeps the limits.

        Parameters
        ----------
        endpoint_id, campaign
            Who would get it, and from which campaign.
        limits
            The limits in force.
        now, factor
            The moment, and how many times faster a day passes.

        Returns
        -------
        bool
            Whether it does.
        """
        messages = self._targeted.get(endpoint_id, [])
        own = [moment for moment, sender in messages if sender == campaign]
        since = iso_8601(now - timedelta(days=1) / factor)
        counted = [moment for moment, _ in messages] if limits.shared else own
        return _is_below(sum(moment > since for moment in counted), limits.daily) and _is_below(len(own), limits.total)

    def add(self, endpoint_id: str, campaign: str, now: datetime) -> None:
        """Count a message."""
        self._targeted.setdefault(endpoint_id, []).append((iso_8601(now), campaign))

    def snapshot(self) -> dict[str, list[tuple[str, str]]]:
        """Return the counts as a JSON document."""
        return dict(self._targeted)

    @classmethod
    def restored(cls, snapshot: Mapping[str, list[list[str]]]) -> MessageCounts:
        """Build the counts from what `snapshot` returned.

        Parameters
        ----------
        snapshot
            The document.

        Returns
        -------
        MessageCounts
            The same counts.
        """
        counts = cls()
        counts._targeted = {
            endpoint_id: [(moment, campaign) for moment, campaign in messages]
            for endpoint_id, messages in snapshot.items()
        }
        return counts


def _is_below(count: int, limit: int) -> bool:
    return not limit or count < limit
