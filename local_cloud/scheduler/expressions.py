"""Expressions of schedules: when the next moment comes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol
from zoneinfo import ZoneInfo

from ministack.services import eventbridge

_AT: Final = re.compile(r"at\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)")
_RATE: Final = re.compile(r"rate\(([1-9]\d*) (minute|hour|day)s?\)")


class ExpressionError(ValueError):
    """An expression or a time zone that AWS does not know."""


class Expression(Protocol):
    """When a schedule comes."""

    def following(self, after: datetime | None, origin: datetime) -> datetime | None:
        """Return the next moment.

        Parameters
        ----------
        after
            When it came last, None if it never came.
        origin
            Since when it counts: the schedule's last change, or its start if that is later.

        Returns
        -------
        datetime or None
            None if it does not come again.
        """


@dataclass(frozen=True)
class At:
    """Once."""

    moment: datetime

    def following(self, after: datetime | None, origin: datetime) -> datetime | None:  # noqa: ARG002 - it has its time
        """As `Expression.following`."""
        return self.moment if after is None else None


@dataclass(frozen=True)
class Rate:
    """At once, and then again and again (Scheduler user guide, rate-based schedules)."""

    interval: timedelta

    def following(self, after: datetime | None, origin: datetime) -> datetime | None:
        """As `Expression.following`."""
        return origin if after is None else after + self.interval


@dataclass(frozen=True)
class Cron:
    """At the minutes that its fields name."""

    fields: Any
    zone: ZoneInfo

    def following(self, after: datetime | None, origin: datetime) -> datetime | None:
        """As `Expression.following`."""
        found = eventbridge._cron_next_fire(self.fields, (after or origin).astimezone(self.zone))
        return found.astimezone(UTC) if found else None


def parse(text: str, zone: str) -> Expression:
    """Read an expression.

    Parameters
    ----------
    text
        `at(...)`, `rate(...)` or `cron(...)`.
    zone
        Name of a time zone.

    Returns
    -------
    Expression
        The expression.

    Raises
    ------
    ExpressionError
        If either cannot be understood.
    """
    try:
        place = ZoneInfo(zone)
    except (ValueError, OSError, KeyError) as error:
        raise ExpressionError(f"Invalid Schedule Expression Timezone {zone}.") from error
    if found := _AT.fullmatch(text):
        try:
            return At(datetime.fromisoformat(found[1]).replace(tzinfo=place).astimezone(UTC))
        except ValueError as error:
            raise ExpressionError(f"Invalid Schedule Expression {text}.") from error
    if found := _RATE.fullmatch(text):
        return Rate(timedelta(**{f"{found[2]}s": int(found[1])}))
    fields = eventbridge._parse_cron_fields(text)
    if fields is None:
        raise ExpressionError(f"Invalid Schedule Expression {text}.")
    return Cron(fields, place)
