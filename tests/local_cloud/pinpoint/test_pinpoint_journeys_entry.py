"""Who enters a journey, and who is left out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.local_cloud.pinpoint.journey_project import COMPANY, JourneyProject, custom, start, start_segment, wait

OF_COMPANY: dict[str, Any] = {
    "ChannelType": "CUSTOM",
    "Address": "company-1",
    "Attributes": {"engagement_role": ["company"]},
}
SHORT: dict[str, Any] = {"Activities": {"first": custom()}}
WAITING: dict[str, Any] = {"StartActivity": "first", "Activities": {"first": wait("last"), "last": custom()}}
RUNNING = {"ENDPOINT_PRODUCED": 1, "ENDPOINT_ENTERED": 1, "ENDPOINT_ACTIVE": 1}


def test_an_event_takes_its_endpoint_through_the_activities(journeys: JourneyProject) -> None:
    journeys.member("ada")
    journeys.member("bob")
    journey = journeys.journey()

    journeys.put("Ada")
    assert (journeys.called(), journeys.metrics(journey)) == ([("first", ["ada"])], RUNNING)
    journeys.later(minutes=59, seconds=59)
    assert journeys.view(journey)["standing"] == {"pause": ["ada"]}
    journeys.later(seconds=1)

    assert journeys.called() == [("first", ["ada"]), ("last", ["ada"])]
    assert journeys.metrics(journey) == {"ENDPOINT_PRODUCED": 1, "ENDPOINT_ENTERED": 1, "ENDPOINT_LEFT": 1}
    assert journeys.state(journey) == "ACTIVE"


def test_101_events_one_after_the_other_are_101_entries(journeys: JourneyProject) -> None:
    journeys.member("company")
    journey = journeys.journey(**SHORT)

    for _ in range(101):
        journeys.put("company")

    assert len(journeys.called()) == 101
    assert journeys.metrics(journey)["ENDPOINT_LEFT"] == 101


def test_an_endpoint_of_its_own_per_event_passes_while_another_one_waits(journeys: JourneyProject) -> None:
    journey = journeys.journey()

    for number in (1, 2):
        journeys.put(f"company-{number}", of={**OF_COMPANY, "Address": f"company-{number}"})
    journeys.later(hours=1)

    assert journeys.called() == [
        ("first", ["company-1"]),
        ("first", ["company-2"]),
        ("last", ["company-1", "company-2"]),
    ]
    assert journeys.metrics(journey)["ENDPOINT_LEFT"] == 2


def test_who_is_still_inside_does_not_enter_again(journeys: JourneyProject) -> None:
    journeys.member("ada")
    journey = journeys.journey()

    journeys.put("ada")
    journeys.put("ada")
    assert journeys.metrics(journey) == {**RUNNING, "ENDPOINT_PRODUCED": 2, "ACTIVE_ENDPOINT_REJECTED": 1}
    journeys.later(hours=1)
    journeys.put("ada")

    assert [activity for activity, _ in journeys.called()] == ["first", "last", "first"]


@pytest.mark.parametrize(
    ("event", "enters"),
    [
        ({}, False),
        ({"Attributes": {"version": "1"}, "Metrics": {"value": 5.0}}, False),
        ({"Attributes": {"version": "3"}, "Metrics": {"value": 5.1}}, True),
        ({"Attributes": {"version": "2", "more": "x"}, "Metrics": {"value": 6.0}}, True),
        ({"Attributes": {"version": "2"}, "Metrics": {"value": 5.0}}, False),
        ({"Attributes": {"version": "2"}}, False),
    ],
)
def test_attributes_and_metrics_of_the_event_decide(
    journeys: JourneyProject,
    event: dict[str, Any],
    enters: bool,
) -> None:
    journeys.member("ada")
    journeys.journey(
        StartCondition=start(
            Attributes={"version": {"AttributeType": "INCLUSIVE", "Values": ["2", "3"]}},
            Metrics={"value": {"ComparisonOperator": "GREATER_THAN", "Value": 5.0}},
        )
    )

    journeys.put("ada", **event)
    journeys.put("ada", "other", Attributes={"version": "2"}, Metrics={"value": 6.0})

    assert len(journeys.called()) == enters


def test_two_versions_beside_each_other_share_no_event(journeys: JourneyProject) -> None:
    journeys.member("ada")

    def version(value: str) -> str:
        condition = start(Attributes={"plan_version": {"AttributeType": "INCLUSIVE", "Values": [value]}})
        return journeys.journey(StartCondition=condition, **SHORT)

    old, new = version("1"), version("2")
    for value in ("1", "2", "2"):
        journeys.put("ada", Attributes={"plan_version": value})

    assert (journeys.view(old)["entered"], journeys.view(new)["entered"]) == (1, 2)
    assert len(journeys.called()) == 3


# Publishing


@pytest.mark.parametrize(("factor", "seconds"), [(1, 300), (100, 3)])
def test_nobody_enters_in_the_first_five_minutes(journeys: JourneyProject, factor: float, seconds: float) -> None:
    journeys.pinpoint.configure({"time_factor": factor})
    journeys.member("ada")
    journey = journeys.write()["Id"]

    journeys.later(seconds=seconds - 0.1)
    journeys.put("ada")
    journeys.later(seconds=0.1)
    assert (journeys.called(), journeys.metrics(journey)) == ([], {})
    journeys.put("ada")
    assert journeys.called() == [("first", ["ada"])]


def test_a_schedule_says_when_it_begins_and_ends(journeys: JourneyProject) -> None:
    for name in ("early", "ada", "bob", "late"):
        journeys.member(name)
    schedule = {"StartTime": journeys.moment(hours=1), "EndTime": journeys.moment(hours=3)}
    journey = journeys.journey(Schedule=schedule)

    journeys.put("early")
    journeys.later(minutes=55)
    journeys.put("ada")
    journeys.later(minutes=119)
    journeys.put("bob")
    journeys.later(minutes=1)
    journeys.put("late")

    assert journeys.state(journey) == "CLOSED"
    assert journeys.view(journey)["standing"] == {"pause": ["bob"]}
    journeys.later(hours=1)
    journeys.later()
    assert (journeys.state(journey), journeys.metrics(journey)["ENDPOINT_LEFT"]) == ("COMPLETED", 2)


@pytest.mark.parametrize(("factor", "days"), [(1, 540), (10, 54)])
def test_after_540_days_nobody_enters(journeys: JourneyProject, factor: float, days: float) -> None:
    journeys.pinpoint.configure({"time_factor": factor})
    journeys.member("ada")
    journey = journeys.write()["Id"]

    journeys.later(days=days, seconds=300 / factor, minutes=-1)
    journeys.put("ada")
    assert len(journeys.called()) == 1
    journeys.later(minutes=1)
    journeys.put("ada")
    assert journeys.state(journey) == "CLOSED"
    journeys.later(hours=1)
    journeys.later()

    assert (len(journeys.called()), journeys.state(journey)) == (2, "COMPLETED")


# Who is left out


@pytest.mark.parametrize(
    ("members", "metric"),
    [
        ({"ChannelType": "CUSTOM"}, "ENDPOINT_MISSING_ADDRESS"),
        ({"Address": "a"}, "ENDPOINT_MISSING_CHANNEL"),
        ({"ChannelType": "CUSTOM", "Address": "a", "EndpointStatus": "INACTIVE"}, "ENDPOINT_INACTIVE"),
        ({"ChannelType": "CUSTOM", "Address": "a", "OptOut": "ALL"}, "ENDPOINT_OPT_OUT"),
    ],
)
def test_who_cannot_get_a_message_does_not_enter(journeys: JourneyProject, members: Any, metric: str) -> None:
    journeys.client.update_endpoint(ApplicationId=journeys.id, EndpointId="ada", EndpointRequest=members)
    journey = journeys.journey()

    journeys.put("ada")

    assert (journeys.called(), journeys.metrics(journey)) == ([], {"ENDPOINT_PRODUCED": 1, metric: 1})


def test_who_does_not_belong_to_the_segment_does_not_enter(journeys: JourneyProject) -> None:
    segment = journeys.segment(Dimensions=COMPANY)
    journeys.member("ada")
    journeys.member("company", Attributes={"engagement_role": ["company"]})
    journey = journeys.journey(StartCondition=start(segment_id=segment))

    journeys.put("ada")
    journeys.put("company")

    assert journeys.called() == [("first", ["company"])]
    assert journeys.metrics(journey) == {**RUNNING, "ENDPOINT_PRODUCED": 2, "FILTERED_OUT_BY_SEGMENT": 1}


def test_an_endpoint_that_the_same_request_makes_enters(journeys: JourneyProject) -> None:
    journey = journeys.journey(StartCondition=start(segment_id=journeys.segment(Dimensions=COMPANY)))

    journeys.put("company-1", of=OF_COMPANY)

    assert (journeys.called(), journeys.metrics(journey)) == ([("first", ["company-1"])], RUNNING)


def test_segments_see_an_endpoint_only_after_the_lag(journeys: JourneyProject) -> None:
    journey = journeys.journey(StartCondition=start(segment_id=journeys.segment(Dimensions=COMPANY)))
    journeys.pinpoint.configure({"segment_lag_seconds": 60})

    journeys.put("company-1", of=OF_COMPANY)
    journeys.later(seconds=59)
    journeys.put("company-1")
    assert journeys.metrics(journey) == {"ENDPOINT_PRODUCED": 2, "FILTERED_OUT_BY_SEGMENT": 2}
    journeys.later(seconds=1)
    journeys.put("company-1")

    assert journeys.called() == [("first", ["company-1"])]


def test_an_endpoint_that_is_gone_when_its_turn_comes_does_not_enter(journeys: JourneyProject) -> None:
    journeys.member("ada")
    journey = journeys.journey()
    journeys.send("ada")
    journeys.client.delete_endpoint(ApplicationId=journeys.id, EndpointId="ada")

    journeys.later()

    assert (journeys.called(), journeys.metrics(journey)) == ([], {})


def test_an_event_that_waits_while_the_journey_is_cancelled_is_lost(journeys: JourneyProject) -> None:
    journeys.member("ada")
    journey = journeys.journey()
    journeys.send("ada")
    journeys.change(journey, "CANCELLED")

    journeys.later()

    assert journeys.called() == []


# Users


def test_all_endpoints_of_a_user_move_together(journeys: JourneyProject) -> None:
    user = {"UserId": "u"}
    for name in ("phone", "tablet"):
        journeys.member(name, User=user)
    journeys.member("silent", User=user, OptOut="ALL")
    journeys.member("other", User={"UserId": "v"})
    journey = journeys.journey()

    journeys.put("tablet")
    journeys.put("phone")

    assert journeys.called() == [("first", ["phone", "tablet"])]
    assert journeys.metrics(journey) == {
        "ENDPOINT_PRODUCED": 2,
        "ENDPOINTS_FROM_USER": 1,
        "ENDPOINT_OPT_OUT": 1,
        "ENDPOINT_ENTERED": 2,
        "ENDPOINT_ACTIVE": 2,
        "ACTIVE_ENDPOINT_REJECTED": 1,
    }


def test_an_endpoint_stays_with_the_user_whom_it_came_in_with(journeys: JourneyProject) -> None:
    journeys.member("tablet", User={"UserId": "u"})
    journeys.member("phone", User={"UserId": "v"})
    journey = journeys.journey()
    journeys.put("tablet")
    journeys.member("tablet", User={"UserId": "v"})

    journeys.put("phone")
    journeys.put("tablet")

    assert journeys.called() == [("first", ["tablet"]), ("first", ["phone"])]
    assert journeys.metrics(journey)["ACTIVE_ENDPOINT_REJECTED"] == 1


# Entering again


@pytest.mark.parametrize(("limits", "entries"), [({}, 1), ({"EndpointReentryCap": 2}, 2)])
def test_how_often_somebody_enters_is_limited(journeys: JourneyProject, limits: dict[str, int], entries: int) -> None:
    journeys.member("ada")
    journey = journeys.journey(Limits=limits, **SHORT)

    for _ in range(4):
        journeys.put("ada")

    assert len(journeys.called()) == entries
    assert journeys.metrics(journey)["REENTRY_CAP_EXCEEDED"] == 4 - entries


def test_some_time_must_pass_between_entries(journeys: JourneyProject) -> None:
    journeys.member("ada")
    journeys.journey(Limits={"EndpointReentryCap": 0, "EndpointReentryInterval": "PT1H"}, **SHORT)

    journeys.put("ada")
    journeys.later(minutes=59)
    journeys.put("ada")
    assert len(journeys.called()) == 1
    journeys.later(minutes=1)
    journeys.put("ada")
    assert len(journeys.called()) == 2


# By segment


def test_all_members_of_a_segment_enter_once(journeys: JourneyProject) -> None:
    for number in range(120):
        journeys.member(f"e{number}", Attributes={"engagement_role": ["company"]})
    journeys.member("ada")
    segment = journeys.segment(Dimensions=COMPANY)

    journey = journeys.journey(StartCondition=start_segment(segment), Limits=None)
    journeys.member("late", Attributes={"engagement_role": ["company"]})
    journeys.later(hours=1)
    journeys.later()

    calls = [(activity, len(endpoints)) for activity, endpoints in journeys.called()]
    assert sorted(calls) == [("first", 20), ("first", 50), ("first", 50), ("last", 20), ("last", 50), ("last", 50)]
    assert len({name for activity, names in journeys.called() if activity == "first" for name in names}) == 120
    assert journeys.state(journey) == "COMPLETED"


def test_a_segment_that_is_looked_at_again_lets_new_members_in(journeys: JourneyProject) -> None:
    journeys.member("ada")
    journeys.member("silent", OptOut="ALL")
    entry = start_segment(journeys.segment())
    journey = journeys.journey(StartCondition=entry, RefreshFrequency="PT2H", Limits=None)
    assert (journeys.called(), journeys.state(journey)) == ([("first", ["ada"])], "ACTIVE")
    journeys.member("bob")

    journeys.later(hours=1)
    assert journeys.view(journey)["entered"] == 1
    journeys.later(hours=1)

    assert journeys.called()[2:] == [("first", ["bob"])]
    assert journeys.metrics(journey)["REENTRY_CAP_EXCEEDED"] == 1
    assert journeys.metrics(journey)["ENDPOINT_OPT_OUT"] == 2


def test_a_new_version_of_a_segment_lets_its_members_in(journeys: JourneyProject) -> None:
    journeys.member("ada", Attributes={"engagement_role": ["company"]})
    journeys.member("bob")
    segment = journeys.segment(Dimensions=COMPANY)
    journeys.journey(StartCondition=start_segment(segment), RefreshOnSegmentUpdate=True, Limits=None, **WAITING)
    journeys.later(hours=1)
    assert journeys.called() == [("last", ["ada"])]

    request: Any = {"Name": "s", "Dimensions": {"Demographic": {"Channel": {"Values": ["CUSTOM"]}}}}
    journeys.client.update_segment(ApplicationId=journeys.id, SegmentId=segment, WriteSegmentRequest=request)
    journeys.later()
    journeys.later(hours=1)

    assert journeys.called() == [("last", ["ada"]), ("last", ["bob"])]


def test_endpoints_of_one_user_enter_by_a_segment_together(journeys: JourneyProject) -> None:
    for name in ("phone", "tablet"):
        journeys.member(name, User={"UserId": "u"})
    journey = journeys.journey(StartCondition=start_segment(journeys.segment()), **WAITING)

    assert journeys.metrics(journey) == {
        "ENDPOINT_PRODUCED": 1,
        "ENDPOINTS_FROM_USER": 1,
        "ENDPOINT_ENTERED": 2,
        "ENDPOINT_ACTIVE": 2,
    }


def test_cancelled_while_the_segment_is_looked_at_nobody_enters(journeys: JourneyProject) -> None:
    journeys.member("ada")
    journey = journeys.write(StartCondition=start_segment(journeys.segment()))["Id"]
    journeys.now += timedelta(minutes=5)
    [job] = journeys.pinpoint.work.due()

    journeys.change(journey, "CANCELLED")
    job()

    assert (journeys.called(), journeys.view(journey)["entered"]) == ([], 0)


# Customers' own events


def test_a_customer_who_leaves_a_cart_enters_with_the_event_that_makes_the_endpoint(journeys: JourneyProject) -> None:
    entry = start("cart.left", Attributes={"shop": {"Values": ["de"]}})
    journeys.journey(StartCondition=entry, Activities={"first": custom(EndpointTypes=["EMAIL"])})
    of = {"ChannelType": "EMAIL", "Address": "ada@example.com", "User": {"UserId": "ada"}}

    journeys.put("ada", "cart.left", of=of, Attributes={"shop": "de"})
    journeys.put("bob", "cart.left", of={**of, "User": {"UserId": "bob"}}, Attributes={"shop": "fr"})

    assert journeys.called() == [("first", ["ada"])]
