"""Audiences as segment definitions: they select exactly who the plan means."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from engagement.domain.plans import audience
from engagement.domain.plans.connect.segments import ConnectSegment
from engagement.domain.plans.names import Names
from engagement.domain.plans.segments import PlannedSegment, Segments
from tests.unit.plans import strategies as common
from tests.unit.plans.connect import strategies
from tests.unit.plans.connect.builders import SEGMENT
from tests.unit.plans.customers import Endpoint, members, selected

TEXT_TESTS = common.tests_of(common.VALUES, "is", "is_not", "contains")


def segments(audiences: dict[str, Any], name: str) -> tuple[str, tuple[PlannedSegment, ...]]:
    """The segment of an audience, and all that it needs."""
    read = {its: audience.parse(document, ("audiences", its)) for its, document in audiences.items()}
    planned = Segments(Names("release", "run-1"), read, ConnectSegment)
    return planned.of(name), planned.needed([name])


@given(strategies.audiences(TEXT_TESTS), strategies.PROFILES, st.data())
def test_a_segment_holds_exactly_its_audience(
    audiences: dict[str, Any], people: list[Endpoint], data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(sorted(audiences)))
    meant = {place for place, one in enumerate(people) if selected(audiences[name], one, audiences)}

    segment, planned = segments(audiences, name)

    assert members(planned, segment, people) == meant


def test_a_plain_audience_is_one_definition() -> None:
    where = {
        "user.plan": ["gold", "silver"],
        "user.since": {"between": ["2027-01-01T00:00Z", "2027-02-01T12:30:15Z"]},
        "country": {"is_not": ["GB"]},
    }
    name, (segment,) = segments({"a": {"where": where}}, "a")

    between = {"DimensionType": "BETWEEN", "Values": ["2027-01-01T00:00:00Z", "2027-02-01T12:30:15Z"]}
    country = {"DimensionType": "EXCLUSIVE", "Values": ["GB"]}
    everyone = {"DimensionType": "EXCLUSIVE", "Values": ["engagement-nobody"]}
    plan = {"DimensionType": "INCLUSIVE", "Values": ["gold", "silver"]}
    assert segment.request({}) == {
        "SegmentDefinitionName": name,
        "DisplayName": name,
        "Tags": {"engagement:plan": "release", "engagement:run": Names("release", "run-1").run},
        "SegmentGroups": {
            "Include": "ALL",
            "Groups": [
                {
                    "Type": "ALL",
                    "Dimensions": [
                        {"ProfileAttributes": {"Attributes": {"plan": plan}}},
                        {"ProfileAttributes": {"Attributes": {"since": between}}},
                        {"ProfileAttributes": {"Address": {"Country": country}}},
                        {"ProfileAttributes": {"AccountNumber": everyone}},
                    ],
                }
            ],
        },
    }


def test_an_existing_definition_is_named_whether_the_plan_has_its_name_or_its_arn() -> None:
    for segment_id in ("gold", SEGMENT):
        _, (segment,) = segments({"a": {"segment_id": segment_id}}, "a")
        (group,) = segment.request({})["SegmentGroups"]["Groups"]

        assert group["SourceSegments"] == [{"SegmentDefinitionName": "gold"}]


def test_a_segment_refers_to_its_parts_by_name() -> None:
    name, (part, whole) = segments({"a": {"where": {"user.x": ["1"]}}, "b": {"none": [{"audience": "a"}]}}, "b")
    (group,) = whole.request({})["SegmentGroups"]["Groups"]

    assert whole.name == name
    assert group["SourceSegments"] == [{"SegmentDefinitionName": part.name}]
    assert group["SourceType"] == "NONE"
