"""What becomes of a journey's messages: its splits and the event stream hear of it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local_cloud.pinpoint import NeighbourError
from tests.local_cloud.pinpoint.journey_project import (
    EVENT,
    JourneyProject,
    custom,
    fail,
    happened,
    start,
    wait,
    with_split,
    yes_no,
)

TYPES = ["EMAIL", "SMS", "PUSH", "CUSTOM"]
LINK = "https://shop.example/sale"


def message(channel: str = "EMAIL", after: str = "split") -> dict[str, Any]:
    """An activity that sends a template."""
    return {channel: {"TemplateName": "hello", "NextActivity": after}}


def split_behind(split: dict[str, Any], **before: Any) -> dict[str, Any]:
    """A journey that sends, splits, and calls `yes` or `no` for every channel."""
    written = with_split(split, **(before or {"first": message()}))
    written["Activities"] |= {name: custom(EndpointTypes=TYPES) for name in ("yes", "no")}
    return written


def did(journeys: JourneyProject, what: str, number: int = 0, **more: str) -> None:
    journeys.pinpoint.interact({"message": number, "did": what, **more})


def ways(journeys: JourneyProject) -> dict[str, set[str]]:
    """Who went which way, two hours later: those who share a moment share a call."""
    journeys.later(hours=2)
    found: dict[str, set[str]] = {"yes": set(), "no": set()}
    for activity, endpoints in journeys.called():
        found[activity] |= set(endpoints)
    return found


@pytest.fixture
def journeys() -> JourneyProject:
    made = JourneyProject()
    made.templates()
    made.endpoint("ada")
    return made


PEOPLE = ("ada", "bob", "cyd", "dan")


@given(st.lists(st.tuples(st.sampled_from(range(len(PEOPLE))), st.sampled_from(["open", "click", "unsubscribe"]))))
@settings(max_examples=20, deadline=None)
def test_who_opened_goes_one_way_and_who_did_not_the_other(done: list[tuple[int, str]]) -> None:
    journeys = JourneyProject()
    journeys.templates()
    journeys.journey(**split_behind(yes_no(happened("_email.open", activity="first"))))
    for name in PEOPLE:
        journeys.endpoint(name)
        journeys.put(name)

    for number, what in done:
        did(journeys, what, number)

    opened = {PEOPLE[number] for number, what in done if what == "open"}
    assert ways(journeys) == {"yes": opened, "no": set(PEOPLE) - opened}


def test_who_opens_after_the_split_is_too_late(journeys: JourneyProject) -> None:
    journeys.journey(**split_behind(yes_no(happened("_email.open", activity="first"))))
    journeys.put("ada")
    journeys.later(hours=1)

    did(journeys, "open")

    assert ways(journeys) == {"yes": set(), "no": {"ada"}}


@pytest.mark.parametrize(
    ("address", "condition", "way"),
    [
        ("ada@example.com", happened("_email.send", activity="first"), "yes"),
        ("ada@example.com", happened("_email.delivered", activity="first"), "yes"),
        ("ada@example.com", happened("_email.hardbounce", activity="first"), "no"),
        ("bounce@simulator.amazonses.com", happened("_email.delivered", activity="first"), "no"),
        ("bounce@simulator.amazonses.com", happened("_email.hardbounce"), "yes"),
    ],
)
def test_messages_arrive_by_themselves(
    journeys: JourneyProject, address: str, condition: dict[str, Any], way: str
) -> None:
    journeys.endpoint("ada", Address=address)
    journeys.journey(**split_behind(yes_no(condition)))

    journeys.put("ada")

    assert ways(journeys)[way] == {"ada"}


@pytest.mark.parametrize(
    ("channel", "kind", "interaction", "event_type"),
    [
        ("SMS", "SMS", None, "_SMS.SUCCESS"),
        ("SMS", "SMS", "optout", "_SMS.OPTOUT"),
        ("GCM", "PUSH", "open", "_journey.opened_notification"),
    ],
)
def test_other_channels_are_asked_for_too(
    journeys: JourneyProject, channel: str, kind: str, interaction: str | None, event_type: str
) -> None:
    journeys.endpoint("bob", channel)
    journeys.journey(**split_behind(yes_no(happened(event_type, activity="first")), first=message(kind)))
    journeys.put("bob")

    if interaction:
        did(journeys, interaction)

    assert ways(journeys) == {"yes": {"bob"}, "no": set()}


@pytest.mark.parametrize(("link", "way"), [(LINK, "yes"), ("https://shop.example/help", "no")])
def test_a_split_can_ask_for_the_link(journeys: JourneyProject, link: str, way: str) -> None:
    journeys.journey(**split_behind(yes_no(happened("_email.click", activity="first", feedback=LINK))))
    journeys.put("ada")

    did(journeys, "click", url=link)

    assert ways(journeys)[way] == {"ada"}


def test_one_branch_for_each_thing_that_a_person_did(journeys: JourneyProject) -> None:
    branches = [
        {"Condition": happened(f"_email.{what}", activity="first"), "NextActivity": what} for what in ("click", "open")
    ]
    activities = {
        "first": message(),
        "split": {"MultiCondition": {"Branches": branches, "DefaultActivity": "neither"}},
        **{name: custom(EndpointTypes=TYPES) for name in ("click", "open", "neither")},
    }
    journeys.journey(Activities=activities)
    for name in ("ada", "bob", "cyd"):
        journeys.endpoint(name)
        journeys.put(name)

    did(journeys, "open", 0)
    did(journeys, "open", 1)
    did(journeys, "click", 1)
    journeys.later(hours=1)

    assert sorted(journeys.called()) == [("click", ["bob"]), ("neither", ["cyd"]), ("open", ["ada"])]


@pytest.mark.parametrize(("opened", "way"), [(0, "yes"), (1, "no")])
def test_a_split_asks_for_the_message_of_one_activity(journeys: JourneyProject, opened: int, way: str) -> None:
    split = yes_no(happened("_email.open", activity="first"))
    journeys.journey(**split_behind(split, first=message(after="second"), second=message()))
    journeys.put("ada")

    did(journeys, "open", opened)

    assert ways(journeys)[way] == {"ada"}


def test_messages_of_other_senders_do_not_count(journeys: JourneyProject) -> None:
    journeys.journey(**split_behind(yes_no(happened("_email.open"))))
    another = {"first": {"EMAIL": {"TemplateName": "hello", "NextActivity": "pause"}}, "pause": wait()}
    journeys.journey(Activities=another, StartCondition=start("another"))
    journeys.put("ada")
    journeys.put("ada", "another")
    journeys.campaign(SegmentId=journeys.segment())
    journeys.later()
    own, *others = [found.journey_id or found.campaign_id for found in journeys.sent()]

    for number in range(1, 1 + len(others)):
        did(journeys, "open", number)

    assert len({own, *others}) == 3
    assert ways(journeys) == {"yes": set(), "no": {"ada"}}


def test_messages_of_an_earlier_entry_do_not_count(journeys: JourneyProject) -> None:
    journeys.journey(**split_behind(yes_no(happened("_email.open", activity="first"))))
    journeys.put("ada")
    journeys.later(hours=1)
    journeys.put("ada")

    did(journeys, "open")

    assert ways(journeys) == {"yes": set(), "no": {"ada"}}
    assert len(journeys.called()) == 2


def test_an_open_outlasts_a_restart(journeys: JourneyProject) -> None:
    journeys.journey(**split_behind(yes_no(happened("_email.open", activity="first"))))
    journeys.put("ada")
    did(journeys, "open")

    journeys.pinpoint.restore(journeys.pinpoint.snapshot())

    assert ways(journeys) == {"yes": {"ada"}, "no": set()}


def test_what_becomes_of_a_message_lets_nobody_in(journeys: JourneyProject) -> None:
    entered = journeys.journey(StartCondition=start("_email.open"))
    journeys.journey(**split_behind(yes_no(happened("_email.open", activity="first"))))
    journeys.put("ada")

    did(journeys, "open")
    journeys.later()

    assert journeys.view(entered)["entered"] == 0


def test_a_message_to_a_plain_address_can_be_opened(journeys: JourneyProject) -> None:
    request: Any = {
        "Addresses": {"eve@example.com": {"ChannelType": "EMAIL"}},
        "MessageConfiguration": {
            "EmailMessage": {"SimpleEmail": {"Subject": {"Data": "Hi"}, "TextPart": {"Data": "x"}}}
        },
    }
    journeys.client.send_messages(ApplicationId=journeys.id, MessageRequest=request)

    assert journeys.pinpoint.interact({"message": 0, "did": "open"}) == {"event_type": "_email.open"}


# The event stream


def told_of_messages(journeys: JourneyProject) -> list[Any]:
    """Every record but that of the event that let somebody in."""
    return [record for record in journeys.streamed() if record["event_type"] != EVENT]


def test_the_stream_tells_which_activity_sent_what(journeys: JourneyProject) -> None:
    journeys.stream()
    activities = {"first": message(after="last"), "last": custom(EndpointTypes=TYPES)}
    journey = journeys.journey(Activities=activities)

    journeys.put("ada")

    origin = {"journey_id": journey, "journey_run_id": journeys.view(journey)["run_id"]}
    records = told_of_messages(journeys)
    told = [(record["event_type"], record["attributes"]["journey_activity_id"]) for record in records]
    assert sorted(told) == [
        ("_email.delivered", "first"),
        ("_email.send", "first"),
        ("_journey.send", "first"),
        ("_journey.send", "last"),
    ]
    assert all(origin.items() <= record["attributes"].items() for record in records)
    assert {record["client"]["client_id"] for record in records} == {"ada"}


@pytest.mark.parametrize(
    ("works", "status", "code"), [(True, "SUCCESS", "200"), (False, "CUSTOM_DELIVERY_FAILURE", "500")]
)
def test_a_call_of_a_function_is_told_once_for_each_of_its_endpoints(
    journeys: JourneyProject, works: bool, status: str, code: str
) -> None:
    journeys.stream()
    journeys.step(lambda event: None if works else fail(event))
    user = {"UserId": "bob", "UserAttributes": {"plan": ["gold"]}}
    for name in ("bob", "bobs-other"):
        journeys.member(name, User=user)
    journeys.endpoint("bobs-post", User=user)
    journey = journeys.journey(Activities={"first": custom()})

    journeys.put("bob")

    records = told_of_messages(journeys)
    assert sorted(record["client"]["client_id"] for record in records) == ["bob", "bobs-other"]
    for record in records:
        assert (record["event_type"], record["application"]["app_id"]) == ("_journey.send", journeys.id)
        assert record["attributes"] == {
            "journey_id": journey,
            "journey_run_id": journeys.view(journey)["run_id"],
            "journey_activity_id": "first",
            "journey_activity_type": "CUSTOM",
            "journey_send_status": status,
            "journey_send_status_code": code,
            "journey_send_status_message": code,
        }
        assert '"plan":["gold"]' in record["client_context"]["custom"]["endpoint"]
    assert journeys.sent() == []


def test_a_call_that_works_at_the_third_attempt_is_told_once(journeys: JourneyProject) -> None:
    journeys.stream()

    def step(_: dict[str, Any]) -> None:
        if len(journeys.functions.calls) < 3:
            raise NeighbourError("no")

    journeys.step(step)
    journeys.member("bob")
    journeys.journey(Activities={"first": custom()})

    journeys.put("bob")

    assert [record["attributes"]["journey_send_status"] for record in told_of_messages(journeys)] == ["SUCCESS"]
