"""When an activity of a journey is performed for somebody who has come to it. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from local_cloud.pinpoint.journey_graph import CHANNELS, SPLITS, conditions_of, parts
from local_cloud.service.moments import duration, known_instant, scaled

Document = Mapping[str, Any]

# Pinpoint user guide, troubleshooting: a split that asks for events waits at least that long, after a function or
# after a message of a channel.
_AFTER_FUNCTION: Final = timedelta(minutes=15)
_AFTER_CHANNEL: Final = timedelta(hours=1)


def performed_at(
    activities: Mapping[str, Document],
    identifier: str,
    came_from: str,
    now: datetime,
    published: datetime,
    factor: float,
) -> datetime:
    """Return when an activity is performed.

    Parameters
    ----------
    activities, identifier
        All activities, and which one.
    came_from
        The activity before, empty at the first one.
    now
        The moment of arrival.
    published
        When the journey was published: since then, time passes faster for dates.
    factor
        How many times faster.

    Returns
    -------
    datetime
        Never before `now`.
    """
    kind, settings = parts(activities[identifier])
    if kind == "Wait":
        return _waited(settings["WaitTime"], now, published, factor)
    if kind not in SPLITS:
        return now
    implicit = max(
        (_implicit(one, activities, came_from) for one in conditions_of(activities[identifier])), default=timedelta()
    )
    return max(_waited(settings.get("EvaluationWaitTime", {}), now, published, factor), now + implicit / factor)


def _waited(wait: Document, now: datetime, published: datetime, factor: float) -> datetime:
    if "WaitUntil" in wait:
        return max(now, scaled(published, known_instant(wait["WaitUntil"]), factor))
    return now + (duration(wait.get("WaitFor", "PT0S")) or timedelta()) / factor


def _implicit(condition: Document, activities: Mapping[str, Document], came_from: str) -> timedelta:
    if "EventCondition" not in condition:
        return timedelta()
    source = condition["EventCondition"].get("MessageActivity") or came_from
    kind = parts(activities[source])[0] if source else ""
    if kind == "CUSTOM":
        return _AFTER_FUNCTION
    return _AFTER_CHANNEL if kind in CHANNELS else timedelta()
