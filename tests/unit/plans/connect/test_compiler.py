"""From a plan and an event to what Amazon Connect makes: valid for the service, the same for the same run."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings

from engagement.domain.plans.compiler import Run, compile_plan
from engagement.domain.plans.faults import PlanError
from engagement.domain.plans.moments import instant
from engagement.domain.plans.names import Names
from engagement.domain.plans.reading import parse
from tests.unit.plans.builders import NOW, changed, plan, sending, stamping
from tests.unit.plans.connect import strategies
from tests.unit.plans.connect.builders import FLOW, NUMBER, SEGMENT, SETTINGS, TEMPLATE, body, compiled
from tests.unit.plans.connect.model import errors

FEWER = settings(max_examples=60)
EVENING = {"from": "22:00", "to": "07:00", "action": "skip"}


@FEWER
@given(strategies.plans(), strategies.EVENTS)
def test_every_request_keeps_the_rules_of_the_service(document: dict[str, Any], event: dict[str, str]) -> None:
    for step in compiled(document, **event):
        ids: dict[str, str] = {}
        for segment in step.segments:
            request = {"DomainName": "shop", **segment.request(ids)}
            assert errors("customer-profiles", "CreateSegmentDefinition", request) == []
            ids[segment.name] = SEGMENT
        for campaign in step.campaigns:
            request = {"connectInstanceId": "1d2e", **campaign.request(ids[campaign.segment])}
            assert errors("connectcampaignsv2", "CreateCampaign", request) == []


@FEWER
@given(strategies.plans(), strategies.EVENTS)
def test_a_campaign_says_when_it_starts_and_ends_later(document: dict[str, Any], event: dict[str, str]) -> None:
    for step in compiled(document, **event):
        for campaign in step.campaigns:
            schedule = campaign.body["schedule"]
            assert schedule["startTime"] == instant(campaign.starts)
            assert datetime.fromisoformat(schedule["endTime"]) - campaign.starts >= timedelta(minutes=1)
            assert campaign.starts >= NOW + SETTINGS.start_lead


@FEWER
@given(strategies.plans(), strategies.EVENTS)
def test_the_same_run_makes_the_same_and_another_run_makes_other_names(
    document: dict[str, Any], event: dict[str, str]
) -> None:
    read = parse(document, SETTINGS)
    first, again, other = (compile_plan(read, Run(key, event), SETTINGS, NOW) for key in ("a", "a", "b"))

    assert first == again
    names = [
        {thing.name for step in steps for thing in (*step.segments, *step.campaigns, *step.exports)}
        for steps in (first, other)
    ]
    assert not names[0] & names[1]


def test_a_send_is_a_managed_campaign() -> None:
    run = Names("release", "run-1").run
    request = body(sending(channel="EMAIL", template="release"))

    assert request.pop("name").endswith(f"-{run}")
    assert request == {
        "type": "MANAGED",
        "source": {"customerProfilesSegmentArn": SEGMENT},
        "connectCampaignFlowArn": FLOW,
        "schedule": {"startTime": "2027-01-01T09:03:00Z", "endTime": "2027-01-02T09:03:00Z"},
        "entryLimitsConfig": {"maxEntryCount": 1, "minEntryInterval": "PT0H"},
        "channelSubtypeConfig": {
            "email": {
                "outboundMode": {"agentless": {}},
                "defaultOutboundConfig": {
                    "connectSourceEmailAddress": "news@example.com",
                    "wisdomTemplateArn": TEMPLATE,
                },
            }
        },
        "tags": {
            "engagement:plan": "release",
            "engagement:run": run,
            "engagement:step": "tell",
            "owner": "arn:aws:connect:eu-west-1:111122223333:instance/1d2e",
        },
    }


def test_an_sms_comes_from_the_instances_number() -> None:
    request = body(sending(channel="SMS", template="release"))

    sms = request["channelSubtypeConfig"]["sms"]
    assert sms["defaultOutboundConfig"] == {"connectSourcePhoneNumberArn": NUMBER, "wisdomTemplateArn": TEMPLATE}


@pytest.mark.parametrize(
    ("quiet", "expected"),
    [
        (("22:00", "07:00"), [("T07:00", "T22:00")]),
        (("12:00", "13:30"), [("T00:00", "T12:00"), ("T13:30", "T23:59")]),
        (("00:00", "06:00"), [("T06:00", "T23:59")]),
        (("20:00", "23:59"), [("T00:00", "T20:00")]),
        (("20:00", "00:00"), [("T00:00", "T20:00")]),
    ],
)
def test_quiet_time_closes_the_hours_of_every_day(quiet: tuple[str, str], expected: list[tuple[str, str]]) -> None:
    document = sending(channel="SMS", template="t", quiet_time={"from": quiet[0], "to": quiet[1], "action": "skip"})

    times = body(document)["communicationTimeConfig"]

    assert times["localTimeZoneConfig"] == {
        "defaultTimeZone": "UTC",
        "localTimeZoneDetection": ["ZIP_CODE", "AREA_CODE"],
    }
    days = times["sms"]["openHours"]["dailyHours"]
    assert len(days) == 7
    for hours in days.values():
        assert [(span["startTime"], span["endTime"]) for span in hours] == expected


def test_limits_count_messages_of_the_instance_to_a_recipient() -> None:
    its = {"daily": 2, "total": 5, "maximum_duration": "PT6H"}
    request = body(sending(channel="EMAIL", template="t", limits=its))

    assert request["schedule"]["endTime"] == "2027-01-01T15:03:00Z"
    assert request["communicationLimitsOverride"] == {
        "allChannelSubtypes": {
            "communicationLimitsList": [
                {"maxCountPerRecipient": 2, "frequency": 1, "unit": "DAY"},
                {"maxCountPerRecipient": 5, "frequency": 30, "unit": "DAY"},
            ]
        },
        "instanceLimitsHandling": "OPT_IN",
    }


@pytest.mark.parametrize("via", ["custom", "export"])
def test_a_stamp_exports_the_segment_of_each_audience(via: str) -> None:
    document = changed(stamping(seen="{{event.feature}}"), "steps", 0, "stamp", "via", to=via)

    (step,) = compiled(document, feature="Dark mode")

    assert step.campaigns == ()
    assert [(export.audience, export.segment) for export in step.exports] == [("all", step.segments[0].name)]
    assert step.stamp == {"seen": ("Dark mode",)}


def test_a_stamp_is_compiled_for_the_other_destination_too() -> None:
    both = SETTINGS.sent_by("pinpoint")
    read = parse(stamping(seen="x"), both)

    (at_pinpoint,) = compile_plan(read, Run("run-1", {}), both, NOW)
    (at_connect,) = compile_plan(read, Run("run-1", {}), both.sent_by("connect"), NOW)

    assert [len(at_pinpoint.campaigns), len(at_pinpoint.exports)] == [1, 0]
    assert [len(at_connect.campaigns), len(at_connect.exports)] == [0, 1]
    assert at_pinpoint.stamp == at_connect.stamp


def test_what_the_event_lacks_and_a_start_that_has_passed_are_faults() -> None:
    document = sending(channel="EMAIL", template="t", name="{{event.feature}}", start="2026-12-31T00:00:00Z")

    with pytest.raises(PlanError) as error:
        compiled(document)

    assert [fault.path for fault in error.value.faults] == ["$.steps[0].send[0].name", "$.steps[0].send[0].start"]


def test_a_plan_of_stamps_sends_and_waits_compiles_step_by_step() -> None:
    document = changed(plan(), "steps", 1, "send", 1, to={"audience": "others", "channel": "SMS", "template": "t"})

    steps = compiled(document, feature="x")

    assert [len(step.campaigns) for step in steps] == [0, 2, 0, 1]
    assert [len(step.exports) for step in steps] == [1, 0, 0, 0]
    assert [step.wait for step in steps] == [None, None, timedelta(days=1), None]
