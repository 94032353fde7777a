"""Journeys of any shape: everybody gets through, and nobody twice through the same activity."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from local_cloud.pinpoint.journey_graph import has_cycle, parts, successors
from local_cloud.service.moments import duration
from tests.local_cloud.pinpoint.journey_project import COMPANY, JourneyProject, custom, start_segment, wait


def conditions(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(st.sampled_from(["segment", "event"]))
    if kind == "segment":
        return {"SegmentDimensions": COMPANY}
    return {"EventCondition": {"Dimensions": {"EventType": {"Values": ["opened"]}}}}


@st.composite
def graphs(draw: st.DrawFn) -> dict[str, dict[str, Any]]:
    """Activities `a0`, `a1`, ..., each of which leads to later ones only."""
    size = draw(st.integers(1, 10))
    activities = {}
    for number in range(size):
        later = [f"a{following}" for following in range(number + 1, size)]

        def some(later: list[str] = later) -> Any:
            return draw(st.none() | st.sampled_from(later)) if later else None

        kind = draw(st.sampled_from(["custom", "wait", "yes_no", "multi", "random", "holdout"]))
        made: dict[str, Any]
        if kind == "custom":
            made = custom(some())
        elif kind == "wait":
            made = wait(some(), WaitFor=draw(st.sampled_from(["PT1H", "P1D"])))
        elif kind == "yes_no":
            condition = {"Conditions": [conditions(draw)]}
            made = {"ConditionalSplit": {"Condition": condition, "TrueActivity": some(), "FalseActivity": some()}}
        elif kind == "multi":
            branches = [{"Condition": conditions(draw), "NextActivity": some()} for _ in range(draw(st.integers(1, 4)))]
            made = {"MultiCondition": {"Branches": branches, "DefaultActivity": some()}}
        elif kind == "random":
            share = draw(st.integers(0, 100))
            branches = [{"Percentage": one, "NextActivity": some()} for one in (share, 100 - share)]
            made = {"RandomSplit": {"Branches": branches}}
        else:
            made = {"Holdout": {"Percentage": draw(st.integers(0, 100)), "NextActivity": some()}}
        activities[f"a{number}"] = without_none(made)
    return activities


def without_none(document: Any) -> Any:
    if isinstance(document, dict):
        return {name: without_none(value) for name, value in document.items() if value is not None}
    return [without_none(item) for item in document] if isinstance(document, list) else document


@settings(max_examples=30, deadline=None)
@given(graphs(), st.integers(1, 60), st.lists(st.sampled_from(["event", "hour"]), max_size=6))
def test_everybody_gets_through_and_nobody_twice(
    activities: dict[str, Any], members: int, happenings: list[str]
) -> None:
    journeys = JourneyProject()
    for number in range(members):
        attributes = {"engagement_role": ["company"]} if number % 2 else {}
        journeys.member(f"e{number}", Attributes=attributes, User={"UserId": f"u{number // 3}"})
    journey = journeys.journey(
        StartCondition=start_segment(journeys.segment()), StartActivity="a0", Activities=activities
    )

    for happening in happenings:
        if happening == "event":
            journeys.put("e0", "opened")
        else:
            journeys.later(hours=1)
        seen = journeys.view(journey)
        # Who has not come to an end stands where one waits.
        assert all(
            parts(activities[name])[0] in {"Wait", "ConditionalSplit", "MultiCondition"} for name in seen["counts"]
        )
        assert sum(seen["counts"].values()) == seen["entered"] - seen["ended"]
        assert seen["entered"] == members
    for _ in activities:
        journeys.later(days=1)
    journeys.later()

    seen = journeys.view(journey)
    assert (seen["counts"], seen["ended"], journeys.state(journey)) == ({}, members, "COMPLETED")
    times = Counter((activity, name) for activity, names in journeys.called() for name in names)
    assert set(times.values()) <= {1}
    assert all(len(names) <= 50 for _, names in journeys.called())
    for name, passed in seen["passed"].items():
        assert passed == journeys.activity_metrics(journey, name)["TOTAL"]


@given(st.dictionaries(st.sampled_from("abcd"), st.sampled_from("abcd"), min_size=1))
def test_a_cycle_is_found(edges: dict[str, str]) -> None:
    activities = {name: wait(edges.get(name)) for name in "abcd"}

    def comes_back(name: str) -> bool:
        seen: set[str] = set()
        current: str | None = name
        while current and current not in seen:
            seen.add(current)
            current = next(successors(activities[current]), None)
        return current is not None

    assert has_cycle(activities) == any(map(comes_back, activities))


@given(st.integers(0, 400), st.integers(0, 23), st.integers(0, 59), st.integers(0, 59))
def test_durations_are_read(days: int, hours: int, minutes: int, seconds: int) -> None:
    text = f"P{days}DT{hours}H{minutes}M{seconds}S"

    assert duration(text) == timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    for wrong in (text.lower(), text[1:], f"{text} ", "P", "PT", "P1DT", "P1Y", "P1M", "-PT1H", "", "P99999999999D"):
        assert duration(wrong) is None
    assert duration("P2W") == timedelta(weeks=2)
    assert duration("PT0.5S") == timedelta(seconds=0.5)
