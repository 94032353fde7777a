"""Campaigns: what is refused, when they run, which states they pass through."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local_cloud.pinpoint import Request
from tests.local_cloud.pinpoint.conftest import status_of
from tests.local_cloud.pinpoint.project import Project
from tests.local_cloud.sdk import ACCOUNT, REGION

BAD_REQUEST = (400, "BadRequestException")
NOT_FOUND = (404, "NotFoundException")


def recurring(project: Project, frequency: str = "DAILY", **schedule: Any) -> str:
    return project.campaign(
        Schedule={"StartTime": project.moment(hours=1), "Frequency": frequency, **schedule}, SegmentId=project.segment()
    )


def test_a_new_campaign_is_scheduled_and_answers_what_was_asked_for(project: Project) -> None:
    segment = project.segment()

    campaign = project.get(project.campaign(SegmentId=segment, Description="d", tags={"run": "1"}))

    assert campaign["Arn"] == (
        f"arn:aws:mobiletargeting:{REGION}:{ACCOUNT}:apps/{project.id}/campaigns/{campaign['Id']}"
    )
    assert (campaign["SegmentId"], campaign["SegmentVersion"], campaign["Version"]) == (segment, 1, 1)
    assert (campaign["State"], campaign["tags"], campaign["Description"]) == (
        {"CampaignStatus": "SCHEDULED"},
        {"run": "1"},
        "d",
    )
    assert "DefaultState" not in campaign
    assert project.activities(campaign["Id"]) == []


def test_a_campaign_sends_to_its_segment_once(project: Project) -> None:
    project.endpoint("ada")
    project.endpoint("bob", Attributes={"plan": ["gold"]})
    gold = project.segment(Dimensions={"Attributes": {"plan": {"AttributeType": "INCLUSIVE", "Values": ["gold"]}}})
    campaign = project.campaign(SegmentId=gold)

    project.later()
    project.later(days=400)

    [message] = project.sent()
    assert (message.endpoint_id, message.channel, message.address) == ("bob", "EMAIL", "bob@example.com")
    assert (message.sender, message.title, message.body) == ("shop@example.com", "Hi", "Hello")
    assert message.campaign_id == campaign
    assert project.status(campaign) == "COMPLETED"
    [activity] = project.activities(campaign)
    assert (activity["State"], activity["Result"], activity["TreatmentId"]) == ("COMPLETED", "SUCCESS", "0")
    assert (activity["TotalEndpointCount"], activity["SuccessfulEndpointCount"]) == (1, 1)


def test_a_campaign_starts_at_its_moment_and_not_before(project: Project) -> None:
    project.endpoint("ada")
    campaign = project.campaign(Schedule={"StartTime": project.moment(seconds=60)})

    project.later(seconds=59.9)
    assert (project.reached(), project.status(campaign)) == ([], "SCHEDULED")
    project.later(seconds=0.1)
    assert (project.reached(), project.status(campaign)) == (["ada"], "COMPLETED")


def test_time_passes_faster_by_the_factor(project: Project) -> None:
    project.endpoint("ada")
    project.pinpoint.configure({"time_factor": 60})
    campaign = recurring(project, "HOURLY")

    project.later(seconds=59)
    assert project.reached() == []
    project.later(seconds=1)
    assert (project.reached(), project.status(campaign)) == (["ada"], "PENDING_NEXT_RUN")
    project.later(seconds=60)
    assert project.reached() == ["ada", "ada"]


@pytest.mark.parametrize(("frequency", "days"), [("HOURLY", 1 / 24), ("DAILY", 1), ("WEEKLY", 7), ("MONTHLY", 31)])
def test_a_recurring_campaign_runs_until_its_end(project: Project, frequency: str, days: float) -> None:
    project.endpoint("ada")
    campaign = recurring(project, frequency, EndTime=project.moment(days=days, hours=1.5))

    project.later(hours=1)
    assert project.status(campaign) == "PENDING_NEXT_RUN"
    project.later(days=days)
    assert project.status(campaign) == "COMPLETED"
    project.later(days=days)

    assert len(project.sent()) == 2
    assert [activity["State"] for activity in project.activities(campaign)] == ["COMPLETED"] * 2


@pytest.mark.parametrize(
    "change",
    [
        {"Name": ""},
        {"SegmentId": ""},
        {"Schedule": {}},
        {"Schedule": {"StartTime": "2026-03-04T05:06:06Z"}},
        {"Schedule": {"StartTime": "2026-03-05T05:06:06"}},
        {"Schedule": {"StartTime": "tomorrow"}},
        {"Schedule": {"StartTime": "IMMEDIATE", "EndTime": "2026-03-04T05:06:07Z"}},
        {"Schedule": {"StartTime": "IMMEDIATE", "IsLocalTime": True}},
        {"Schedule": {"StartTime": "IMMEDIATE", "QuietTime": {"Start": "9:00", "End": "10:00"}}},
        {"Schedule": {"StartTime": "IMMEDIATE", "Frequency": "IN_APP_EVENT"}},
        {"IsPaused": True},
        {"MessageConfiguration": {}},
        {"MessageConfiguration": {"InAppMessage": {}}},
        {"MessageConfiguration": {"CustomMessage": {"Data": "d"}}},
        {"MessageConfiguration": {}, "CustomDeliveryConfiguration": {"DeliveryUri": "f", "EndpointTypes": ["SMS"]}},
        {
            "MessageConfiguration": {"CustomMessage": {"Data": "d" * 5001}},
            "CustomDeliveryConfiguration": {"DeliveryUri": "deliver", "EndpointTypes": ["SMS"]},
        },
        {
            "MessageConfiguration": {"CustomMessage": {}},
            "CustomDeliveryConfiguration": {"DeliveryUri": "https://example.com", "EndpointTypes": ["SMS"]},
        },
        {"MessageConfiguration": {"CustomMessage": {}}, "CustomDeliveryConfiguration": {"DeliveryUri": "deliver"}},
        {"Hook": {"LambdaFunctionName": "deliver", "Mode": "DELIVERY"}},
        {"Hook": {"LambdaFunctionName": "stranger", "Mode": "FILTER"}},
        {"MessageConfiguration": {"GCMMessage": {"Body": "b" * 201}}},
        {"MessageConfiguration": {"EmailMessage": {"Headers": [{"Name": "n", "Value": "v"}] * 16}}},
        {"Limits": {"Daily": 101}},
        {"Limits": {"MaximumDuration": 59}},
        {"HoldoutPercent": 60, "AdditionalTreatments": [{"SizePercent": 41}]},
        {"AdditionalTreatments": [{"SizePercent": 1, "MessageConfiguration": {"SMSMessage": {"Body": "b"}}}] * 5},
        {"AdditionalTreatments": [{"SizePercent": 10}]},
        {"tags": {"": "x"}},
    ],
)
def test_a_faulty_campaign_is_refused(project: Project, change: dict[str, Any]) -> None:
    project.functions.known["deliver"] = lambda _: None
    segment = project.segment()

    assert status_of(lambda: project.campaign(**{"SegmentId": segment, **change})) == BAD_REQUEST
    assert project.client.get_campaigns(ApplicationId=project.id)["CampaignsResponse"]["Item"] == []


def test_a_campaign_needs_a_segment_and_a_template_that_exist(project: Project) -> None:
    email = {"MessageConfiguration": {}, "TemplateConfiguration": {"EmailTemplate": {"Name": "none"}}}

    assert status_of(lambda: project.campaign(SegmentId="none")) == NOT_FOUND
    assert status_of(lambda: project.campaign(SegmentId=project.segment(), SegmentVersion=2)) == NOT_FOUND
    assert status_of(lambda: project.campaign(**email)) == NOT_FOUND


def test_the_200th_campaign_is_the_last_active_one(project: Project) -> None:
    segment = project.segment()
    ahead = {"StartTime": project.moment(hours=1)}
    first, *_ = [project.campaign(SegmentId=segment, Schedule=ahead) for _ in range(200)]

    assert status_of(lambda: project.campaign(SegmentId=segment, Schedule=ahead)) == BAD_REQUEST
    paused = project.campaign(SegmentId=segment, Schedule=ahead, IsPaused=True)
    assert status_of(lambda: project.update(paused, IsPaused=False)) == BAD_REQUEST
    project.client.delete_campaign(ApplicationId=project.id, CampaignId=first)
    assert project.update(paused, IsPaused=False)["State"]["CampaignStatus"] == "SCHEDULED"
    project.later(hours=1)
    assert project.campaign(SegmentId=segment)


def test_a_paused_campaign_waits_and_one_that_missed_its_start_needs_a_new_one(project: Project) -> None:
    project.endpoint("ada")
    campaign = project.campaign(Schedule={"StartTime": project.moment(hours=1)})

    assert project.update(campaign, IsPaused=True)["State"]["CampaignStatus"] == "PAUSED"
    project.later(hours=2)
    assert project.reached() == []
    assert status_of(lambda: project.update(campaign, IsPaused=False)) == BAD_REQUEST
    project.update(campaign, IsPaused=False, Schedule={"StartTime": project.moment(hours=1)})
    project.later(hours=1)
    assert project.reached() == ["ada"]


def test_a_recurring_campaign_that_pauses_skips_runs(project: Project) -> None:
    project.endpoint("ada")
    campaign = recurring(project)
    project.later(hours=1)

    project.update(campaign, IsPaused=True)
    project.later(days=2.5)
    assert project.update(campaign, IsPaused=False)["State"]["CampaignStatus"] == "PENDING_NEXT_RUN"

    assert len(project.later(days=0.25).sent()) == 1
    assert len(project.later(days=0.25).sent()) == 2


def test_a_campaign_can_be_paused_after_its_function_shut_it_out(project: Project) -> None:
    campaign = project.custom(lambda _: None, Schedule={"StartTime": project.moment(hours=1)})
    project.functions.known.clear()

    assert project.update(campaign, IsPaused=True)["State"]["CampaignStatus"] == "PAUSED"
    hook = {"LambdaFunctionName": "hook", "Mode": "FILTER"}
    assert status_of(lambda: project.update(campaign, Hook=hook)) == BAD_REQUEST


def test_a_campaign_that_starts_at_once_cannot_be_paused(project: Project) -> None:
    campaign = project.campaign()

    assert status_of(lambda: project.update(campaign, IsPaused=True)) == BAD_REQUEST


def test_an_update_keeps_what_it_does_not_name_and_makes_a_version(project: Project) -> None:
    campaign = project.campaign(Schedule={"StartTime": project.moment(hours=1)}, tags={"a": "1"})

    updated = project.update(campaign, Name="new", tags={"b": "2"})

    assert (updated["Name"], updated["Version"], updated["tags"]) == ("new", 2, {"a": "1"})
    assert updated["MessageConfiguration"] == {"EmailMessage": {"Title": "Hi", "Body": "Hello"}}
    first = project.client.get_campaign_version(ApplicationId=project.id, CampaignId=campaign, Version="1")
    assert first["CampaignResponse"]["Name"] == "c"
    versions = project.client.get_campaign_versions(ApplicationId=project.id, CampaignId=campaign)
    assert [one["Version"] for one in versions["CampaignsResponse"]["Item"]] == [1, 2]


def test_what_sends_or_has_ended_stays_as_it_is(project: Project) -> None:
    project.endpoint("ada")
    answers = []

    def function(event: dict[str, Any]) -> None:
        identifier = event["CampaignId"]
        delete = {"ApplicationId": project.id, "CampaignId": identifier}
        answers.append(project.status(identifier))
        answers.append(status_of(lambda: project.update(identifier, Name="new")))
        answers.append(status_of(lambda: project.client.delete_campaign(**delete)))

    campaign = project.custom(function)
    project.later()

    assert answers == ["EXECUTING", BAD_REQUEST, BAD_REQUEST]
    assert status_of(lambda: project.update(campaign, Name="new")) == BAD_REQUEST
    assert project.client.delete_campaign(ApplicationId=project.id, CampaignId=campaign)


def test_an_update_may_name_another_segment_whose_newest_version_counts(project: Project) -> None:
    campaign = project.campaign(Schedule={"StartTime": project.moment(hours=1)})
    other = project.segment()
    given: Any = {"Dimensions": {"Attributes": {"a": {"Values": ["1"]}}}}
    project.client.update_segment(ApplicationId=project.id, SegmentId=other, WriteSegmentRequest=given)

    assert project.update(campaign, SegmentId=other)["SegmentVersion"] == 2
    assert status_of(lambda: project.update(campaign, SegmentId="none")) == NOT_FOUND


def test_a_deleted_campaign_is_gone_and_sends_nothing(project: Project) -> None:
    project.endpoint("ada")
    campaign = project.campaign()

    answer = project.client.delete_campaign(ApplicationId=project.id, CampaignId=campaign)
    project.later()

    assert answer["CampaignResponse"]["State"] == {"CampaignStatus": "DELETED"}
    assert status_of(lambda: project.get(campaign)) == NOT_FOUND
    assert status_of(lambda: project.activities(campaign)) == NOT_FOUND
    assert project.sent() == []


def test_a_campaign_fails_when_its_segment_is_deleted(project: Project) -> None:
    project.endpoint("ada")
    segment = project.segment()
    done = project.campaign(SegmentId=segment)
    project.later()
    waiting = project.campaign(SegmentId=segment, Schedule={"StartTime": project.moment(hours=1)})

    project.client.delete_segment(ApplicationId=project.id, SegmentId=segment)
    project.later(hours=1)

    assert (project.status(done), project.status(waiting)) == ("COMPLETED", "DELETED")
    assert len(project.sent()) == 1


def test_lists_come_in_pages_and_keep_what_has_ended(project: Project) -> None:
    segment = project.segment()
    made = [project.campaign(SegmentId=segment) for _ in range(3)]
    project.later()

    first = project.client.get_campaigns(ApplicationId=project.id, PageSize="2")["CampaignsResponse"]
    rest = project.client.get_campaigns(ApplicationId=project.id, PageSize="2", Token=first["NextToken"])

    found = [*first["Item"], *rest["CampaignsResponse"]["Item"]]
    assert [one["Id"] for one in found] == made
    assert "NextToken" not in rest["CampaignsResponse"]
    assert status_of(lambda: project.client.get_campaigns(ApplicationId=project.id, PageSize="x")) == BAD_REQUEST


def test_a_list_that_lags_hides_what_is_new(project: Project) -> None:
    segment = project.segment()
    rule = {"target": "pinpoint.GetCampaigns", "kind": "lag", "seconds": 30}
    project.pinpoint.faults.put([rule, {**rule, "target": "pinpoint.GetSegments"}])
    campaign = project.campaign(SegmentId=segment)

    def listed() -> tuple[int, int]:
        campaigns = project.client.get_campaigns(ApplicationId=project.id)["CampaignsResponse"]["Item"]
        return len(campaigns), len(project.client.get_segments(ApplicationId=project.id)["SegmentsResponse"]["Item"])

    project.later(seconds=29)
    assert (listed(), project.get(campaign)["Id"]) == ((0, 0), campaign)
    project.later(seconds=1)
    assert listed() == (1, 1)


@pytest.mark.parametrize("processed", [False, True])
def test_a_create_that_is_cut_off_is_made_or_not(project: Project, *, processed: bool) -> None:
    segment = project.segment()
    rule = {"target": "pinpoint.CreateCampaign", "kind": "error", "status": 500, "processed": processed, "times": 1}
    project.pinpoint.faults.put([rule])

    assert status_of(lambda: project.campaign(SegmentId=segment))[0] == 500

    found = project.client.get_campaigns(ApplicationId=project.id)["CampaignsResponse"]["Item"]
    assert len(found) == processed
    calls = project.pinpoint.journal.since()["requests"]
    assert [call["processed"] for call in calls if call["operation"] == "CreateCampaign"] == [processed]


@pytest.mark.parametrize(
    ("setting", "operation"), [("campaign_write_rate", "campaign"), ("segment_write_rate", "segment")]
)
def test_25_writes_pass_per_second_and_operation(project: Project, setting: str, operation: str) -> None:
    project.pinpoint.configure({setting: 25})
    segment = "" if operation == "segment" else project.segment()

    def create() -> str:
        return project.campaign(SegmentId=segment) if segment else project.segment()

    for _ in range(25):
        create()
    assert status_of(create) == (429, "TooManyRequestsException")
    project.later(seconds=0.041)
    assert create()


def test_another_account_does_not_see_them(project: Project) -> None:
    campaign = project.campaign()
    request = Request("GET", f"/v1/apps/{project.id}/campaigns/{campaign}", account="999999999999")

    assert project.pinpoint.handle(request).status == 404


def test_state_survives_and_a_run_that_was_cut_off_does_not_send_again(project: Project) -> None:
    project.endpoint("ada")
    snapshots: list[Any] = []
    cut = project.custom(lambda _: snapshots.append(project.pinpoint.snapshot()))
    waiting = project.campaign(Schedule={"StartTime": project.moment(hours=1)})
    project.later()

    project.pinpoint.restore(json.loads(json.dumps(snapshots[0])))

    assert (project.status(cut), project.activities(cut)[0]["State"]) == ("COMPLETED", "CANCELLED")
    project.later(hours=1)
    assert (project.reached(), project.status(waiting)) == (["ada"], "COMPLETED")
    assert len(project.functions.calls) == 1
