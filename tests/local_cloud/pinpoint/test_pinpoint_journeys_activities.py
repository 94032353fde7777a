"""What the activities of a journey do."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tests.local_cloud.pinpoint.journey_project import (
    COMPANY,
    JourneyProject,
    custom,
    fail,
    happened,
    start_segment,
    wait,
    with_split,
    yes_no,
)
from tests.local_cloud.sdk import ACCOUNT, REGION

SHORT: dict[str, Any] = {"Activities": {"first": custom()}}


# Functions


def test_a_function_gets_the_event_of_a_journey(journeys: JourneyProject) -> None:
    journeys.member("ada", Attributes={"a": ["1"]}, User={"UserId": "u", "UserAttributes": {"feature": ["dark"]}})
    journey = journeys.journey(**SHORT)

    journeys.put("ada", Attributes={"secret": "stays here"})

    [(name, event, source)] = journeys.functions.calls
    endpoint = event["Endpoints"].pop("ada")
    assert event == {
        "Message": {},
        "Data": "data",
        "ApplicationId": journeys.id,
        "JourneyId": journey,
        "ActivityId": "first",
        "Endpoints": {},
    }
    assert (endpoint["Attributes"], endpoint["User"]["UserAttributes"]) == ({"a": ["1"]}, {"feature": ["dark"]})
    assert "Id" not in endpoint
    assert name == "step"
    assert source.arn == f"arn:aws:mobiletargeting:{REGION}:{ACCOUNT}:apps/{journeys.id}/journeys/{journey}"


def test_endpoints_of_other_types_pass_by(journeys: JourneyProject) -> None:
    journeys.endpoint("phone", "GCM", User={"UserId": "u"})
    journeys.endpoint("post", "EMAIL", User={"UserId": "u"})
    journeys.endpoint("ivr", "VOICE")
    journey = journeys.journey(Activities={"first": custom(EndpointTypes=["PUSH"])})

    journeys.put("post")
    journeys.put("ivr")

    assert journeys.called() == [("first", ["phone"])]
    assert journeys.metrics(journey)["ENDPOINT_LEFT"] == 3


def test_who_opts_out_on_the_way_gets_nothing_more_and_goes_on(journeys: JourneyProject) -> None:
    journeys.member("ada")
    journey = journeys.journey()
    journeys.put("ada")
    journeys.member("ada", OptOut="ALL")

    journeys.later(hours=1)

    assert journeys.called() == [("first", ["ada"])]
    assert journeys.metrics(journey)["ENDPOINT_LEFT"] == 1


def test_a_function_that_fails_is_called_three_times_and_everybody_goes_on(journeys: JourneyProject) -> None:
    journeys.step(fail)
    journeys.member("ada")
    journey = journeys.journey()

    journeys.put("ada")
    assert journeys.called() == [("first", ["ada"])] * 3
    assert journeys.activity_metrics(journey, "first") == {"TOTAL": 1, "CUSTOM_DELIVERY_FAILURE": 1}
    assert journeys.view(journey)["errors"] == ["the function failed"]
    journeys.later(hours=1)

    assert journeys.called()[3:] == [("last", ["ada"])] * 3
    assert journeys.metrics(journey)["ENDPOINT_LEFT"] == 1


def test_a_function_that_works_at_the_third_attempt_delivered(journeys: JourneyProject) -> None:
    journeys.step(lambda event: fail(event) if len(journeys.functions.calls) < 3 else None)
    journeys.member("ada")
    journey = journeys.journey(**SHORT)

    journeys.put("ada")

    assert len(journeys.called()) == 3
    assert journeys.activity_metrics(journey, "first") == {"TOTAL": 1, "SUCCESS": 1}


def test_the_limits_of_messages_count_for_functions_too(journeys: JourneyProject) -> None:
    journeys.member("ada")
    request: Any = {"JourneyLimits": {"DailyCap": 2}}
    journeys.client.update_application_settings(ApplicationId=journeys.id, WriteApplicationSettingsRequest=request)
    inherits = journeys.journey(**SHORT)
    own = journeys.journey(Limits={"EndpointReentryCap": 0, "DailyCap": 0, "TotalCap": 3}, **SHORT)

    for _ in range(5):
        journeys.put("ada")

    assert Counter(event["JourneyId"] for _, event, _ in journeys.functions.calls) == {inherits: 1, own: 3}
    assert journeys.activity_metrics(own, "first") == {"TOTAL": 5, "SUCCESS": 3, "DAILY_CAP_EXCEEDED": 2}


def test_in_quiet_time_nothing_is_sent(journeys: JourneyProject) -> None:
    journeys.member("ada", Demographic={"Timezone": "UTC"})
    journeys.member("bob")
    journey = journeys.journey(QuietTime={"Start": "05:00", "End": "06:00"}, **SHORT)

    journeys.put("ada")
    journeys.put("bob")

    assert journeys.called() == [("first", ["bob"])]
    assert journeys.activity_metrics(journey, "first") == {"TOTAL": 2, "SUCCESS": 1, "QUIET_TIME": 1}


# Waits


@pytest.mark.parametrize(
    ("factor", "time", "seconds"),
    [
        (1, {"WaitFor": "P1DT2H3M4S"}, 93_784),
        (3600, {"WaitFor": "PT1H"}, 1),
        (3600, {"WaitFor": "P365D"}, 8760),
        (1, {"WaitUntil": "2026-03-04T06:11:07Z"}, 3600),
        (1, {"WaitUntil": "2026-03-04T07:11:07+02:00"}, 0),
        (60, {"WaitUntil": "2026-03-04T06:11:07Z"}, 60),
    ],
)
def test_a_wait_takes_its_time(journeys: JourneyProject, factor: float, time: dict[str, str], seconds: float) -> None:
    journeys.pinpoint.configure({"time_factor": factor})
    journeys.member("ada")
    journeys.write(StartActivity="pause", Activities={"pause": wait("last", **time), "last": custom()})
    journeys.later(seconds=300 / factor)

    journeys.put("ada")
    if seconds:
        journeys.later(seconds=seconds - 0.01)
        assert journeys.called() == []
        journeys.later(seconds=0.01)

    assert journeys.called() == [("last", ["ada"])]


# Cancelled and paused


def test_cancelled_while_waiting_nothing_more_is_done(journeys: JourneyProject) -> None:
    journeys.member("ada")
    journey = journeys.journey()
    journeys.put("ada")

    journeys.change(journey, "CANCELLED")
    journeys.later(hours=2)
    journeys.put("ada")

    assert journeys.called() == [("first", ["ada"])]
    assert journeys.metrics(journey) == {"ENDPOINT_PRODUCED": 1, "ENDPOINT_ENTERED": 1, "CANCELLED": 1}
    assert journeys.view(journey)["standing"] == {}


def test_cancelled_while_a_function_runs_that_activity_ends_and_no_other_begins(journeys: JourneyProject) -> None:
    made: list[str] = []
    journeys.step(lambda _: journeys.change(made[0], "CANCELLED") and None)
    journeys.member("ada")
    made.append(journeys.journey(Activities={"first": custom("last"), "last": custom()}))

    journeys.put("ada")

    assert journeys.called() == [("first", ["ada"])]
    assert journeys.activity_metrics(made[0], "first") == {"TOTAL": 1, "SUCCESS": 1}
    assert journeys.metrics(made[0]) == {"ENDPOINT_PRODUCED": 1, "ENDPOINT_ENTERED": 1, "CANCELLED": 1}


def test_cancelled_before_what_is_due_begins_nothing_is_done(journeys: JourneyProject) -> None:
    journeys.member("ada")
    journey = journeys.journey()
    journeys.send("ada")
    [job] = journeys.pinpoint.work.due()

    journeys.change(journey, "CANCELLED")
    job()

    assert journeys.called() == []


def test_waits_stand_still_in_a_pause(journeys: JourneyProject) -> None:
    journeys.member("ada")
    entry = start_segment(journeys.segment())
    journey = journeys.journey(StartCondition=entry, RefreshFrequency="PT30M", Limits=None)
    journeys.later(minutes=20)

    assert journeys.change(journey, "PAUSED") == "PAUSED"
    journeys.member("bob")
    journeys.later(hours=5)
    assert journeys.called() == [("first", ["ada"])]
    assert journeys.change(journey, "ACTIVE") == "ACTIVE"
    journeys.later()
    assert journeys.called() == [("first", ["ada"]), ("first", ["bob"])]
    journeys.later(minutes=39)
    assert len(journeys.called()) == 2
    journeys.later(minutes=1)
    assert journeys.called()[2:] == [("last", ["ada"])]


def test_a_pause_while_a_function_runs_begins_behind_it(journeys: JourneyProject) -> None:
    made: list[str] = []
    journeys.step(lambda _: journeys.change(made[0], "PAUSED") and None)
    journeys.member("ada")
    request: dict[str, Any] = {"Activities": {"first": custom("last"), "last": custom(function="other")}}
    journeys.step(lambda _: None, "other")
    made.append(
        journeys.write(StartCondition=start_segment(journeys.segment()), RefreshFrequency="P1D", **request)["Id"]
    )

    journeys.later(minutes=5)
    assert (journeys.called(), journeys.view(made[0])["standing"]) == ([("first", ["ada"])], {"last": ["ada"]})
    journeys.change(made[0], "ACTIVE")
    journeys.later()

    assert journeys.called() == [("first", ["ada"]), ("last", ["ada"])]


# Splits


@pytest.mark.parametrize(("operator", "way"), [("ALL", {"no"}), ("ANY", {"yes"})])
def test_a_split_by_what_the_endpoint_is(journeys: JourneyProject, operator: str, way: set[str]) -> None:
    journeys.member("ada", Attributes={"engagement_role": ["company"]})
    split = yes_no(
        {"SegmentDimensions": COMPANY},
        {"SegmentDimensions": {"Metrics": {"m": {"ComparisonOperator": "EQUAL", "Value": 1.0}}}},
        operator=operator,
    )
    journeys.journey(StartActivity="split", **with_split(split))

    journeys.put("ada")

    assert {activity for activity, _ in journeys.called()} == way


def test_a_split_by_segment_sees_what_segments_see(journeys: JourneyProject) -> None:
    segment = journeys.segment(Dimensions=COMPANY)
    journeys.member("ada")
    split = yes_no({"SegmentCondition": {"SegmentId": segment}})
    journey = journeys.journey(StartActivity="split", **with_split(split))
    journeys.pinpoint.configure({"segment_lag_seconds": 60})
    journeys.member("ada", Attributes={"engagement_role": ["company"]})

    journeys.put("ada")
    journeys.later(seconds=60)
    journeys.put("ada")

    assert [activity for activity, _ in journeys.called()] == ["no", "yes"]
    assert journeys.activity_metrics(journey, "split") == {"TOTAL": 2, "Branch_FALSE": 1, "Branch_TRUE": 1}


def test_nobody_belongs_to_a_segment_that_is_gone(journeys: JourneyProject) -> None:
    segment = journeys.segment()
    journeys.member("ada")
    split = yes_no({"SegmentCondition": {"SegmentId": segment}})
    journeys.journey(StartActivity="split", **with_split(split))
    journeys.client.delete_segment(ApplicationId=journeys.id, SegmentId=segment)

    journeys.put("ada")

    assert journeys.called() == [("no", ["ada"])]


@pytest.mark.parametrize(
    ("condition", "way"),
    [
        (happened("opened"), "yes"),
        (happened("opened", shop="de"), "yes"),
        (happened("opened", shop="fr"), "no"),
        (happened("company"), "no"),
        (happened("opened", activity="first"), "no"),
    ],
)
def test_a_split_by_what_happened_since_the_entry(
    journeys: JourneyProject, condition: dict[str, Any], way: str
) -> None:
    journeys.member("ada")
    before = {"pause": wait("split")}
    journeys.journey(StartActivity="pause", **with_split(yes_no(condition), **before, first=custom()))
    journeys.put("ada", "opened", Attributes={"shop": "fr"})
    journeys.put("ada")

    journeys.put("Ada", "opened", Attributes={"shop": "de"})
    journeys.put("bob", "opened", of={"ChannelType": "CUSTOM", "Address": "bob"}, Attributes={"shop": "fr"})
    journeys.later(hours=1)
    journeys.later(minutes=15)

    assert [activity for activity, _ in journeys.called()] == [way]


@pytest.mark.parametrize(
    ("answer", "way", "faults"),
    [
        ({"ada": {"EventAttributes": {"chosen": "a"}}}, "yes", 0),
        ({"Ada": {"EventAttributes": {"chosen": "a"}}}, "no", 0),
        ({"ada": {"EventAttributes": {"chosen": "b"}}}, "no", 0),
        ({"ada": {"EventAttributes": {f"n{number}": "a" for number in range(5)} | {"chosen": "a"}}}, "no", 1),
        ({"ada": {"EventAttributes": {"chosen": "a", "n": "x" * 129}}}, "no", 1),
        ({"ada": {"EventAttributes": {"chosen": "a", "n": 1}}}, "no", 1),
        ({"ada": {}}, "no", 0),
        ("a plain text", "no", 0),
        (None, "no", 0),
    ],
)
def test_a_split_by_what_the_function_answered_after_a_quarter_of_an_hour(
    journeys: JourneyProject, answer: object, way: str, faults: int
) -> None:
    journeys.step(lambda event: answer if event["ActivityId"] == "first" else None)
    journeys.member("ada")
    split = yes_no(happened("_custom", activity="first", chosen="a"))
    journey = journeys.journey(**with_split(split, first=custom("split")))

    journeys.put("ada")
    journeys.later(minutes=14, seconds=59)
    assert journeys.called() == [("first", ["ada"])]
    journeys.later(seconds=1)

    assert journeys.called()[1:] == [(way, ["ada"])]
    assert len(journeys.view(journey)["errors"]) == faults


@pytest.mark.parametrize(
    ("wait_time", "factor", "seconds"),
    [
        ({}, 1, 3600),
        ({"WaitFor": "PT2H"}, 1, 7200),
        ({"WaitFor": "PT1M"}, 60, 60),
        ({"WaitUntil": "2026-03-04T08:11:07Z"}, 1, 10_800),
    ],
)
def test_behind_a_message_a_split_waits_for_an_hour_at_least(
    journeys: JourneyProject, wait_time: dict[str, str], factor: float, seconds: float
) -> None:
    journeys.pinpoint.configure({"time_factor": factor})
    journeys.templates()
    journeys.endpoint("ada", User={"UserId": "ada"})
    split = yes_no(happened("_email.open", activity="first"), EvaluationWaitTime=wait_time)
    journeys.write(**with_split(split, first={"EMAIL": {"TemplateName": "hello", "NextActivity": "split"}}))
    journeys.later(seconds=300 / factor)

    journeys.put("ada")
    journeys.later(seconds=seconds - 0.01)
    split_at = journeys.pinpoint.journeys()[0]
    assert split_at["counts"] == {"split": 1}
    journeys.later(seconds=0.01)

    assert journeys.pinpoint.journeys()[0]["metrics"]["ENDPOINT_LEFT"] == 1


def test_the_first_branch_that_fits_wins(journeys: JourneyProject) -> None:
    def plan(value: str) -> dict[str, Any]:
        return {"SegmentDimensions": {"Attributes": {"plan": {"Values": [value]}}}}

    branches = [{"Condition": plan(name), "NextActivity": name} for name in ("gold", "silver")]
    activities = {
        "split": {"MultiCondition": {"Branches": branches, "DefaultActivity": "other"}},
        **{name: custom() for name in ("gold", "silver", "other")},
    }
    journeys.member("rich", Attributes={"plan": ["silver", "gold"]})
    journeys.member("fair", Attributes={"plan": ["silver"]})
    journeys.member("poor")
    journey = journeys.journey(StartActivity="split", Activities=activities)

    for name in ("rich", "fair", "poor"):
        journeys.put(name)

    assert journeys.called() == [("gold", ["rich"]), ("silver", ["fair"]), ("other", ["poor"])]
    assert journeys.activity_metrics(journey, "split") == {"TOTAL": 3, "Branch_1": 1, "Branch_2": 1, "Branch_ELSE": 1}


def test_chance_divides_as_the_percentages_say(journeys: JourneyProject) -> None:
    branches = [{"Percentage": 25, "NextActivity": "quarter"}, {"Percentage": 75, "NextActivity": "hold"}]
    activities = {
        "split": {"RandomSplit": {"Branches": branches}},
        "quarter": custom(),
        "hold": {"Holdout": {"Percentage": 40, "NextActivity": "rest"}},
        "rest": custom(),
    }
    for number in range(1000):
        journeys.member(f"e{number}")
    journey = journeys.journey(
        StartCondition=start_segment(journeys.segment()), StartActivity="split", Activities=activities
    )

    split, hold = journeys.activity_metrics(journey, "split"), journeys.activity_metrics(journey, "hold")
    reached = Counter(activity for activity, names in journeys.called() for _ in names)
    assert split == {"TOTAL": 1000, "Branch_1": reached["quarter"], "Branch_2": 1000 - reached["quarter"]}
    assert hold == {"TOTAL": split["Branch_2"], "HELD_OUT": hold["HELD_OUT"], "PASSED": reached["rest"]}
    assert 200 < reached["quarter"] < 300
    assert 0.33 < hold["HELD_OUT"] / hold["TOTAL"] < 0.47
    assert journeys.metrics(journey)["ENDPOINT_LEFT"] == 1000


# Messages


def test_messages_of_templates_say_which_activity_sent_them(journeys: JourneyProject) -> None:
    journeys.templates()
    user = {"UserId": "ada"}
    for name, channel in (("post", "EMAIL"), ("sms", "SMS"), ("phone", "GCM")):
        journeys.endpoint(name, channel, User=user, Attributes={"name": ["<Ada>"]})
    named = {"TemplateName": "hello"}
    activities = {
        "first": {"EMAIL": {**named, "MessageConfig": {"FromAddress": "me@example.com"}, "NextActivity": "second"}},
        "second": {"SMS": {**named, "NextActivity": "third"}},
        "third": {"PUSH": named},
    }
    journey = journeys.journey(Activities=activities)

    journeys.put("phone")

    mail, sms, push = journeys.sent()
    assert (mail.channel, mail.address, mail.sender) == ("EMAIL", "post@example.com", "me@example.com")
    assert (mail.title, mail.html) == ("Hi <Ada>", "<b>&lt;Ada&gt;</b>")
    assert (sms.channel, sms.endpoint_id, sms.body, sms.sender) == ("SMS", "sms", "Hi <Ada>", "Shop")
    assert (push.channel, push.endpoint_id, push.title, push.body) == ("GCM", "phone", "Hi", "<Ada>")
    run_id = journeys.view(journey)["run_id"]
    for message, activity in ((mail, "first"), (sms, "second"), (push, "third")):
        assert (message.journey_id, message.journey_run_id, message.journey_activity_id) == (journey, run_id, activity)
        assert (message.campaign_id, message.treatment_id, message.activity_id) == ("", "", "")
        assert journeys.activity_metrics(journey, activity) == {"TOTAL": 3, "SUCCESS": 1}


def test_a_message_that_cannot_be_sent_is_counted_and_everybody_goes_on(journeys: JourneyProject) -> None:
    journeys.templates()
    journeys.endpoint("ada")
    activities = {"first": {"EMAIL": {"TemplateName": "hello", "NextActivity": "last"}}, "last": custom()}
    journey = journeys.journey(Activities=activities)
    journeys.client.delete_email_template(TemplateName="hello")

    journeys.put("ada")

    assert journeys.sent() == []
    assert journeys.activity_metrics(journey, "first") == {"TOTAL": 1, "FAILURE_PERMANENT": 1}
    assert journeys.metrics(journey)["ENDPOINT_LEFT"] == 1
