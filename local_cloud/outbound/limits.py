"""How often a person may be reached. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from local_cloud.outbound.store import LIMIT_DAYS
from local_cloud.service.moments import known_instant

Document = Mapping[str, Any]


def is_reached_enough(
    reached: Sequence[str], override: Document, of_instance: Document, now: datetime, factor: float
) -> bool:
    """Tell whether a person was sent as much as the limits allow.

    Parameters
    ----------
    reached
        When the person was sent something by any campaign of the instance, ISO 8601.
    override
        `communicationLimitsOverride` of the campaign, empty without one.
    of_instance
        `communicationLimitsConfig` of the instance. It holds too, unless the campaign opts out of it (reading).
    now
        The time.
    factor
        How many times faster days pass.

    Returns
    -------
    bool
        Whether one more would be too many.
    """
    limits = list(_listed(override))
    if override.get("instanceLimitsHandling") != "OPT_OUT":
        limits += _listed(of_instance)
    return any(
        sum(known_instant(one) > now - timedelta(days=limit["frequency"]) / factor for one in reached)
        >= limit["maxCountPerRecipient"]
        for limit in limits
    )


def still_counted(reached: Sequence[str], now: datetime) -> list[str]:
    """Return the moments that any limit still looks at.

    Parameters
    ----------
    reached
        When a person was sent something, ISO 8601.
    now
        The time.

    Returns
    -------
    list
        Those of the last 30 days.
    """
    return [one for one in reached if known_instant(one) > now - timedelta(days=LIMIT_DAYS)]


def _listed(limits: Document) -> Sequence[Document]:
    found: Sequence[Document] = limits.get("allChannelSubtypes", {}).get("communicationLimitsList", [])
    return found
