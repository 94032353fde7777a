"""Moments and durations as plans write them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_DURATION = re.compile(
    r"P(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?)?",
    re.ASCII,
)
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?Z", re.ASCII)


def duration(text: str) -> timedelta:
    """An ISO 8601 duration of weeks, days, hours, minutes and seconds; other text is a ValueError."""
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError(text)
    return timedelta(**{unit: int(value) for unit, value in match.groupdict().items() if value})


def moment(text: str) -> datetime:
    """A moment in UTC such as `2027-01-31T09:00Z`, seconds optional; one that does not exist is a ValueError."""
    if _MOMENT.fullmatch(text) is None:
        raise ValueError(text)
    return datetime.fromisoformat(text.removesuffix("Z")).replace(tzinfo=UTC)


def instant(value: datetime) -> str:
    """A moment as the service reads it: UTC, whole seconds."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def exists(text: str) -> bool:
    """Whether text that looks like a moment is one; anything else is none of this function's business."""
    try:
        moment(text)
    except ValueError:
        return _MOMENT.fullmatch(text) is None
    return True
