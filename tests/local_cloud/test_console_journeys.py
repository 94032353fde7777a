"""What the console tells of journeys: who stands where, in words, and how it is drawn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_cloud.console.journey_flows import Way, flows, ways
from local_cloud.console.journey_words import condition, details, entry
from tests.local_cloud.aws import Aws, wait_for
from tests.local_cloud.journeys import BROKEN, FOREVER, JourneyApp
from tests.local_cloud.pinpoint.journey_project import COMPANY, custom, start, start_segment, wait
from tests.local_cloud.pixel import request

if TYPE_CHECKING:
    from local_cloud.process import LocalCloud

Edge = tuple[str, str]
LIST = {"Values": ["a", "b"]}


@pytest.fixture
def app(aws: Aws) -> Iterator[JourneyApp]:
    yield JourneyApp(aws)
    aws.local("pinpoint/settings", "PUT", {"time_factor": 1})


def listed(app: JourneyApp) -> list[dict[str, Any]]:
    """The project's journeys, as the list has them."""
    feed = app.aws.local("console/feed")
    return [journey for journey in feed["journeys"] if journey["application_id"] == app.id]


# Who stands where


def test_after_an_event_its_endpoint_stands_where_the_journey_waits(app: JourneyApp) -> None:
    journey = app.waiting()
    before = app.seen(journey)
    assert (before["entered"], before["activities"]["pause"]["count"]) == (0, 0)

    app.enter("ada", "bob")

    after = app.standing(journey, "pause", "ada", "bob")
    first, pause = after["activities"]["first"], after["activities"]["pause"]
    assert (first["count"], first["passed"], first["standing"], first["until"]) == (0, 2, [], "")
    assert (pause["count"], pause["passed"]) == (2, 0)
    assert pause["until"] > after["begins"]
    assert (after["entered"], after["ended"], after["errors"], after["drops"]) == (2, 0, [], {})


def test_a_split_says_how_many_took_each_way(app: JourneyApp) -> None:
    asked = {"EventCondition": {"Dimensions": {"EventType": {"Values": ["never"]}}}}
    split = {"Condition": {"Conditions": [asked]}, "TrueActivity": "end", "FalseActivity": "pause"}
    journey = app.open(
        {
            "split": {"ConditionalSplit": split},
            "pause": wait(WaitFor=FOREVER),
            "end": wait(WaitFor=FOREVER),
        }
    )

    app.enter("ada")

    known = app.standing(journey, "pause", "ada")
    assert known["activities"]["split"]["took"] == {"Branch_FALSE": 1, "Branch_TRUE": 0}
    [flow] = known["flows"]
    assert [branch["metric"] for branch in flow["steps"][0]["branches"]] == ["Branch_TRUE", "Branch_FALSE"]


def test_who_is_left_out_and_why_a_function_failed_is_told(app: JourneyApp) -> None:
    segment = app.segment("company endpoints", **COMPANY)
    broken = custom(None, app.function(BROKEN))
    everybody, narrowed = (
        app.open({"first": broken}),
        app.open({"first": broken}, StartCondition=start(segment_id=segment)),
    )

    app.enter("ada")

    failed = wait_for("the failure", lambda: (known := app.seen(everybody))["errors"] and known)
    assert failed["activities"]["first"]["drops"] == {"CUSTOM_DELIVERY_FAILURE": 1}
    assert "no" in failed["errors"][0]
    left_out = wait_for("the drop", lambda: (known := app.seen(narrowed))["drops"] and known)
    assert left_out["drops"] == {"FILTERED_OUT_BY_SEGMENT": 1}
    assert left_out["entry"][0] == "the event company, of endpoints of the segment company endpoints"


def test_journeys_are_listed_newest_first_with_what_changed_last(app: JourneyApp) -> None:
    step = custom(None, app.function())
    first = app.open({"first": step}, Name="first")
    second = app.write({"first": step}, Name="second", State="DRAFT")
    published = {one["id"]: one["since"] for one in listed(app)}
    app.become(first, "CANCELLED")

    found = listed(app)

    assert [(one["id"], one["name"], one["state"]) for one in found] == [
        (second, "second", "DRAFT"),
        (first, "first", "CANCELLED"),
    ]
    assert found[1]["since"] > published[first]
    assert found[0]["since"] == published[second]


def test_a_draft_is_shown_as_far_as_it_goes(app: JourneyApp) -> None:
    draft = app.write({}, State="DRAFT", StartCondition={}, StartActivity="nowhere")
    strange = app.write(
        {
            "empty": {},
            "both": {**custom("gone"), **wait()},
            "split": {"MultiCondition": {}},
            "random": {"RandomSplit": {}},
        },
        State="DRAFT",
        StartActivity="nowhere",
    )

    assert (app.seen(draft)["flows"], app.seen(draft)["entry"]) == ([], ["nobody: it has no start condition"])
    assert {flow["steps"][0]["id"] for flow in app.seen(strange)["flows"]} == {"empty", "both", "split", "random"}
    assert {one["kind"] for one in app.seen(strange)["activities"].values()} == {"", "MultiCondition", "RandomSplit"}


def test_what_is_no_journey_is_not_found(app: JourneyApp, cloud: LocalCloud) -> None:
    for path in (f"{app.id}/nothing", "nothing/nothing"):
        assert request(cloud.port, "GET", f"/_local/console/journeys/{path}").status == 404


# How it is drawn


def edges(flow: Mapping[str, Any]) -> Iterator[Edge]:
    """Every way that a drawing shows, as where it begins and where it leads."""
    places = [*(step["id"] for step in flow["steps"]), flow["to"]]
    for step, following in zip(flow["steps"], places[1:], strict=True):
        if not step["branches"]:
            yield step["id"], following
        for branch in step["branches"]:
            below = branch["flow"]
            assert below["ends"] != "joins" or below["to"] == following
            yield step["id"], below["steps"][0]["id"] if below["steps"] else below["to"]
            yield from edges(below)


def drawn(flow: Mapping[str, Any]) -> Iterator[str]:
    for step in flow["steps"]:
        yield step["id"]
        for branch in step["branches"]:
            yield from drawn(branch["flow"])


@st.composite
def graphs(draw: st.DrawFn) -> dict[str, list[Way]]:
    """Activities that lead anywhere: back, to nothing, to what there is not."""
    names = [str(number) for number in range(draw(st.integers(1, 12)))]
    targets = st.sampled_from([*names, *names, "", "missing"])
    single = targets.map(lambda to: [Way(to)])
    split = st.lists(targets, min_size=2, max_size=5).map(
        lambda all_of_them: [Way(to, f"way {number}", "m") for number, to in enumerate(all_of_them)]
    )
    return {name: draw(single | split) for name in names}


@given(graphs())
def test_every_activity_is_drawn_once_and_every_way_leads_where_it_should(graph: dict[str, list[Way]]) -> None:
    found = flows(graph, "0")

    assert sorted(name for flow in found for name in drawn(flow)) == sorted(graph)
    shown = sorted(edge for flow in found for edge in edges(flow))
    assert shown == sorted((name, way.to) for name, leaving in graph.items() for way in leaving)
    assert found[0]["steps"][0]["id"] == "0"


def test_branches_that_meet_go_on_below_their_split() -> None:
    graph = {
        "split": [Way("yes", "Yes"), Way("no", "No"), Way("", "out")],
        "yes": [Way("last")],
        "no": [Way("held")],
        "held": [Way("", "held out"), Way("last", "others")],
        "last": [Way("")],
    }

    [flow] = flows(graph, "split")

    assert [step["id"] for step in flow["steps"]] == ["split", "last"]
    branches = {branch["label"]: branch["flow"] for branch in flow["steps"][0]["branches"]}
    assert {label: (list(drawn(below)), below["ends"]) for label, below in branches.items()} == {
        "Yes": (["yes"], "joins"),
        "No": (["no", "held"], "joins"),
        "out": ([], "leaves"),
    }


def test_what_follows_below_is_not_drawn_inside_a_branch() -> None:
    graph = {
        "outer": [Way("one", "1"), Way("inner", "2")],
        "one": [Way("next")],
        "inner": [Way("next", "3"), Way("last", "4"), Way("two", "5")],
        "two": [Way("next")],
        "next": [Way("last")],
        "last": [Way("")],
    }

    [flow] = flows(graph, "outer")

    assert [step["id"] for step in flow["steps"]] == ["outer", "next", "last"]
    inner = flow["steps"][0]["branches"][1]["flow"]
    ends = [(list(drawn(branch["flow"])), branch["flow"]["to"]) for branch in inner["steps"][0]["branches"]]
    assert ends == [([], "next"), ([], "last"), (["two"], "next")]


def test_a_holdout_and_shares_say_how_many() -> None:
    random = {"RandomSplit": {"Branches": [{"Percentage": 70, "NextActivity": "a"}, {"Percentage": 30}]}}

    assert [(way.label, way.to) for way in ways({"Holdout": {"Percentage": 10, "NextActivity": "a"}}, {})] == [
        ("10% are held out", ""),
        ("90% go on", "a"),
    ]
    assert [(way.label, way.to) for way in ways(random, {})] == [("1: 70%", "a"), ("2: 30%", "")]


# In words


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({}, "anything"),
        ({"SegmentCondition": {"SegmentId": "s"}}, "belongs to the segment gold"),
        ({"SegmentCondition": {"SegmentId": "gone"}}, "belongs to the segment gone"),
        ({"EventCondition": {"Dimensions": {"EventType": LIST}}}, "the event a or b"),
        (
            {"EventCondition": {"Dimensions": {"EventType": {**LIST, "DimensionType": "EXCLUSIVE"}}}},
            "any event but a or b",
        ),
        (
            {"EventCondition": {"Dimensions": {"Attributes": {"size": {"Values": ["XL"]}}}, "MessageActivity": "mail"}},
            "any event where size is XL, after mail",
        ),
        ({"segmentDimensions": {"Attributes": {"x": {**LIST, "AttributeType": "EXCLUSIVE"}}}}, "x is not a or b"),
        (
            {"segmentDimensions": {"UserAttributes": {"x": {**LIST, "AttributeType": "BETWEEN"}}}},
            "user's x is between a and b",
        ),
        (
            {
                "segmentDimensions": {
                    "Metrics": {"age": {"ComparisonOperator": "GREATER_THAN_OR_EQUAL", "Value": 18.0}},
                    "Demographic": {"Channel": {"Values": ["SMS"]}},
                }
            },
            "age is at least 18 and Channel is SMS",
        ),
        (
            {
                "segmentDimensions": {
                    "Location": {
                        "Country": {"Values": ["DE"], "DimensionType": "EXCLUSIVE"},
                        "GPSPoint": {"Coordinates": {"Latitude": 48.5, "Longitude": 9.0}, "RangeInKilometers": 10.0},
                    }
                }
            },
            "Country is not DE and is within 10 km of 48.5, 9",
        ),
        (
            {"segmentDimensions": {"Behavior": {"Recency": {"Duration": "DAY_7", "RecencyType": "INACTIVE"}}}},
            "was not active in the last 7 days",
        ),
    ],
)
def test_conditions_in_words(asked: dict[str, Any], words: str) -> None:
    assert condition(asked, {"s": "gold"}) == words


@pytest.mark.parametrize(
    ("activity", "lines"),
    [
        (
            custom(function="arn:aws:lambda:us-east-1:0:function:step"),
            ["calls step", "with data", "for endpoints of CUSTOM"],
        ),
        ({"EMAIL": {"TemplateName": "t", "TemplateVersion": "2"}}, ["template t, version 2"]),
        ({"SMS": {"TemplateName": "t", "MessageConfig": {"SenderId": "Shop"}}}, ["template t", "from Shop"]),
        ({"PUSH": {}}, ["template (none)"]),
        (wait(WaitFor="P1DT1H"), ["goes on after 1 day 1 hour"]),
        (wait(WaitFor="PT90S"), ["goes on after PT90S"]),
        (wait(WaitUntil="2026-11-22T00:00:00Z"), ["goes on at 2026-11-22T00:00:00Z"]),
        ({"MultiCondition": {"EvaluationWaitTime": {"WaitFor": "PT2H"}}}, ["decides after 2 hours"]),
        (
            {"ConditionalSplit": {"Condition": {"Operator": "ANY", "Conditions": [{}, {"SegmentCondition": {}}]}}},
            ["any of:", "anything", "belongs to the segment "],
        ),
    ],
)
def test_activities_in_words(activity: dict[str, Any], lines: list[str]) -> None:
    assert details(activity, {}) == lines


@pytest.mark.parametrize(
    ("journey", "lines"),
    [
        (
            {"StartCondition": start(Attributes={"plan_version": {"Values": ["v1"]}})},
            ["the event company where plan_version is v1", "once"],
        ),
        (
            {
                "StartCondition": start_segment("s"),
                "RefreshFrequency": "PT1H",
                "Limits": {"EndpointReentryCap": 3, "EndpointReentryInterval": "P1D"},
            },
            [
                "endpoints of the segment gold",
                "the segment is looked at again every 1 hour",
                "at most 3 times",
                "again after 1 day",
            ],
        ),
        (
            {
                "StartCondition": start_segment("s"),
                "RefreshOnSegmentUpdate": True,
                "Limits": {"EndpointReentryCap": 0},
            },
            [
                "endpoints of the segment gold",
                "the segment is looked at again when it changes",
                "as often as they come",
            ],
        ),
    ],
)
def test_entries_in_words(journey: dict[str, Any], lines: list[str]) -> None:
    assert entry(journey, {"s": "gold"}) == lines
