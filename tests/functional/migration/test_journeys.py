"""Journeys: which are plans, which are triggers, and that the others are described whole."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement.domain.plans.connect.settings import ConnectSettings, Template
from engagement.domain.plans.model import Channel
from engagement.domain.plans.reading import parse
from engagement.domain.plans.settings import PlanSettings
from tests.functional.migration import sample
from tools.migration.journeys import Journey, journeys_of
from tools.migration.naming import Names
from tools.migration.reading import Saved
from tools.migration.segments import Segments, segments_of

TEMPLATES = frozenset({("EMAIL", "welcome"), ("SMS", "code")})
MAIL = {"EMAIL": {"TemplateName": "welcome"}}
ENTRY = {"SegmentStartCondition": {"SegmentId": "s-gold"}}
EVENT = {"EventFilter": {"FilterType": "ENDPOINT", "Dimensions": {"EventType": {"Values": ["purchase"]}}}}

TWO = {"a": {"SMS": {"TemplateName": "code", "NextActivity": "b"}}, "b": MAIL}
LATER = {"a": {"Wait": {"WaitTime": {"WaitFor": "P1D"}, "NextActivity": "b"}}, "b": MAIL}
LOST = {**EVENT, "SegmentId": "s-import"}


def segments() -> Segments:
    return segments_of([Saved("s.json", one) for one in sample.segments()], Names("numbered", {}), [])


def convert(activities: dict[str, Any], start: str = "a", **members: Any) -> Journey:
    document = {"Id": "j", "Name": "j", "StartActivity": start, "Activities": activities, "StartCondition": ENTRY}
    (made,) = journeys_of([Saved("j.json", {**document, **members})], segments(), TEMPLATES)
    return made


def places(journey: Journey, outcome: str) -> set[str]:
    return {finding.place for finding in journey.findings if finding.outcome == outcome}


def test_waits_and_messages_are_steps_in_their_order() -> None:
    made = convert(
        {
            "a": {"Wait": {"WaitTime": {"WaitFor": "PT1H"}, "NextActivity": "b"}},
            "b": {"EMAIL": {"TemplateName": "welcome", "NextActivity": "c"}},
            "c": {"SMS": {"TemplateName": "code"}},
        },
        QuietTime={"Start": "22:00", "End": "07:00"},
        Limits={"DailyCap": 2, "TotalCap": 2, "EndpointReentryCap": 1},
    )

    assert made.plan is not None
    quiet = {"quiet_time": {"from": "22:00", "to": "07:00", "action": "skip"}, "limits": {"daily": 2}}
    send = {"audience": "participants", **quiet}
    assert made.plan["steps"] == [
        {"id": "wait1", "wait": "PT1H"},
        {"id": "send2", "send": [{**send, "channel": "EMAIL", "template": "welcome"}]},
        {"id": "send3", "send": [{**send, "channel": "SMS", "template": "code"}]},
    ]


@pytest.mark.parametrize(
    ("activities", "members", "place"),
    [
        ({"a": {"Holdout": {"Percentage": 5, "NextActivity": "b"}}, "b": MAIL}, {}, "Activities.a"),
        ({"a": {"PUSH": {"TemplateName": "x"}}}, {}, "Activities.a.PUSH"),
        ({"a": {"Wait": {"WaitTime": {"WaitUntil": "2027-01-01T00:00:00Z"}}}}, {}, "Activities.a"),
        ({"a": {"EMAIL": {"TemplateName": "welcome", "NextActivity": "a"}}}, {}, "Activities.a"),
        ({"a": {"EMAIL": {"TemplateName": "welcome", "NextActivity": "gone"}}}, {}, "Activities.gone"),
        ({"a": {"EMAIL": {}}}, {}, "Activities.a"),
        ({"a": {"Teleport": {}}}, {}, "Activities.a"),
        ({}, {}, "Activities.a"),
        ({"a": MAIL}, {"StartCondition": {"SegmentStartCondition": {"SegmentId": "s-import"}}}, "StartCondition"),
        ({"a": MAIL}, {"StartCondition": {}}, "StartCondition"),
        ({"a": MAIL}, {"LocalTime": True}, "LocalTime"),
        ({"a": MAIL}, {"SendingSchedule": True}, "OpenHours, ClosedDays"),
        (TWO, {"Limits": {"TotalCap": 1}}, "Limits.TotalCap"),
        ({"a": MAIL}, {"Limits": {"DailyCap": 1000}}, "$.steps[0].send[0].limits.daily"),
        ({"a": MAIL}, {"StartCondition": {"EventStartCondition": LOST}}, "StartCondition.SegmentId"),
        (LATER, {"StartCondition": {"EventStartCondition": EVENT}}, "Activities"),
    ],
)
def test_what_would_reach_others_is_described_instead(
    activities: dict[str, Any], members: dict[str, Any], place: str
) -> None:
    """Never a plan or a trigger that writes to people whom the journey would have left out."""
    made = convert(activities, **members)

    assert (made.plan, made.trigger) == (None, None)
    assert place in places(made, "changes") | places(made, "lost")
    assert all(f"`{identifier}`" in made.drawing for identifier in activities)


def test_a_message_upon_an_event_is_a_trigger() -> None:
    condition = {"EventStartCondition": {**EVENT, "SegmentId": "s-gold"}}

    made = convert({"a": MAIL}, StartCondition=condition, Limits={"DailyCap": 2, "EndpointReentryCap": 3})

    assert made.trigger == {
        "event": "purchase",
        "channel": "EMAIL",
        "template": "welcome",
        "segment_definition_name": "Gold-customers",
        "max_per_profile": {"count": 2, "hours": 24},
    }
    assert "Limits.EndpointReentryCap" in places(made, "lost")


@pytest.mark.parametrize(
    ("members", "outcome", "place"),
    [
        ({"Schedule": {"StartTime": "2026-01-01T00:00:00Z"}}, "changes", "Schedule"),
        ({"RefreshFrequency": "PT1H"}, "lost", "RefreshFrequency"),
        ({"WaitForQuietTime": True}, "changes", "WaitForQuietTime"),
        ({"Limits": {"MessagesPerSecond": 5}}, "lost", "Limits.MessagesPerSecond"),
        ({"Limits": {"EndpointReentryCap": 0}}, "changes", "Limits.EndpointReentryCap"),
        ({"State": "DRAFT"}, "changes", "State"),
        ({"TimezoneEstimationMethods": ["PHONE_NUMBER"]}, "lost", "TimezoneEstimationMethods"),
        ({"Surprise": 1}, "lost", "Surprise"),
    ],
)
def test_what_a_plan_does_not_say_is_listed(members: dict[str, Any], outcome: str, place: str) -> None:
    made = convert({"a": MAIL}, **members)

    assert made.plan is not None
    assert place in places(made, outcome)


IDS = ["a", "b", "c", "d"]
NEXT = st.fixed_dictionaries({}, optional={"NextActivity": st.sampled_from([*IDS, "gone"])})
ACTIVITY = st.one_of(
    NEXT.map(lambda after: {"EMAIL": {"TemplateName": "welcome", **after}}),
    NEXT.map(lambda after: {"SMS": {"TemplateName": "code", **after}}),
    NEXT.map(lambda after: {"Wait": {"WaitTime": {"WaitFor": "P1D"}, **after}}),
    NEXT.map(lambda after: {"CUSTOM": {"DeliveryUri": "https://example.com", "MessageConfig": {"Data": "x"}, **after}}),
    st.builds(
        lambda yes, no: {
            "ConditionalSplit": {"Condition": {"Conditions": [{}]}, "TrueActivity": yes, "FalseActivity": no}
        },
        st.sampled_from(IDS),
        st.sampled_from(IDS),
    ),
    st.lists(NEXT, min_size=2, max_size=3).map(
        lambda branches: {"RandomSplit": {"Branches": [{"Percentage": 10, **branch} for branch in branches]}}
    ),
)


@given(activities=st.dictionaries(st.sampled_from(IDS), ACTIVITY, max_size=4), by_event=st.booleans())
def test_any_journey_becomes_exactly_one_thing(activities: dict[str, Any], by_event: bool) -> None:
    """A plan that keeps all rules for Connect, a trigger, or a description that names every activity."""
    made = convert(activities, StartCondition={"EventStartCondition": EVENT} if by_event else ENTRY)

    assert [made.plan is not None, made.trigger is not None, bool(made.drawing)].count(True) == 1
    if made.plan is not None:
        templates = {name: Template("arn", "arn") for _, name in TEMPLATES}
        connect = ConnectSettings(templates, {Channel.EMAIL: "a@example.com", Channel.SMS: "arn"})
        parse(made.plan, PlanSettings(sends_by="connect", connect=connect))
    if made.plan is not None or made.trigger is not None:
        listed = {place.split(".")[1] for place in places(made, "lost") if place.startswith("Activities.")}
        steps = len(made.plan["steps"]) if made.plan is not None else 1
        assert steps + len(listed) == len(activities)
    else:
        assert all(f"- `{identifier}`" in made.drawing for identifier in activities)
