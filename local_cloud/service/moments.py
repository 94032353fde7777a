"""Moments and durations, as schedules write them and as the emulator scales them."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

_DURATION: Final = re.compile(
    r"P(?=.)((?P<weeks>\d+)W)?((?P<days>\d+)D)?"
    r"(T(?=.)((?P<hours>\d+)H)?((?P<minutes>\d+)M)?((?P<seconds>\d+(\.\d+)?)S)?)?"
)


def instant(text: str) -> datetime | None:
    """Read a moment in ISO 8601 with a zone.

    Parameters
    ----------
    text
        Any text.

    Returns
    -------
    datetime or None
        The moment in UTC; None for everything else, a date or a time without zone included.
    """
    moment = _read(text)
    return moment.astimezone(UTC) if moment and moment.tzinfo else None


def is_iso_8601(text: str) -> bool:
    """Tell whether a text is a date and time in ISO 8601.

    Parameters
    ----------
    text
        Any text.

    Returns
    -------
    bool
        True also without a zone, as in some published samples.
    """
    return "T" in text and _read(text) is not None


def iso_8601(moment: datetime) -> str:
    """Write a moment as the service does: UTC, milliseconds, `Z`.

    Parameters
    ----------
    moment
        A moment with zone.

    Returns
    -------
    str
        Such as `2026-01-02T03:04:05.678Z`.
    """
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _read(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def duration(text: str) -> timedelta | None:
    """Read a duration in ISO 8601.

    Parameters
    ----------
    text
        Any text.

    Returns
    -------
    timedelta or None
        The duration; None for everything else, years and months included: they have no fixed length.
    """
    found = _DURATION.fullmatch(text)
    if not found:
        return None
    try:
        return timedelta(**{unit: float(number) for unit, number in found.groupdict().items() if number})
    except OverflowError:
        return None


def known_instant(text: str) -> datetime:
    """Read a moment that was checked, or that the emulator itself wrote."""
    return datetime.fromisoformat(text).astimezone(UTC)


def scaled(origin: datetime, moment: datetime, factor: float) -> datetime:
    """Return when a moment comes if time from `origin` on passes faster.

    Parameters
    ----------
    origin
        Since when.
    moment
        When it would come.
    factor
        How many times faster, 1 or more.

    Returns
    -------
    datetime
        Never later than `moment`; a moment before `origin` stays.
    """
    return origin + (moment - origin) / factor if moment > origin else moment


def _next_month(moment: datetime) -> datetime:
    year, month = (moment.year + 1, 1) if moment.month == 12 else (moment.year, moment.month + 1)
    day = min(moment.day, calendar.monthrange(year, month)[1])
    return moment.replace(year=year, month=month, day=day)


_AFTER: Final[Mapping[str, Callable[[datetime], datetime]]] = {
    "HOURLY": lambda moment: moment + timedelta(hours=1),
    "DAILY": lambda moment: moment + timedelta(days=1),
    "WEEKLY": lambda moment: moment + timedelta(days=7),
    "MONTHLY": _next_month,
}


def following(moment: datetime, frequency: str) -> datetime | None:
    """Return when a schedule comes next.

    Parameters
    ----------
    moment
        When it came last.
    frequency
        `Frequency` of the schedule.

    Returns
    -------
    datetime or None
        None if it comes once.
    """
    after = _AFTER.get(frequency)
    return after(moment) if after else None
