"""Single criteria of segments, as the service model describes them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from local_cloud.pinpoint.dimensions import endpoint_matches, event_matches

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
BERLIN = {"Latitude": 52.52, "Longitude": 13.405}
POTSDAM = {"Latitude": 52.39, "Longitude": 13.06}
ENDPOINT = {
    "ChannelType": "EMAIL",
    "Attributes": {"plan": ["gold", "trial"], "since": ["2026-02-03T10:00:00Z"], "word": ["yesterday"]},
    "Metrics": {"orders": 3.0},
    "Demographic": {"Platform": "ios", "AppVersion": "1.2"},
    "Location": {"Country": "DE", **POTSDAM},
    "User": {"UserId": "u", "UserAttributes": {"tier": ["1"]}},
    "EffectiveDate": "2026-03-03T13:00:00.000Z",
}


def attribute(kind: str, *values: str, name: str = "plan") -> dict[str, Any]:
    return {"Attributes": {name: {"AttributeType": kind, "Values": list(values)}}}


def metric(operator: str, value: float, name: str = "orders") -> dict[str, Any]:
    return {"Metrics": {name: {"ComparisonOperator": operator, "Value": value}}}


def near(kilometers: float) -> dict[str, Any]:
    return {"Location": {"GPSPoint": {"Coordinates": BERLIN, "RangeInKilometers": kilometers}}}


def recency(kind: str, duration: str) -> dict[str, Any]:
    return {"Behavior": {"Recency": {"RecencyType": kind, "Duration": duration}}}


@pytest.mark.parametrize(
    ("dimensions", "matches"),
    [
        ({}, True),
        (attribute("INCLUSIVE", "silver", "gold"), True),
        (attribute("INCLUSIVE", "Gold"), False),
        ({"Attributes": {"plan": {"Values": ["trial"]}}}, True),
        (attribute("EXCLUSIVE", "gold"), False),
        (attribute("EXCLUSIVE", "gold", name="missing"), True),
        (attribute("CONTAINS", "ria"), True),
        (attribute("CONTAINS", "rial2"), False),
        (attribute("BEFORE", "2026-02-03T10:00:01Z", name="since"), True),
        (attribute("BEFORE", "2026-02-03T10:00:00Z", name="since"), False),
        (attribute("AFTER", "2026-02-03T10:30:00+01:00", name="since"), True),
        (attribute("AFTER", "2000-01-01T00:00:00Z", name="word"), False),
        (attribute("ON", "2026-02-03T23:59:59Z", name="since"), True),
        (attribute("ON", "2026-02-04T00:00:00Z", name="since"), False),
        (attribute("BETWEEN", "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z", name="since"), True),
        (attribute("BETWEEN", "2026-02-04T00:00:00Z", "2026-03-01T00:00:00Z", name="since"), False),
        ({"UserAttributes": {"tier": {"Values": ["1"]}}}, True),
        ({"UserAttributes": {"plan": {"Values": ["gold"]}}}, False),
        (metric("EQUAL", 3), True),
        (metric("GREATER_THAN", 3), False),
        (metric("GREATER_THAN_OR_EQUAL", 3), True),
        (metric("LESS_THAN", 3), False),
        (metric("LESS_THAN_OR_EQUAL", 3), True),
        (metric("LESS_THAN", 3, name="missing"), False),
        ({"Demographic": {"Channel": {"Values": ["SMS", "EMAIL"]}}}, True),
        ({"Demographic": {"Channel": {"DimensionType": "EXCLUSIVE", "Values": ["EMAIL"]}}}, False),
        ({"Demographic": {"Platform": {"Values": ["ios"]}, "AppVersion": {"Values": ["2"]}}}, False),
        ({"Demographic": {"Make": {"DimensionType": "EXCLUSIVE", "Values": ["x"]}}}, True),
        ({"Location": {"Country": {"Values": ["DE"]}}}, True),
        (near(30), True),
        (near(20), False),
        (recency("ACTIVE", "HR_24"), True),
        (recency("INACTIVE", "HR_24"), False),
        ({**attribute("INCLUSIVE", "gold"), **metric("EQUAL", 4)}, False),
    ],
)
def test_an_endpoint_matches_all_criteria_or_none_counts(dimensions: dict[str, Any], *, matches: bool) -> None:
    assert endpoint_matches(dimensions, ENDPOINT, NOW, 1) is matches


def test_recency_passes_faster_by_the_factor() -> None:
    assert not endpoint_matches(recency("ACTIVE", "HR_24"), ENDPOINT, NOW, 2)
    assert endpoint_matches(recency("ACTIVE", "DAY_7"), ENDPOINT, NOW, 2)


def test_an_endpoint_without_a_place_is_near_nothing() -> None:
    assert not endpoint_matches(near(100_000), {"Location": {"Country": "DE"}}, NOW, 1)


@pytest.mark.parametrize(
    ("dimensions", "matches"),
    [
        ({}, True),
        (attribute("INCLUSIVE", "/sale", name="page"), True),
        (attribute("INCLUSIVE", "/", name="page"), False),
        (metric("GREATER_THAN", 10, name="value"), False),
        ({"EventType": {"DimensionType": "EXCLUSIVE", "Values": ["view"]}}, False),
    ],
)
def test_an_event_matches_by_type_attributes_and_metrics(dimensions: dict[str, Any], *, matches: bool) -> None:
    event = {"EventType": "view", "Attributes": {"page": "/sale"}, "Metrics": {"value": 10.0}}

    assert event_matches({"EventType": {"Values": ["view", "buy"]}, **dimensions}, event) is matches
