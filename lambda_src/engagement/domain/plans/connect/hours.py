"""Quiet time turned round: Amazon Connect is told when it may send."""

from __future__ import annotations

_DAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
# 24:00 is no time of a day; the last minute stays closed.
_MIDNIGHT, _DAY_END = "00:00", "23:59"


def ranges(quiet_time: tuple[str, str]) -> list[tuple[str, str]]:
    """From when to when messages may go out on each day; none if quiet time leaves nothing."""
    begins, ends = quiet_time
    spans = [(ends, begins)] if begins > ends else [(_MIDNIGHT, begins), (ends, _DAY_END)]
    return [(opens, closes) for opens, closes in spans if opens < closes]


def open_hours(quiet_time: tuple[str, str]) -> dict[str, list[dict[str, str]]]:
    """`dailyHours` for a quiet time that is the same every day."""
    hours = [{"startTime": f"T{opens}", "endTime": f"T{closes}"} for opens, closes in ranges(quiet_time)]
    return {day: list(map(dict, hours)) for day in _DAYS}
