"""Segment definitions: their rules, and who belongs to them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.local_cloud.profiles.place import BAD, MISSING, Place, refused

JOINS = ("ALL", "ANY", "NONE")


def field(name: str, member: dict[str, Any]) -> dict[str, Any]:
    """A dimension about one field of the profile."""
    return {"ProfileAttributes": {name: member}}


def attribute(kind: str, *values: str, name: str = "tier") -> dict[str, Any]:
    """A dimension about one attribute."""
    return field("Attributes", {name: {"DimensionType": kind, "Values": list(values)}})


def groups(*dimensions: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"Groups": [{"Dimensions": list(dimensions), **members}]}


def segment(place: Place, name: str, definition: dict[str, Any], **members: Any) -> str:
    made = place.create_segment_definition(
        SegmentDefinitionName=name, DisplayName=name, SegmentGroups=definition, **members
    )
    return str(made["SegmentDefinitionArn"])


def accounts(place: Place, arn: str) -> set[str]:
    return {str(one["AccountNumber"]) for one in place.emulator.members(arn)}


def test_a_definition_says_what_it_was_made_with(place: Place) -> None:
    definition = groups(attribute("INCLUSIVE", "gold"))
    arn = segment(place, "gold", definition, Tags={"a": "b"}, Description="d")

    found = place.get_segment_definition(SegmentDefinitionName="gold")

    assert (found["SegmentDefinitionArn"], found["SegmentType"], found["Tags"]) == (arn, "CLASSIC", {"a": "b"})
    assert found["SegmentGroups"] == definition
    assert [one["SegmentDefinitionName"] for one in place.list_segment_definitions()["Items"]] == ["gold"]
    assert place.client.list_tags_for_resource(resourceArn=arn)["tags"] == {"a": "b"}


def test_a_fault_can_hide_young_definitions_from_a_list(place: Place) -> None:
    segment(place, "old", groups(attribute("INCLUSIVE", "gold")))
    place.later(seconds=30)
    segment(place, "young", groups(attribute("INCLUSIVE", "gold")))
    place.emulator.faults.put([{"target": "profiles.ListSegmentDefinitions", "kind": "lag", "seconds": 10, "times": 1}])

    def names() -> list[str]:
        return [one["SegmentDefinitionName"] for one in place.list_segment_definitions()["Items"]]

    assert names() == ["old"]
    assert names() == ["old", "young"]


def test_a_name_that_exists_is_refused_until_it_is_deleted(place: Place) -> None:
    segment(place, "gold", groups(attribute("INCLUSIVE", "gold")))
    again = {"SegmentDefinitionName": "gold", "DisplayName": "x", "SegmentGroups": groups(attribute("INCLUSIVE", "x"))}

    assert refused(place.create_segment_definition, **again) == BAD
    place.delete_segment_definition(SegmentDefinitionName="gold")

    assert refused(place.get_segment_definition, SegmentDefinitionName="gold") == MISSING
    place.create_segment_definition(**again)


@pytest.mark.parametrize(
    ("dimension", "members"),
    [
        (attribute("INCLUSIVE", "gold"), {"gold"}),
        (attribute("INCLUSIVE", "gold", "silver"), {"gold", "silver"}),
        (attribute("EXCLUSIVE", "gold", "silver"), {"none", "number", "date"}),
        (attribute("CONTAINS", "il"), {"silver"}),
        (attribute("BEGINS_WITH", "go", "si"), {"gold", "silver"}),
        (attribute("ENDS_WITH", "er"), {"silver"}),
        (attribute("EQUAL", "7.0"), {"number"}),
        (attribute("GREATER_THAN", "6.9"), {"number"}),
        (attribute("GREATER_THAN_OR_EQUAL", "7"), {"number"}),
        (attribute("LESS_THAN", "7"), set()),
        (attribute("LESS_THAN_OR_EQUAL", "7"), {"number"}),
        (attribute("BEFORE", "2026-06-02"), {"date"}),
        (attribute("AFTER", "2026-06-01T23:00:00+01:00"), {"date"}),
        (attribute("ON", "2026-06-01"), {"date"}),
        (attribute("BETWEEN", "2026-06-01", "2026-06-02"), {"date"}),
        (attribute("NOT_BETWEEN", "2026-06-01", "2026-06-02"), set()),
        (
            {"ProfileAttributes": {"AccountNumber": {"DimensionType": "BEGINS_WITH", "Values": ["n"]}}},
            {"none", "number"},
        ),
        (
            {"ProfileAttributes": {"Address": {"City": {"DimensionType": "INCLUSIVE", "Values": ["Bern"]}}}},
            {"none"},
        ),
    ],
)
def test_each_comparison_finds_its_members(place: Place, dimension: dict[str, Any], members: set[str]) -> None:
    tiers = {"gold": "gold", "silver": "silver", "number": "7", "date": "2026-06-01T22:30:00Z"}
    for account, tier in tiers.items():
        place.profile(account, Attributes={"tier": tier})
    place.profile("none", Address={"City": "Bern"})

    assert accounts(place, segment(place, "s", groups(dimension))) == members


def test_groups_and_types_join_facts(place: Place) -> None:
    for account in ("ab", "a", "b", "c"):
        place.profile(account, Attributes=dict.fromkeys(account, "1"))
    one, two = attribute("INCLUSIVE", "1", name="a"), attribute("INCLUSIVE", "1", name="b")

    several = {"Groups": [{"Dimensions": [one]}, {"Dimensions": [two]}]}

    found = {how: accounts(place, segment(place, f"type-{how}", groups(one, two, Type=how))) for how in JOINS}
    whole = {how: accounts(place, segment(place, f"in-{how}", {**several, "Include": how})) for how in JOINS}

    assert found == whole == {"ALL": {"ab"}, "ANY": {"ab", "a", "b"}, "NONE": {"c"}}


@pytest.mark.parametrize(("how", "members"), [("ALL", {"ab"}), ("ANY", {"ab", "a", "b"}), ("NONE", {"c"})])
def test_a_segment_builds_on_others(place: Place, how: str, members: set[str]) -> None:
    for account in ("ab", "a", "b", "c"):
        place.profile(account, Attributes=dict.fromkeys(account, "1"))
    for name in "ab":
        segment(place, name, groups(attribute("INCLUSIVE", "1", name=name)))
    sources = [{"SegmentDefinitionName": name} for name in "ab"]

    arn = segment(place, "both", {"Groups": [{"SourceSegments": sources, "SourceType": how}]})

    assert accounts(place, arn) == members
    assert refused(place.delete_segment_definition, SegmentDefinitionName="a") == BAD


@pytest.mark.parametrize(
    "definition",
    [
        {"Groups": []},
        {},
        {"Groups": [{}]},
        groups({}),
        groups(attribute("WITHIN", "x")),
        groups(attribute("INCLUSIVE")),
        groups(attribute("INCLUSIVE", *["x"] * 51)),
        groups(attribute("EQUAL", "seven")),
        groups(attribute("EQUAL", "1", "2")),
        groups(attribute("ON", "yesterday")),
        groups(attribute("BETWEEN", "2026-01-01")),
        groups(attribute("LIST_CONTAINS", "x")),
        groups({"CalculatedAttributes": {"_orders": {"DimensionType": "EQUAL", "Values": ["1"]}}}),
        groups(field("Attributes", {name: {"DimensionType": "INCLUSIVE", "Values": ["x"]} for name in "ab"})),
        groups(*(attribute("INCLUSIVE", "x", name=f"a{number}") for number in range(61))),
    ],
)
def test_definitions_that_break_a_rule_are_refused(place: Place, definition: dict[str, Any]) -> None:
    call = {"SegmentDefinitionName": "s", "DisplayName": "s", "SegmentGroups": definition}

    assert refused(place.create_segment_definition, **call) == BAD
    assert place.list_segment_definitions()["Items"] == []


def test_attributes_are_counted_through_source_segments(place: Place) -> None:
    segment(place, "base", groups(*(attribute("INCLUSIVE", "x", name=f"a{number}") for number in range(60))))
    more = groups(attribute("INCLUSIVE", "x"), SourceSegments=[{"SegmentDefinitionName": "base"}])

    assert refused(segment, place=place, name="more", definition=more) == BAD


@pytest.mark.parametrize(
    "members",
    [
        {"SegmentSqlQuery": "SELECT 1"},
        {"SegmentSort": {"Attributes": [{"Name": "a", "Order": "ASC"}]}},
        {"DisplayName": ""},
        {"SegmentDefinitionName": "x" * 65},
        {"SegmentDefinitionName": "a.b"},
    ],
)
def test_other_members_that_are_refused(place: Place, members: dict[str, Any]) -> None:
    call = {"SegmentDefinitionName": "s", "DisplayName": "s", "SegmentGroups": groups(attribute("INCLUSIVE", "x"))}

    assert refused(place.create_segment_definition, **{**call, **members}) == BAD


def test_a_source_that_does_not_exist_is_refused(place: Place) -> None:
    definition = {"Groups": [{"SourceSegments": [{"SegmentDefinitionName": "none"}]}]}

    assert refused(segment, place=place, name="s", definition=definition) == MISSING


def test_membership_is_told_per_profile(place: Place) -> None:
    segment(place, "gold", groups(attribute("INCLUSIVE", "gold")))
    ada, bob = place.profile("ada", Attributes={"tier": "gold"}), place.profile("bob")

    answer = place.get_segment_membership(SegmentDefinitionName="gold", ProfileIds=[ada, bob, "0" * 32])

    assert {one["ProfileId"]: one["QueryResult"] for one in answer["Profiles"]} == {ada: "PRESENT", bob: "ABSENT"}
    assert [one["ProfileId"] for one in answer["Failures"]] == ["0" * 32]
    call = {"SegmentDefinitionName": "gold", "ProfileIds": [ada] * 101}
    assert refused(place.get_segment_membership, **call) == BAD


def test_an_estimate_is_counted_later(place: Place) -> None:
    place.profile("ada", Attributes={"tier": "gold"})
    place.profile("bob")
    made = place.create_segment_estimate(SegmentQuery=groups(attribute("INCLUSIVE", "gold")))
    names = {"EstimateId": made["EstimateId"]}
    assert place.get_segment_estimate(**names)["Status"] == "RUNNING"

    place.work()

    found = place.get_segment_estimate(**names)
    assert (found["Status"], found["Estimate"]) == ("SUCCEEDED", "1")
    assert refused(place.create_segment_estimate, SegmentSqlQuery="SELECT 1") == BAD
    assert refused(place.get_segment_estimate, EstimateId="none") == MISSING


def snapshot(place: Place, **members: Any) -> str:
    call = {"DataFormat": "JSONL", "RoleArn": "arn:aws:iam::123456789012:role/r", "DestinationUri": "s3://bucket/in/"}
    return str(place.create_segment_snapshot(SegmentDefinitionName="gold", **{**call, **members})["SnapshotId"])


def test_a_snapshot_writes_the_members_of_its_moment_line_by_line(place: Place) -> None:
    segment(place, "gold", groups(attribute("INCLUSIVE", "gold")))
    for number in range(3):
        place.profile(f"c{number}", Attributes={"tier": "gold"})
    place.profile("other")
    identifier = snapshot(place)
    status = {"SegmentDefinitionName": "gold", "SnapshotId": identifier}
    assert place.get_segment_snapshot(**status)["Status"] == "IN_PROGRESS"

    place.work()

    assert place.get_segment_snapshot(**status)["Status"] == "COMPLETED"
    ((name, body),) = place.bucket.files.items()
    assert name.startswith(f"s3://bucket/in/{identifier}/")
    rows = [json.loads(line) for line in body.decode().splitlines()]
    assert [row["AccountNumber"] for row in rows] == ["c0", "c1", "c2"]
    assert rows[0]["Attributes"] == {"tier": "gold"}


def test_a_snapshot_that_may_not_be_written_fails_with_its_reason(place: Place) -> None:
    segment(place, "gold", groups(attribute("INCLUSIVE", "gold")))
    place.bucket.refusing = True
    identifier = snapshot(place)

    place.work()

    found = place.get_segment_snapshot(SegmentDefinitionName="gold", SnapshotId=identifier)
    assert found["Status"] == "FAILED"
    assert "may not write" in found["StatusMessage"]


@pytest.mark.parametrize(
    "members",
    [
        {"DataFormat": "CSV"},
        {"DataFormat": "XML"},
        {"DestinationUri": "bucket/in"},
        {"RoleArn": "role"},
    ],
)
def test_snapshots_that_are_refused(place: Place, members: dict[str, Any]) -> None:
    segment(place, "gold", groups(attribute("INCLUSIVE", "gold")))

    assert refused(snapshot, place=place, **members) == BAD


def test_two_hundred_snapshots_a_day(place: Place) -> None:
    segment(place, "gold", groups(attribute("INCLUSIVE", "gold")))
    for _ in range(200):
        snapshot(place)

    assert refused(snapshot, place=place) == BAD
    place.later(days=1)

    snapshot(place)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from(["gold", "silver", "7"]), max_size=8),
    st.lists(st.sampled_from(["gold", "silver", "x"]), min_size=1, max_size=3),
)
def test_inclusive_and_exclusive_divide_everybody(tiers: list[str], wanted: list[str]) -> None:
    place = Place()
    for number, tier in enumerate(tiers):
        place.profile(f"c{number}", Attributes={"tier": tier})

    inside = accounts(place, segment(place, "in", groups(attribute("INCLUSIVE", *wanted))))
    outside = accounts(place, segment(place, "out", groups(attribute("EXCLUSIVE", *wanted))))
    nobody = accounts(place, segment(place, "none", groups(attribute("INCLUSIVE", *wanted), Type="NONE")))

    assert inside == {f"c{number}" for number, tier in enumerate(tiers) if tier in wanted}
    assert outside == nobody == {f"c{number}" for number in range(len(tiers))} - inside
