"""Journeys: what is refused, and which states they pass through."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local_cloud.pinpoint import Request
from tests.local_cloud.pinpoint.conftest import status_of
from tests.local_cloud.pinpoint.journey_project import (
    COMPANY,
    JourneyProject,
    custom,
    start,
    start_segment,
    wait,
)
from tests.local_cloud.sdk import ACCOUNT, REGION

BAD_REQUEST = (400, "BadRequestException")
NOT_FOUND = (404, "NotFoundException")
CONFLICT = (409, "ConflictException")


def only(activity: dict[str, Any]) -> dict[str, Any]:
    return {"StartActivity": "a", "Activities": {"a": activity}}


def split(**condition: Any) -> dict[str, Any]:
    return only({"ConditionalSplit": {"Condition": {"Conditions": [condition]}}})


def test_a_journey_answers_what_was_asked_for(journeys: JourneyProject) -> None:
    made = journeys.write(RefreshFrequency="PT0S", State="DRAFT")

    assert made["State"] == "DRAFT"
    assert made["CreationDate"] == made["LastModifiedDate"] == "2026-03-04T05:06:07.000Z"
    assert made["Activities"] == {"first": custom("pause"), "pause": wait("last"), "last": custom()}
    answer = journeys.client.get_journey(ApplicationId=journeys.id, JourneyId=made["Id"])
    assert answer["JourneyResponse"] == made
    listed = journeys.client.list_journeys(ApplicationId=journeys.id)["JourneysResponse"]
    assert listed["Item"] == [made]


def test_a_draft_needs_to_be_whole_only_when_it_is_published(journeys: JourneyProject) -> None:
    draft = journeys.write(
        State=None, StartCondition=None, StartActivity=None, Activities={"first": custom("later", DeliveryUri="")}
    )["Id"]

    assert status_of(lambda: journeys.change(draft, "ACTIVE")) == BAD_REQUEST
    assert journeys.state(draft) == "DRAFT"
    whole: Any = {
        "Name": "whole",
        "StartCondition": start(),
        "StartActivity": "first",
        "Activities": {"first": custom()},
    }
    answer = journeys.client.update_journey(ApplicationId=journeys.id, JourneyId=draft, WriteJourneyRequest=whole)
    assert (answer["JourneyResponse"]["State"], answer["JourneyResponse"]["Name"]) == ("DRAFT", "whole")
    assert journeys.change(draft, "ACTIVE") == "ACTIVE"


@pytest.mark.parametrize(
    "change",
    [
        {"Name": ""},
        {"Name": "with space"},
        {"Name": "n" * 151},
        {"State": "PAUSED"},
        {"State": "CANCELLED"},
        {"Activities": {f"a{number}": custom() for number in range(41)}},
        {"Activities": {"with-hyphen": custom()}},
        {"Activities": {"a" * 101: custom()}},
        {"Limits": {"EndpointReentryCap": 101}},
        {"Limits": {"DailyCap": 101}},
        {"Limits": {"EndpointReentryInterval": "an hour"}},
        {"QuietTime": {"Start": "9:00", "End": "10:00"}},
    ],
)
def test_what_no_draft_may_hold(journeys: JourneyProject, change: dict[str, Any]) -> None:
    assert status_of(lambda: journeys.write(**{"State": "DRAFT", **change})) == BAD_REQUEST
    assert journeys.pinpoint.journeys() == []


@pytest.mark.parametrize(
    "change",
    [
        {"StartCondition": {}},
        {"StartCondition": {**start(), **start_segment("")}},
        {"StartCondition": start_segment("")},
        {"StartCondition": {"EventStartCondition": {}}},
        {"StartCondition": {"EventStartCondition": {"EventFilter": {"FilterType": "SYSTEM", "Dimensions": {}}}}},
        {"StartCondition": {"EventStartCondition": {"EventFilter": {"FilterType": "ENDPOINT", "Dimensions": {}}}}},
        {"StartCondition": start(EventType={"Values": ["a", "b"]})},
        {"StartCondition": start(EventType={"DimensionType": "EXCLUSIVE", "Values": ["a"]})},
        {"StartCondition": start(Attributes={"a": {"Values": []}})},
        {"StartCondition": start(Metrics={"a": {"ComparisonOperator": "IS", "Value": 1.0}})},
        {"StartActivity": None},
        {"StartActivity": "nowhere"},
        {"Activities": {"first": custom("nowhere")}},
        {"Activities": {"first": {}}},
        {"Activities": {"first": {**custom(), **wait()}}},
        {"Activities": {"first": custom("pause"), "pause": wait("first")}},
        {"Activities": {"first": custom("first")}},
        only(custom(function="unknown")),
        only(custom(function="")),
        only(custom(function="https://example.com")),
        only(custom(EndpointTypes=[])),
        only(custom(MessageConfig={"Data": "d" * 5001})),
        only(custom(TemplateName="t")),
        only({"EMAIL": {}}),
        only({"ContactCenter": {}}),
        only({"Wait": {}}),
        only(wait(WaitFor="PT59M59S")),
        only(wait(WaitFor="P366D")),
        only(wait(WaitFor="P1M")),
        only(wait(WaitFor="PT1H", WaitUntil="2026-05-01T00:00:00Z")),
        only(wait(WaitUntil="2026-05-01T00:00:00")),
        only({"Holdout": {"Percentage": 101}}),
        only({"RandomSplit": {"Branches": [{"Percentage": 100}]}}),
        only({"RandomSplit": {"Branches": [{"Percentage": 50}, {"Percentage": 49}]}}),
        only({"RandomSplit": {"Branches": [{"Percentage": number} for number in (10, 10, 10, 10, 10, 50)]}}),
        only({"ConditionalSplit": {}}),
        only({"ConditionalSplit": {"Condition": {"Conditions": []}}}),
        split(),
        split(SegmentDimensions={}, SegmentCondition={"SegmentId": "s"}),
        split(SegmentDimensions={"Attributes": {"a": {"Values": []}}}),
        split(EventCondition={}),
        only(
            {
                "ConditionalSplit": {
                    "Condition": {"Conditions": [{"SegmentDimensions": COMPANY}]},
                    "EvaluationWaitTime": {"WaitFor": "PT1H", "WaitUntil": "2026-05-01T00:00:00Z"},
                }
            }
        ),
        split(EventCondition={"Dimensions": {"EventType": {"Values": []}}}),
        split(EventCondition={"Dimensions": {"EventType": {"Values": ["e"]}}, "MessageActivity": "nowhere"}),
        only({"MultiCondition": {"Branches": []}}),
        only({"MultiCondition": {"Branches": [{"Condition": {"SegmentDimensions": {}}}] * 5}}),
        {"Schedule": {"StartTime": "2026-03-04T05:06:06Z"}},
        {"Schedule": {"EndTime": "2026-03-04T05:06:07Z"}},
        {"Schedule": {"EndTime": "2028-03-04T05:06:07Z"}},
        {"LocalTime": True},
        {"WaitForQuietTime": True},
        {"SendingSchedule": True},
        {"JourneyChannelSettings": {"ConnectCampaignArn": "arn"}},
        {"Limits": {"TimeframeCap": {"Cap": 1, "Days": 1}}},
        {"RefreshFrequency": "PT1H"},
        {"RefreshFrequency": "hourly"},
        {"RefreshOnSegmentUpdate": True},
    ],
)
def test_what_cannot_be_published(journeys: JourneyProject, change: dict[str, Any]) -> None:
    draft = journeys.write(**{**change, "State": "DRAFT"})["Id"]

    assert status_of(lambda: journeys.change(draft, "ACTIVE")) == BAD_REQUEST
    assert journeys.state(draft) == "DRAFT"
    assert status_of(lambda: journeys.write(**change)) == BAD_REQUEST


@pytest.mark.parametrize(
    "change",
    [
        only({"EMAIL": {"TemplateName": "unknown"}}),
        split(SegmentCondition={"SegmentId": "unknown"}),
        {"StartCondition": start(segment_id="unknown")},
        {"StartCondition": start_segment("unknown")},
    ],
)
def test_what_a_journey_names_must_exist(journeys: JourneyProject, change: dict[str, Any]) -> None:
    assert status_of(lambda: journeys.write(**change)) == NOT_FOUND


def test_a_schedule_has_a_zone(journeys: JourneyProject) -> None:
    draft = journeys.write(State="DRAFT")["Id"]
    path = f"/v1/apps/{journeys.id}/journeys/{draft}"
    # The SDKs add the zone themselves.
    body = json.dumps({"Name": "n", "State": "ACTIVE", "Schedule": {"StartTime": "2026-05-04T05:06:07"}}).encode()

    answer = journeys.pinpoint.handle(Request("PUT", path, body=body, account=ACCOUNT, region=REGION))

    assert answer.status == 400
    assert "moments like" in json.loads(answer.body)["Message"]


@pytest.mark.parametrize("based", [False, True])
def test_an_entry_by_event_refuses_an_imported_segment(journeys: JourneyProject, based: bool) -> None:
    imported = journeys.segment()
    application = journeys.pinpoint._applications.find(journeys.id)
    assert application is not None
    document = application.segments.get(imported)
    application.segments.replace(imported, {**document, "SegmentType": "IMPORT"})
    group = {"SourceSegments": [{"Id": imported}], "Dimensions": [COMPANY]}
    named = journeys.segment(SegmentGroups={"Groups": [group]}) if based else imported

    for state in ("ACTIVE", "DRAFT"):
        refused = status_of(lambda state=state: journeys.write(StartCondition=start(segment_id=named), State=state))  # type: ignore[misc]
        assert refused == BAD_REQUEST
    assert journeys.write(StartCondition=start_segment(named))["State"] == "ACTIVE"


def test_the_function_must_let_the_journey_in(journeys: JourneyProject) -> None:
    sources = []
    journeys.functions.check = lambda _, source: sources.append(source)  # type: ignore[method-assign]

    made = journeys.write()

    assert {source.arn for source in sources} == {
        f"arn:aws:mobiletargeting:{REGION}:{ACCOUNT}:apps/{journeys.id}/journeys/{made['Id']}"
    }


# States


def test_what_is_published_cannot_be_changed(journeys: JourneyProject) -> None:
    journey = journeys.journey()
    change: Any = {"Name": "other"}

    def update() -> None:
        journeys.client.update_journey(ApplicationId=journeys.id, JourneyId=journey, WriteJourneyRequest=change)

    assert status_of(update) == CONFLICT
    journeys.change(journey, "CANCELLED")
    assert status_of(update) == CONFLICT


@pytest.mark.parametrize("state", ["ACTIVE", "PAUSED", "DRAFT", "CLOSED", "COMPLETED"])
def test_what_is_active_can_only_be_cancelled(journeys: JourneyProject, state: str) -> None:
    journey = journeys.journey()

    assert status_of(lambda: journeys.change(journey, state)) == BAD_REQUEST
    assert journeys.change(journey, "CANCELLED") == "CANCELLED"


@pytest.mark.parametrize("state", ["ACTIVE", "PAUSED", "CANCELLED"])
def test_what_is_cancelled_stays_so(journeys: JourneyProject, state: str) -> None:
    journey = journeys.journey()
    journeys.change(journey, "CANCELLED")

    assert status_of(lambda: journeys.change(journey, state)) == BAD_REQUEST


@pytest.mark.parametrize("state", ["PAUSED", "CANCELLED"])
def test_a_draft_can_only_be_published(journeys: JourneyProject, state: str) -> None:
    draft = journeys.write(State="DRAFT")["Id"]

    assert status_of(lambda: journeys.change(draft, state)) == BAD_REQUEST


def test_what_is_under_way_cannot_be_deleted(journeys: JourneyProject) -> None:
    journey = journeys.journey()

    def delete() -> Any:
        return journeys.client.delete_journey(ApplicationId=journeys.id, JourneyId=journey)

    assert status_of(delete) == BAD_REQUEST
    journeys.change(journey, "CANCELLED")
    assert delete()["JourneyResponse"]["State"] == "CANCELLED"
    assert status_of(lambda: journeys.state(journey)) == NOT_FOUND
    assert status_of(delete) == NOT_FOUND


def test_the_segment_of_a_journey_that_is_under_way_stays(journeys: JourneyProject) -> None:
    segment = journeys.segment(Dimensions=COMPANY)
    journey = journeys.journey(StartCondition=start(segment_id=segment))

    def delete() -> None:
        journeys.client.delete_segment(ApplicationId=journeys.id, SegmentId=segment)

    assert status_of(delete) == BAD_REQUEST
    journeys.change(journey, "CANCELLED")
    delete()


# Quotas


def test_20_journeys_of_an_account_can_be_started_by_events(journeys: JourneyProject) -> None:
    *_, last = [journeys.write()["Id"] for _ in range(20)]
    draft = journeys.write(State="DRAFT")["Id"]

    assert status_of(journeys.write) == BAD_REQUEST
    assert status_of(lambda: journeys.change(draft, "ACTIVE")) == BAD_REQUEST
    assert journeys.write(StartCondition=start_segment(journeys.segment()))["State"] == "ACTIVE"
    journeys.change(last, "CANCELLED")
    assert journeys.change(draft, "ACTIVE") == "ACTIVE"


def test_50_journeys_of_an_account_can_be_active(journeys: JourneyProject) -> None:
    entry = start_segment(journeys.segment())
    for _ in range(50):
        journeys.write(StartCondition=entry)

    assert status_of(lambda: journeys.write(StartCondition=entry)) == BAD_REQUEST
    assert status_of(journeys.write) == BAD_REQUEST


def test_the_limits_are_settings(journeys: JourneyProject) -> None:
    journeys.pinpoint.configure(
        {"active_event_journeys": 1, "active_journeys": 2, "journey_activities": 1, "journey_days": 1}
    )
    one = only(custom())

    assert status_of(journeys.write) == BAD_REQUEST
    journeys.write(**one)
    assert status_of(lambda: journeys.write(**one)) == BAD_REQUEST
    segment = start_segment(journeys.segment())
    too_long = {"EndTime": journeys.moment(days=1, seconds=1)}
    assert status_of(lambda: journeys.write(StartCondition=segment, Schedule=too_long, **one)) == BAD_REQUEST
    journeys.write(StartCondition=segment, **one)
    assert status_of(lambda: journeys.write(StartCondition=segment, **one)) == BAD_REQUEST


# Runs


def test_a_journey_that_was_published_has_a_run(journeys: JourneyProject) -> None:
    def runs(journey: str) -> list[dict[str, Any]]:
        answer = journeys.client.get_journey_runs(ApplicationId=journeys.id, JourneyId=journey)
        return [dict(run) for run in answer["JourneyRunsResponse"]["Item"]]

    draft = journeys.write(State="DRAFT")["Id"]
    assert (runs(draft), journeys.metrics(draft)) == ([], {})

    journeys.change(draft, "ACTIVE")
    assert [run["Status"] for run in runs(draft)] == ["SCHEDULED"]
    journeys.later(minutes=5)
    [run] = runs(draft)
    assert (run["Status"], run["CreationTime"], run["LastUpdateTime"]) == (
        "RUNNING",
        "2026-03-04T05:06:07.000Z",
        "2026-03-04T05:11:07.000Z",
    )
    journeys.member("ada")
    journeys.put("ada")
    names: Any = {"ApplicationId": journeys.id, "JourneyId": draft}
    answer = journeys.client.get_journey_run_execution_metrics(RunId=run["RunId"], **names)
    assert answer["JourneyRunExecutionMetricsResponse"]["Metrics"]["ENDPOINT_ACTIVE"] == "1"
    first = journeys.client.get_journey_run_execution_activity_metrics(
        RunId=run["RunId"], JourneyActivityId="first", **names
    )["JourneyRunExecutionActivityMetricsResponse"]
    assert (first["ActivityType"], first["Metrics"]["SUCCESS"]) == ("MESSAGE", "1")
    assert status_of(lambda: journeys.client.get_journey_run_execution_metrics(RunId="x", **names)) == NOT_FOUND
    assert status_of(lambda: journeys.activity_metrics(draft, "nothing")) == NOT_FOUND
    journeys.change(draft, "CANCELLED")
    assert [run["Status"] for run in runs(draft)] == ["CANCELLED"]


def test_who_stands_where_can_be_seen(journeys: JourneyProject) -> None:
    journey = journeys.journey()
    for number in range(25):
        journeys.member(f"e{number}")
        journeys.put(f"e{number}")

    seen = journeys.view(journey)

    assert (seen["account"], seen["region"], seen["application_id"]) == (ACCOUNT, REGION, journeys.id)
    assert seen["standing"] == {"pause": [f"e{number}" for number in range(20)]}
    assert (seen["counts"], seen["passed"], seen["entered"], seen["ended"]) == ({"pause": 25}, {"first": 25}, 25, 0)
    assert seen["metrics"]["ENDPOINT_ACTIVE"] == 25
    assert seen["run_id"]
    journeys.later(hours=1)
    seen = journeys.view(journey)
    assert (seen["standing"], seen["passed"]) == ({}, {"first": 25, "pause": 25, "last": 25})
    assert (seen["entered"], seen["ended"]) == (25, 25)
