"""Arbitrary segments over arbitrary endpoints: the definition selects who was selected, or the report says why not."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.functional.migration import connect, pinpoint, sample
from tests.functional.migration.model import faults
from tools.migration.conversion import Conversion, Options, convert
from tools.migration.endpoints import endpoint
from tools.migration.naming import Lists
from tools.migration.reading import App, Saved
from tools.migration.report import as_json, as_markdown

VALUES = st.sampled_from(["gold", "golden", "silver"])
MOMENTS = st.sampled_from(["2026-01-01T00:00:00Z", "2026-01-01T12:00:00Z", "2026-02-01T00:00:00Z"])
JOINED = st.sampled_from(["ALL", "ANY", "NONE"])


def attributes(*names: str, values: st.SearchStrategy[str]) -> st.SearchStrategy[dict[str, list[str]]]:
    return st.fixed_dictionaries({}, optional={name: st.lists(values, max_size=3) for name in names})


ENDPOINTS = st.lists(
    st.fixed_dictionaries(
        {
            "ChannelType": st.sampled_from(["EMAIL", "SMS"]),
            "Attributes": attributes("plan", "tier", values=VALUES),
            "Metrics": st.fixed_dictionaries({}, optional={"m": st.integers(0, 3).map(float)}),
            "Location": st.fixed_dictionaries({}, optional={"Country": st.sampled_from(["DE", "GB"])}),
            "User": attributes("plan", "born", values=VALUES | MOMENTS).map(lambda its: {"UserAttributes": its}),
        }
    ),
    min_size=4,
    max_size=8,
)


def lists(values: st.SearchStrategy[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(values, min_size=1, max_size=2, unique=True)


ATTRIBUTE = st.one_of(
    st.builds(
        lambda test, values: {"AttributeType": test, "Values": values},
        st.sampled_from(["INCLUSIVE", "EXCLUSIVE", "CONTAINS"]),
        lists(VALUES),
    ),
    st.builds(
        lambda test, value: {"AttributeType": test, "Values": [value]},
        st.sampled_from(["BEFORE", "AFTER", "ON"]),
        MOMENTS,
    ),
)
METRIC = st.builds(
    lambda test, value: {"ComparisonOperator": test, "Value": value},
    st.sampled_from(["EQUAL", "GREATER_THAN", "GREATER_THAN_OR_EQUAL", "LESS_THAN", "LESS_THAN_OR_EQUAL"]),
    st.integers(0, 3).map(float),
)


def sets(values: st.SearchStrategy[str]) -> st.SearchStrategy[dict[str, Any]]:
    kinds = st.sampled_from(["INCLUSIVE", "EXCLUSIVE"])
    return st.builds(lambda kind, its: {"DimensionType": kind, "Values": its}, kinds, lists(values))


CRITERION = st.one_of(
    st.tuples(st.just("Attributes"), st.dictionaries(st.sampled_from(["plan", "tier"]), ATTRIBUTE, min_size=1)),
    st.tuples(st.just("UserAttributes"), st.dictionaries(st.sampled_from(["plan", "born"]), ATTRIBUTE, min_size=1)),
    st.tuples(st.just("Metrics"), st.fixed_dictionaries({"m": METRIC})),
    st.tuples(st.just("Location"), st.fixed_dictionaries({"Country": sets(st.sampled_from(["DE", "GB", "FR"]))})),
    st.tuples(st.just("Demographic"), st.fixed_dictionaries({"Channel": sets(st.sampled_from(["EMAIL", "SMS"]))})),
)
DIMENSIONS = st.one_of(
    CRITERION.map(lambda pair: dict([pair])),
    st.lists(CRITERION, min_size=2, max_size=3, unique_by=lambda pair: pair[0]).map(dict),
    st.just({}),
)


@st.composite
def segments(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Segments, each of which may build on those before it; saved in any order."""
    made: list[dict[str, Any]] = []
    for number in range(draw(st.integers(1, 3))):
        if draw(st.booleans()):
            criteria: dict[str, Any] = {"Dimensions": draw(DIMENSIONS)}
        else:
            known = [{"Id": one["Id"]} for one in made]
            criteria = sample.groups(
                *(draw(_group(known)) for _ in range(draw(st.integers(1, 2)))), include=draw(JOINED)
            )
        made.append(sample.segment(f"s{number}", draw(st.sampled_from(["Süß", "x" * 90, "", "A/b"])), **criteria))
    return draw(st.permutations(made))


@st.composite
def _group(draw: st.DrawFn, known: list[dict[str, Any]]) -> dict[str, Any]:
    group: dict[str, Any] = {"Dimensions": draw(st.lists(DIMENSIONS, max_size=3)), "Type": draw(JOINED)}
    if known and draw(st.booleans()):
        group |= {"SourceSegments": draw(st.lists(st.sampled_from(known), min_size=1, max_size=2))}
        group |= {"SourceType": draw(JOINED)}
    return group


def converted(documents: list[dict[str, Any]], saved: list[dict[str, Any]], options: Options) -> Conversion:
    app = App(
        endpoints=tuple(endpoint(one) for one in documents),
        files={"endpoints/all.json": len(documents)},
        segments=tuple(Saved("segments/all.json", one) for one in saved),
    )
    return convert(app, options)


@pytest.mark.parametrize("how", ["numbered", "joined"])
@given(found=ENDPOINTS, saved=segments())
def test_definitions_select_who_was_selected(
    how: Lists, found: list[dict[str, Any]], saved: list[dict[str, Any]]
) -> None:
    documents = [{"Id": f"e{number}", **one} for number, one in enumerate(found)]
    before = pinpoint.members_of(saved, documents, sample.NOW)

    result = converted(documents, saved, Options(lists=how))

    definitions = [one for path, one in result.files.items() if path.startswith("segments/") and isinstance(one, dict)]
    for definition in definitions:
        assert faults("customer-profiles", "CreateSegmentDefinition", {"DomainName": "d", **definition}) == []
    after = connect.members_of(definitions, result.profiles.requests)
    entries = [entry for entry in result.entries if entry.kind == "segment"]
    assert sorted(entry.id for entry in entries) == sorted(before)
    for entry in entries:
        if entry.outputs:
            last = result.files[entry.outputs[-1]]
            assert isinstance(last, dict)
            assert after[last["SegmentDefinitionName"]] == before[entry.id]
        else:
            assert [one for one in entry.findings if one.outcome == "lost"]


def test_report_tells_segments_of_one_name_apart() -> None:
    # GIVEN segments of one name in one file; one is lost before the one that it builds on is looked at
    moment = {"Attributes": {"plan": sample.is_("2026-01-01T00:00:00Z", test="BEFORE")}}
    first, second = {"Dimensions": [moment]}, {"Dimensions": [], "SourceSegments": [{"Id": "base"}]}
    lost = sample.segment("lost", "Gold", **sample.groups(first, second))
    base = sample.segment("base", "Gold", Dimensions={})
    people = [{"Id": "e", "ChannelType": "EMAIL", "Attributes": {"plan": ["gold", "golden"]}}]

    # WHEN they are converted
    result = converted(people, [lost, base], Options(lists="joined"))

    # THEN each outcome names its segment, for programs and for people
    outcomes = {one["id"]: one["outcome"] for one in as_json(result)["inputs"] if one["kind"] == "segment"}
    assert outcomes == {"lost": "lost", "base": "changes"}
    assert "From `segments/all.json`, Id `lost`; written: nothing." in as_markdown(result)
