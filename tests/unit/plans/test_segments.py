"""Audiences as segments: they select exactly who the plan means, and never the endpoints of company events."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement.domain.plans import audience
from engagement.domain.plans.names import Names
from engagement.domain.plans.pinpoint.segments import PinpointSegment
from engagement.domain.plans.segments import PlannedSegment, Segments
from tests.unit.plans import strategies
from tests.unit.plans.customers import COMPANY, Endpoint, members, selected


def segments(audiences: dict[str, Any], name: str) -> tuple[str, tuple[PlannedSegment, ...]]:
    """The segment of an audience, and all that it needs."""
    read = {its: audience.parse(document, ("audiences", its)) for its, document in audiences.items()}
    planned = Segments(Names("release", "run-1"), read, PinpointSegment)
    return planned.of(name), planned.needed([name])


def reached(audiences: dict[str, Any], name: str, people: list[Endpoint]) -> frozenset[int]:
    """Who of some people the segment of an audience holds."""
    segment, planned = segments(audiences, name)
    return members(planned, segment, people)


@given(strategies.audiences(), strategies.PEOPLE)
def test_a_segment_holds_exactly_its_audience(audiences: dict[str, Any], people: list[Endpoint]) -> None:
    for name, document in audiences.items():
        meant = {place for place, one in enumerate(people) if selected(document, one, audiences)}

        assert reached(audiences, name, people) == meant


@given(strategies.audiences(), strategies.PEOPLE, strategies.WHERES, st.data())
def test_a_wider_audience_never_reaches_fewer(
    audiences: dict[str, Any], people: list[Endpoint], where: dict[str, Any], data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(sorted(audiences)))
    before = reached(audiences, name, people)
    wider = [{"any": [audiences[name], {"where": where}]}]
    wider += [
        {key: value for key, value in audiences[name].items() if key != dropped}
        for dropped in audiences[name]
        if len(audiences[name]) > 1
    ]
    for document in wider:
        # Others may leave out whom this audience holds: only its own segment is asked.
        assert before <= reached({**copy.deepcopy(audiences), "wider": document}, "wider", people)


@given(strategies.audiences())
def test_what_a_segment_builds_on_is_made_before_it(audiences: dict[str, Any]) -> None:
    for name in audiences:
        made: set[str] = set()
        for segment in segments(audiences, name)[1]:
            assert made >= set(segment.sources)
            assert segment.name not in made
            made.add(segment.name)


@pytest.mark.parametrize(
    "document",
    [
        {"everyone": True},
        {"segment_id": "segment-1"},
        {"none": [{"where": {"user.plan": ["gold"]}}]},
        {"any": [{"where": {"channel": ["CUSTOM"]}}, {"where": {"country": {"is_not": ["GB"]}}}]},
        {"any": [{"everyone": True}, {"where": {"user.plan": ["gold"]}}]},
    ],
)
def test_company_endpoints_are_in_no_audience(document: dict[str, Any]) -> None:
    company = Endpoint(COMPANY.channel, "", attributes=COMPANY.attributes, segments=frozenset({"segment-1"}))

    assert reached({"a": document}, "a", [company]) == frozenset()


def test_a_plain_audience_is_one_segment() -> None:
    where = {"user.plan": ["gold", "silver"], "metric.orders": {"at_least": 1, "below": 5}, "channel": ["EMAIL"]}

    name, (segment,) = segments({"a": {"where": where}}, "a")

    assert segment.request({}) == {
        "Name": name,
        "tags": {"engagement:plan": "release", "engagement:run": Names("release", "run-1").run},
        "SegmentGroups": {
            "Include": "ALL",
            "Groups": [
                {
                    "Type": "ALL",
                    "Dimensions": [
                        {"UserAttributes": {"plan": {"AttributeType": "INCLUSIVE", "Values": ["gold", "silver"]}}},
                        {"Metrics": {"orders": {"ComparisonOperator": "GREATER_THAN_OR_EQUAL", "Value": 1.0}}},
                        {"Metrics": {"orders": {"ComparisonOperator": "LESS_THAN", "Value": 5.0}}},
                        {"Demographic": {"Channel": {"DimensionType": "INCLUSIVE", "Values": ["EMAIL"]}}},
                        {"Attributes": {"engagement_role": {"AttributeType": "EXCLUSIVE", "Values": ["company"]}}},
                    ],
                }
            ],
        },
    }


@pytest.mark.parametrize(
    ("subject", "test", "expected"),
    [
        ("metric.n", {"equals": 2}, {"Metrics": {"n": {"ComparisonOperator": "EQUAL", "Value": 2.0}}}),
        ("metric.n", {"above": 2}, {"Metrics": {"n": {"ComparisonOperator": "GREATER_THAN", "Value": 2.0}}}),
        ("metric.n", {"at_most": 2}, {"Metrics": {"n": {"ComparisonOperator": "LESS_THAN_OR_EQUAL", "Value": 2.0}}}),
        ("endpoint.a", {"contains": ["x"]}, {"Attributes": {"a": {"AttributeType": "CONTAINS", "Values": ["x"]}}}),
        ("country", {"is_not": ["GB"]}, {"Location": {"Country": {"DimensionType": "EXCLUSIVE", "Values": ["GB"]}}}),
        ("recency", {"inactive": "P14D"}, {"Behavior": {"Recency": {"Duration": "DAY_14", "RecencyType": "INACTIVE"}}}),
        ("recency", {"active": "P1D"}, {"Behavior": {"Recency": {"Duration": "HR_24", "RecencyType": "ACTIVE"}}}),
    ],
)
def test_a_criterion_is_one_dimension(subject: str, test: Any, expected: dict[str, Any]) -> None:
    _, (segment,) = segments({"a": {"where": {subject: test}}}, "a")

    assert segment.dimensions[0] == expected


def test_an_existing_segment_is_wrapped() -> None:
    _, (segment,) = segments({"a": {"segment_id": "s-1", "where": {"country": ["GB"]}}}, "a")
    (group,) = segment.request({})["SegmentGroups"]["Groups"]

    assert group["SourceSegments"] == [{"Id": "s-1"}]
    assert group["Dimensions"][0] == {"Location": {"Country": {"DimensionType": "INCLUSIVE", "Values": ["GB"]}}}


def test_two_existing_segments_are_never_sources_of_one() -> None:
    # An imported segment may only be the only source, and an ID does not tell whether it is one.
    _, planned = segments({"a": {"any": [{"segment_id": "s-1"}, {"segment_id": "s-2"}]}}, "a")

    assert sorted(segment.existing for segment in planned) == ["", "s-1", "s-2"]


def test_moments_are_written_as_the_service_reads_them() -> None:
    where = {"user.since": {"between": ["2027-01-01T00:00Z", "2027-02-01T12:30:15Z"]}}
    _, (segment,) = segments({"a": {"where": where}}, "a")

    assert segment.dimensions[0]["UserAttributes"]["since"] == {
        "AttributeType": "BETWEEN",
        "Values": ["2027-01-01T00:00:00Z", "2027-02-01T12:30:15Z"],
    }


def test_an_audience_that_two_refer_to_is_one_segment() -> None:
    audiences = {"gold": {"where": {"user.plan": ["gold"]}}}
    audiences |= {name: {"none": [{"audience": "gold"}], "where": {"country": [name]}} for name in ("GB", "DE")}
    read = {name: audience.parse(document, ("audiences", name)) for name, document in audiences.items()}

    planned = Segments(Names("release", "run-1"), read, PinpointSegment).needed(["GB", "DE"])

    assert [segment.name for segment in planned].count(Names("release", "run-1").of("segment", "gold")) == 1
