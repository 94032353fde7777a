"""Criteria of segments and of event filters: does an endpoint, or an event, match? Pure functions."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from local_cloud.service.moments import instant, known_instant

Document = Mapping[str, Any]

_DAYS: Final[Mapping[str, int]] = {"HR_24": 1, "DAY_7": 7, "DAY_14": 14, "DAY_30": 30}
_EARTH_KILOMETERS: Final = 6371.0

# Service model, AttributeDimension. An attribute holds several values: one that fits is enough, and EXCLUSIVE keeps
# endpoints without the attribute. Texts are compared with upper and lower case (reading).
_FITS: Final[Mapping[str, Callable[[str, Sequence[str]], bool]]] = {
    "INCLUSIVE": lambda value, wanted: value in wanted,
    "EXCLUSIVE": lambda value, wanted: value in wanted,
    "CONTAINS": lambda value, wanted: any(text in value for text in wanted),
    "BEFORE": lambda value, wanted: _compare(value, lambda moment: moment < known_instant(wanted[0])),
    "AFTER": lambda value, wanted: _compare(value, lambda moment: moment > known_instant(wanted[0])),
    "ON": lambda value, wanted: _compare(value, lambda moment: moment.date() == known_instant(wanted[0]).date()),
    "BETWEEN": lambda value, wanted: _compare(
        value, lambda moment: known_instant(wanted[0]) < moment < known_instant(wanted[1])
    ),
}
# Service model, MetricDimension.
_COMPARISONS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "GREATER_THAN": lambda value, limit: value > limit,
    "GREATER_THAN_OR_EQUAL": lambda value, limit: value >= limit,
    "LESS_THAN": lambda value, limit: value < limit,
    "LESS_THAN_OR_EQUAL": lambda value, limit: value <= limit,
    "EQUAL": lambda value, limit: value == limit,
}
COMPARISONS: Final = frozenset(_COMPARISONS)


def attribute_matches(dimension: Document, values: Sequence[str]) -> bool:
    """Tell whether an attribute matches.

    Parameters
    ----------
    dimension
        `AttributeDimension`.
    values
        Values of the attribute, none if it is not there.

    Returns
    -------
    bool
        Whether it does.
    """
    kind = dimension.get("AttributeType", "INCLUSIVE")
    found = any(_FITS[kind](value, dimension["Values"]) for value in values)
    return found != bool(kind == "EXCLUSIVE")


def metric_matches(dimension: Document, value: float | None) -> bool:
    """Tell whether a metric matches `MetricDimension`; one that is not there never does."""
    return value is not None and _COMPARISONS[dimension["ComparisonOperator"]](value, dimension["Value"])


def set_matches(dimension: Document, value: str | None) -> bool:
    """Tell whether a value matches `SetDimension`; EXCLUSIVE keeps what has none (reading, as for attributes)."""
    is_listed: bool = value in dimension["Values"]
    return is_listed != (dimension.get("DimensionType") == "EXCLUSIVE")


def endpoint_matches(dimensions: Document, endpoint: Document, now: datetime, factor: float) -> bool:
    """Tell whether an endpoint matches every criterion of `SegmentDimensions`.

    Parameters
    ----------
    dimensions
        The criteria.
    endpoint
        The endpoint.
    now
        Moment from which recency counts.
    factor
        How many times faster recency passes.

    Returns
    -------
    bool
        Whether it does; without a criterion, every endpoint does.
    """
    user = endpoint.get("User", {})
    return (
        _attributes_match(dimensions.get("Attributes", {}), endpoint.get("Attributes", {}))
        and _attributes_match(dimensions.get("UserAttributes", {}), user.get("UserAttributes", {}))
        and _metrics_match(dimensions.get("Metrics", {}), endpoint.get("Metrics", {}))
        and _demographic_matches(dimensions.get("Demographic", {}), endpoint)
        and _location_matches(dimensions.get("Location", {}), endpoint.get("Location", {}))
        and _recency_matches(dimensions.get("Behavior", {}), endpoint, now, factor)
    )


def event_matches(dimensions: Document, event: Document) -> bool:
    """Tell whether an event matches `EventDimensions`.

    Parameters
    ----------
    dimensions
        The criteria.
    event
        The event as `PutEvents` brought it: its attributes have one value each.

    Returns
    -------
    bool
        Whether it does.
    """
    attributes = {name: [value] for name, value in event.get("Attributes", {}).items()}
    return (
        ("EventType" not in dimensions or set_matches(dimensions["EventType"], event["EventType"]))
        and _attributes_match(dimensions.get("Attributes", {}), attributes)
        and _metrics_match(dimensions.get("Metrics", {}), event.get("Metrics", {}))
    )


def _attributes_match(dimensions: Document, attributes: Mapping[str, Sequence[str]]) -> bool:
    return all(attribute_matches(dimension, attributes.get(name, ())) for name, dimension in dimensions.items())


def _metrics_match(dimensions: Document, metrics: Mapping[str, float]) -> bool:
    return all(metric_matches(dimension, metrics.get(name)) for name, dimension in dimensions.items())


def _demographic_matches(dimensions: Document, endpoint: Document) -> bool:
    known = {**endpoint.get("Demographic", {}), "Channel": endpoint.get("ChannelType")}
    return all(set_matches(dimension, known.get(name)) for name, dimension in dimensions.items())


def _location_matches(dimensions: Document, location: Document) -> bool:
    country, point = dimensions.get("Country"), dimensions.get("GPSPoint")
    return (country is None or set_matches(country, location.get("Country"))) and (
        point is None or _is_near(point, location)
    )


def _is_near(point: Document, location: Document) -> bool:
    if "Latitude" not in location or "Longitude" not in location:
        return False
    (lat1, lon1), (lat2, lon2) = (
        (math.radians(place["Latitude"]), math.radians(place["Longitude"]))
        for place in (point["Coordinates"], location)
    )
    half = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    kilometers = 2 * _EARTH_KILOMETERS * math.asin(min(1.0, math.sqrt(half)))
    return kilometers <= float(point["RangeInKilometers"])


def _recency_matches(behavior: Document, endpoint: Document, now: datetime, factor: float) -> bool:
    """Whether an endpoint is active shows in the date of its last update (reading)."""
    recency = behavior.get("Recency")
    if recency is None:
        return True
    since = now - timedelta(days=_DAYS[recency["Duration"]]) / factor
    updated = instant(endpoint.get("EffectiveDate", ""))
    is_active = updated is not None and updated >= since
    return is_active == bool(recency["RecencyType"] == "ACTIVE")


def _compare(value: str, matches: Callable[[datetime], bool]) -> bool:
    moment = instant(value)
    return moment is not None and matches(moment)
