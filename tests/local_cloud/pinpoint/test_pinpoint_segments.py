"""Segments: operations, refusals, and who belongs to them, held to a naive model."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_cloud.pinpoint.members import Membership
from local_cloud.pinpoint.versions import Versions
from tests.local_cloud.pinpoint.conftest import status_of
from tests.local_cloud.pinpoint.project import EVERYBODY, Project

BAD_REQUEST = (400, "BadRequestException")
NOT_FOUND = (404, "NotFoundException")
GOLD = {"Attributes": {"plan": {"AttributeType": "INCLUSIVE", "Values": ["gold"]}}}


def group(**members: Any) -> dict[str, Any]:
    return {"SegmentGroups": {"Include": "ALL", "Groups": [members]}}


def update(project: Project, segment_id: str, **request: Any) -> dict[str, Any]:
    given: Any = request
    answer = project.client.update_segment(ApplicationId=project.id, SegmentId=segment_id, WriteSegmentRequest=given)
    return dict(answer["SegmentResponse"])


def test_a_segment_reads_back_and_keeps_its_versions(project: Project) -> None:
    segment = project.segment(Dimensions=GOLD, tags={"run": "1"})

    changed = update(project, segment, **group(Type="ALL", Dimensions=[EVERYBODY]), tags={"run": "2"})

    client, ids = project.client, {"ApplicationId": project.id, "SegmentId": segment}
    assert (changed["Version"], changed["tags"], changed["Name"]) == (2, {"run": "1"}, "s")
    assert "Dimensions" not in changed
    assert client.get_segment(**ids)["SegmentResponse"] == changed
    assert client.get_segment_version(**ids, Version="1")["SegmentResponse"]["Dimensions"] == GOLD
    versions = client.get_segment_versions(**ids)["SegmentsResponse"]["Item"]
    assert [version["Version"] for version in versions] == [1, 2]
    assert status_of(lambda: client.get_segment_version(**ids, Version="3")) == NOT_FOUND


def test_a_campaign_keeps_to_the_version_of_its_segment(project: Project) -> None:
    project.endpoint("ada", Attributes={"plan": ["gold"]})
    project.endpoint("bob")
    segment = project.segment(Dimensions=GOLD)
    old = project.campaign(SegmentId=segment)

    update(project, segment, Dimensions=EVERYBODY)
    project.later()

    assert (project.get(old)["SegmentVersion"], project.reached()) == (1, ["ada"])
    assert project.members(segment) == {"ada", "bob"}


@pytest.mark.parametrize(
    "request_",
    [
        {"Name": "s"},
        {"Name": "", "Dimensions": GOLD},
        {"Name": "s", "Dimensions": GOLD, "SegmentGroups": {"Groups": [{}]}},
        {"Name": "s", "SegmentGroups": {"Groups": []}},
        {"Name": "s", "SegmentGroups": {"Groups": [{}, {}]}},
        {"Name": "s", "Dimensions": {"Attributes": {"a": {"Values": []}}}},
        {"Name": "s", "Dimensions": {"Attributes": {"a": {"Values": [str(n) for n in range(101)]}}}},
        {"Name": "s", "Dimensions": {"Attributes": {"a": {"AttributeType": "BEFORE", "Values": ["2026-01-02"]}}}},
        {"Name": "s", "Dimensions": {"UserAttributes": {"a": {"AttributeType": "ON", "Values": ["today"]}}}},
        {
            "Name": "s",
            "Dimensions": {"Attributes": {"a": {"AttributeType": "BETWEEN", "Values": ["2026-01-02T03:04:05Z"]}}},
        },
        {"Name": "s", "Dimensions": {"Metrics": {"m": {"ComparisonOperator": "NOT", "Value": 1.0}}}},
        {"Name": "s", "Dimensions": {"Demographic": {"Channel": {"Values": []}}}},
        {"Name": "s", "Dimensions": {"Demographic": {"DeviceType": {"Values": ["phone"]}}}},
        {
            "Name": "s",
            "Dimensions": {"Location": {"GPSPoint": {"Coordinates": {"Latitude": 1.0, "Longitude": 1.0}}}},
        },
    ],
)
def test_a_faulty_segment_is_refused(project: Project, request_: dict[str, Any]) -> None:
    assert status_of(lambda: project.segment(**request_)) == BAD_REQUEST
    assert project.client.get_segments(ApplicationId=project.id)["SegmentsResponse"]["Item"] == []


def test_a_segment_builds_on_others_that_exist_but_not_on_itself(project: Project) -> None:
    base = project.segment(Dimensions=GOLD)
    wrapped = project.segment(**group(SourceSegments=[{"Id": base}]))

    assert status_of(lambda: project.segment(**group(SourceSegments=[{"Id": "none"}]))) == NOT_FOUND
    assert status_of(lambda: update(project, base, **group(SourceSegments=[{"Id": base}]))) == BAD_REQUEST
    assert status_of(lambda: update(project, base, **group(SourceSegments=[{"Id": wrapped}]))) == BAD_REQUEST


def test_the_base_of_another_segment_stays(project: Project) -> None:
    base = project.segment(Dimensions=GOLD)
    wrapped = project.segment(**group(SourceSegments=[{"Id": base}]))

    def delete(segment: str) -> Any:
        return project.client.delete_segment(ApplicationId=project.id, SegmentId=segment)

    assert status_of(lambda: delete(base)) == BAD_REQUEST
    delete(wrapped)
    delete(base)
    assert status_of(lambda: delete(base)) == NOT_FOUND
    assert project.client.get_segments(ApplicationId=project.id)["SegmentsResponse"]["Item"] == []


def test_a_segment_sees_changes_after_the_lag(project: Project) -> None:
    project.endpoint("ada", Attributes={"plan": ["gold"]})
    project.endpoint("eve", Attributes={"plan": ["gold"]})
    segment = project.segment(Dimensions=GOLD)
    project.pinpoint.configure({"segment_lag_seconds": 30})
    project.later(seconds=31)

    project.endpoint("ada", Attributes={"plan": ["free"]})
    project.endpoint("bob", Attributes={"plan": ["gold"]})
    project.client.delete_endpoint(ApplicationId=project.id, EndpointId="eve")

    project.later(seconds=29)
    assert project.members(segment) == {"ada", "eve"}
    project.later(seconds=1)
    assert project.members(segment) == {"bob"}


def test_user_attributes_that_reach_other_endpoints_lag_as_well(project: Project) -> None:
    gold = {"UserAttributes": {"plan": {"Values": ["gold"]}}}
    segment = project.segment(Dimensions=gold)
    project.endpoint("mail", User={"UserId": "u"})
    project.later(seconds=60)
    project.pinpoint.configure({"segment_lag_seconds": 30})

    project.endpoint("phone", "SMS", User={"UserId": "u", "UserAttributes": {"plan": ["gold"]}})

    assert project.members(segment) == set()
    project.later(seconds=30)
    assert project.members(segment) == {"mail"}


# Membership against a naive model, which works with sets of endpoints instead of a single one.

NAMES = ("a", "b")
VALUES = ("1", "2", "12")
ATTRIBUTES = st.dictionaries(st.sampled_from(NAMES), st.lists(st.sampled_from(VALUES), max_size=2), max_size=2)
ENDPOINTS = st.lists(
    st.fixed_dictionaries(
        {
            "ChannelType": st.sampled_from(["EMAIL", "SMS"]),
            "Attributes": ATTRIBUTES,
            "Metrics": st.dictionaries(st.just("m"), st.integers(0, 2), max_size=1),
            "User": st.fixed_dictionaries({"UserAttributes": ATTRIBUTES}),
        }
    ),
    max_size=4,
)
ATTRIBUTE_DIMENSIONS = st.dictionaries(
    st.sampled_from(NAMES),
    st.fixed_dictionaries(
        {
            "AttributeType": st.sampled_from(["INCLUSIVE", "EXCLUSIVE", "CONTAINS"]),
            "Values": st.lists(st.sampled_from(VALUES), min_size=1, max_size=2),
        }
    ),
    max_size=2,
)
DIMENSIONS = st.fixed_dictionaries(
    {},
    optional={
        "Attributes": ATTRIBUTE_DIMENSIONS,
        "UserAttributes": ATTRIBUTE_DIMENSIONS,
        "Metrics": st.fixed_dictionaries(
            {"m": st.fixed_dictionaries({"ComparisonOperator": st.just("GREATER_THAN"), "Value": st.just(0.0)})}
        ),
        "Demographic": st.fixed_dictionaries(
            {
                "Channel": st.fixed_dictionaries(
                    {"DimensionType": st.sampled_from(["INCLUSIVE", "EXCLUSIVE"]), "Values": st.just(["SMS"])}
                )
            }
        ),
    },
)
JOINS = st.sampled_from(["ALL", "ANY", "NONE"])
WRAPPING = st.fixed_dictionaries(
    {
        "Include": JOINS,
        "SourceType": JOINS,
        "Type": JOINS,
        "Sources": st.lists(st.integers(0, 1), max_size=2),
        "Dimensions": st.lists(DIMENSIONS, max_size=2),
    }
)
Ids = frozenset[int]


def chosen(dimensions: Mapping[str, Any], endpoints: list[dict[str, Any]]) -> Ids:
    """The endpoints that stay when each criterion takes away those that do not fit."""
    left = set(range(len(endpoints)))
    for number, endpoint in enumerate(endpoints):
        for kind, holder in (("Attributes", endpoint), ("UserAttributes", endpoint["User"])):
            for name, dimension in dimensions.get(kind, {}).items():
                pairs = itertools.product(holder[kind].get(name, []), dimension["Values"])
                contains = dimension["AttributeType"] == "CONTAINS"
                hit = any(wanted in value if contains else wanted == value for value, wanted in pairs)
                if hit is (dimension["AttributeType"] == "EXCLUSIVE"):
                    left.discard(number)
        if "Metrics" in dimensions and endpoint["Metrics"].get("m", 0) <= 0:
            left.discard(number)
        channel = dimensions.get("Demographic", {}).get("Channel")
        if channel and (endpoint["ChannelType"] == "SMS") is (channel["DimensionType"] == "EXCLUSIVE"):
            left.discard(number)
    return frozenset(left)


def joined(how: str, sets: list[Ids], everybody: Ids) -> Ids:
    if not sets:
        return everybody
    together = everybody.intersection(*sets) if how == "ALL" else frozenset().union(*sets)
    return everybody - together if how == "NONE" else together


@given(ENDPOINTS, st.tuples(DIMENSIONS, DIMENSIONS), WRAPPING)
def test_membership_is_that_of_the_naive_model(
    endpoints: list[dict[str, Any]], bases: tuple[dict[str, Any], dict[str, Any]], wrapping: dict[str, Any]
) -> None:
    segments = Versions("segment")
    for number, dimensions in enumerate(bases):
        segments.add(str(number), {"Id": str(number), "Version": 1, "Dimensions": dimensions})
    members = {
        "SourceSegments": [{"Id": str(number)} for number in wrapping["Sources"]],
        **{name: wrapping[name] for name in ("SourceType", "Type", "Dimensions")},
    }
    segment = {"SegmentGroups": {"Include": wrapping["Include"], "Groups": [members]}}
    membership = Membership(segments, datetime.now(UTC), 1)

    found = {number for number, endpoint in enumerate(endpoints) if membership.belongs(endpoint, segment)}

    everybody = frozenset(range(len(endpoints)))
    sources = [chosen(bases[number], endpoints) for number in wrapping["Sources"]]
    dimensions = [chosen(one, endpoints) for one in wrapping["Dimensions"]]
    inside = joined(wrapping["SourceType"], sources, everybody) & joined(wrapping["Type"], dimensions, everybody)
    assert found == joined(wrapping["Include"], [inside], everybody)
