"""Comparisons of a text with wanted values, as segments and event triggers make them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from local_cloud.service.messages import ServiceError

_TEXTS: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "INCLUSIVE": lambda value, wanted: value == wanted,
    "CONTAINS": lambda value, wanted: wanted in value,
    "BEGINS_WITH": lambda value, wanted: value.startswith(wanted),
    "ENDS_WITH": lambda value, wanted: value.endswith(wanted),
}
_NUMBERS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "EQUAL": lambda value, limit: value == limit,
    "GREATER_THAN": lambda value, limit: value > limit,
    "GREATER_THAN_OR_EQUAL": lambda value, limit: value >= limit,
    "LESS_THAN": lambda value, limit: value < limit,
    "LESS_THAN_OR_EQUAL": lambda value, limit: value <= limit,
}
_MOMENTS: Final[Mapping[str, Callable[[datetime, datetime], bool]]] = {
    "BEFORE": lambda value, limit: value < limit,
    "AFTER": lambda value, limit: value > limit,
    "ON": lambda value, limit: value.date() == limit.date(),
}
_RANGES: Final = frozenset({"BETWEEN", "NOT_BETWEEN"})


def check_criterion(where: str, kind: str, wanted: Sequence[str]) -> None:
    """Check a comparison.

    Parameters
    ----------
    where
        Where it stands, for the message.
    kind, wanted
        `DimensionType` or `ComparisonOperator`, and `Values`.

    Raises
    ------
    ServiceError
        400 with the rule.
    """
    if kind in _NUMBERS and (len(wanted) != 1 or _number(wanted[0]) is None):
        raise ServiceError(400, f"{where}.Values must be one number for {kind}")
    if kind in _MOMENTS and (len(wanted) != 1 or _moment(wanted[0]) is None):
        raise ServiceError(400, f"{where}.Values must be one date or time in ISO 8601 for {kind}")
    if kind in _RANGES and (len(wanted) != 2 or None in (_moment(wanted[0]), _moment(wanted[1]))):
        raise ServiceError(400, f"{where}.Values must be two dates or times in ISO 8601 for {kind}")
    if kind not in {"EXCLUSIVE", *_TEXTS, *_NUMBERS, *_MOMENTS, *_RANGES}:
        raise ServiceError(400, f"{where}: {kind} is not emulated")


def fits(kind: str, wanted: Sequence[str], value: str | None) -> bool:
    """Tell whether a value fits a comparison that was checked.

    Upper and lower case differ, what is not there fits EXCLUSIVE alone, and what is no number or moment fits no
    comparison of them (readings).

    Parameters
    ----------
    kind, wanted
        The comparison; one of the values is enough.
    value
        A text, None if there is none.

    Returns
    -------
    bool
        Whether it fits.
    """
    if kind == "EXCLUSIVE":
        return value not in wanted
    if value is None:
        return False
    if kind in _TEXTS:
        return any(_TEXTS[kind](value, one) for one in wanted)
    if kind in _NUMBERS:
        number, limit = _number(value), _number(wanted[0])
        return number is not None and limit is not None and _NUMBERS[kind](number, limit)
    moment, limits = _moment(value), [limit for limit in map(_moment, wanted) if limit]
    if moment is None:
        return False
    if kind in _RANGES:
        return (limits[0] <= moment <= limits[1]) == (kind == "BETWEEN")
    return _MOMENTS[kind](moment, limits[0])


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _moment(text: str) -> datetime | None:
    """A date, or a time, which is UTC without a zone."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
