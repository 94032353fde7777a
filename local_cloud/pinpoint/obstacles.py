"""Why an endpoint gets no message. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

Document = Mapping[str, Any]
Obstacle = Literal["no_channel", "no_address", "inactive", "opted_out"]


def obstacle_of(endpoint: Document) -> Obstacle | None:
    """Tell why an endpoint can get no message at all.

    Pinpoint developer guide, standard metrics: what journeys leave out. Campaigns leave it out too (reading).

    Parameters
    ----------
    endpoint
        The endpoint.

    Returns
    -------
    str or None
        The first reason, None if there is none.
    """
    if not endpoint.get("ChannelType"):
        return "no_channel"
    if not endpoint.get("Address"):
        return "no_address"
    if endpoint["EndpointStatus"] != "ACTIVE":
        return "inactive"
    return "opted_out" if endpoint["OptOut"] == "ALL" else None


def is_quiet(quiet_time: Document, endpoint: Document, now: datetime) -> bool:
    """Tell whether it is quiet time where an endpoint is.

    Service model, QuietTime: without a valid time zone an endpoint gets messages, quiet time or not.

    Parameters
    ----------
    quiet_time
        `QuietTime`, empty for none.
    endpoint
        The endpoint.
    now
        The moment.

    Returns
    -------
    bool
        Whether it is.
    """
    start, end = str(quiet_time.get("Start") or ""), str(quiet_time.get("End") or "")
    zone_name = endpoint.get("Demographic", {}).get("Timezone")
    if not start or not end or not zone_name:
        return False
    try:
        zone = ZoneInfo(zone_name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    local = now.astimezone(zone).strftime("%H:%M")
    return start <= local <= end if start <= end else local >= start or local <= end
