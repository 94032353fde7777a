"""Campaigns that an event of a customer starts."""

from __future__ import annotations

from typing import Any

import pytest

from tests.local_cloud.pinpoint.conftest import status_of
from tests.local_cloud.pinpoint.project import Project

BAD_REQUEST = (400, "BadRequestException")
DIMENSIONS = {
    "EventType": {"DimensionType": "INCLUSIVE", "Values": ["cart.left"]},
    "Attributes": {"shop": {"AttributeType": "INCLUSIVE", "Values": ["de"]}},
    "Metrics": {"value": {"ComparisonOperator": "GREATER_THAN", "Value": 50.0}},
}


def schedule(project: Project, minutes: float = 15, **members: Any) -> dict[str, Any]:
    event_filter = {"FilterType": "ENDPOINT", "Dimensions": members.pop("dimensions", DIMENSIONS)}
    return {"StartTime": project.moment(minutes=minutes), "Frequency": "EVENT", "EventFilter": event_filter, **members}


def put(
    project: Project, endpoint_id: str, event_type: str = "cart.left", shop: str = "de", value: float = 60.0
) -> None:
    event: Any = {
        "EventType": event_type,
        "Timestamp": project.moment(),
        "Attributes": {"shop": shop},
        "Metrics": {"value": value},
    }
    batch: Any = {endpoint_id: {"Endpoint": {}, "Events": {"1": event}}}
    project.client.put_events(ApplicationId=project.id, EventsRequest={"BatchItem": batch})
    project.pinpoint.work.do()


def test_a_matching_event_sends_to_its_endpoint_and_to_nobody_else(project: Project) -> None:
    project.endpoint("ada")
    project.endpoint("bob")
    campaign = project.campaign(Schedule=schedule(project))
    project.later(minutes=15)

    put(project, "Ada")
    put(project, "ada", event_type="cart.filled")
    put(project, "ada", shop="fr")
    put(project, "ada", value=50.0)

    assert (project.reached(), project.status(campaign)) == (["ada"], "EXECUTING")
    put(project, "bob")
    assert project.reached() == ["ada", "bob"]
    [activity] = project.activities(campaign)
    assert (activity["State"], activity["TotalEndpointCount"]) == ("RUNNING", 2)


def test_events_before_the_start_and_after_the_end_start_nothing(project: Project) -> None:
    project.endpoint("ada")
    campaign = project.campaign(Schedule=schedule(project, EndTime=project.moment(minutes=30)))

    project.later(minutes=14)
    put(project, "ada")
    project.later(minutes=1)
    put(project, "ada")
    project.later(minutes=15)
    put(project, "ada")

    assert (project.reached(), project.status(campaign)) == (["ada"], "COMPLETED")
    assert project.activities(campaign)[0]["State"] == "COMPLETED"


def test_the_segment_and_the_rules_for_recipients_hold(project: Project) -> None:
    project.endpoint("ada", Attributes={"plan": ["gold"]})
    project.endpoint("bob")
    project.endpoint("eve", Attributes={"plan": ["gold"]}, OptOut="ALL")
    gold = project.segment(Dimensions={"Attributes": {"plan": {"Values": ["gold"]}}})
    campaign = project.campaign(SegmentId=gold, Schedule=schedule(project), Limits={"Total": 1})
    project.later(minutes=15)

    for endpoint_id in ("ada", "ada", "bob", "eve"):
        put(project, endpoint_id)

    assert project.reached() == ["ada"]
    assert project.skipped(campaign) == {"limit": 1, "opted_out": 1}


def test_an_endpoint_that_its_event_makes_is_not_yet_in_the_segment(project: Project) -> None:
    project.campaign(Schedule=schedule(project, dimensions={"EventType": {"Values": ["signup"]}}))
    project.later(minutes=15)
    project.pinpoint.configure({"segment_lag_seconds": 30})
    endpoint: Any = {"ChannelType": "EMAIL", "Address": "new@example.com"}
    batch: Any = {
        "new": {"Endpoint": endpoint, "Events": {"1": {"EventType": "signup", "Timestamp": project.moment()}}}
    }
    project.client.put_events(ApplicationId=project.id, EventsRequest={"BatchItem": batch})

    project.later()
    assert project.reached() == []
    project.later(seconds=30)
    put(project, "new", event_type="signup")
    assert project.reached() == ["new"]


def test_it_can_be_paused_and_deleted_while_it_listens(project: Project) -> None:
    project.endpoint("ada")
    campaign = project.campaign(Schedule=schedule(project))
    project.later(minutes=15)

    assert project.update(campaign, IsPaused=True)["State"]["CampaignStatus"] == "PAUSED"
    put(project, "ada")
    assert project.sent() == []
    project.update(campaign, IsPaused=False)
    project.later()
    put(project, "ada")
    assert project.reached() == ["ada"]
    project.client.delete_campaign(ApplicationId=project.id, CampaignId=campaign)
    put(project, "ada")

    assert project.reached() == ["ada"]


@pytest.mark.parametrize(
    "change",
    [
        {"EventFilter": None},
        {"EventFilter": {"FilterType": "SYSTEM", "Dimensions": DIMENSIONS}},
        {"EventFilter": {"FilterType": "ENDPOINT", "Dimensions": {}}},
        {"EventFilter": {"FilterType": "ENDPOINT", "Dimensions": {"EventType": {"Values": []}}}},
        {"Frequency": "ONCE"},
        {"StartTime": "IMMEDIATE"},
        {"StartTime": "2026-03-04T05:21:06Z"},
    ],
)
def test_a_faulty_schedule_is_refused(project: Project, change: dict[str, Any]) -> None:
    given = {name: value for name, value in {**schedule(project), **change}.items() if value is not None}

    assert status_of(lambda: project.campaign(Schedule=given)) == BAD_REQUEST


def test_a_project_has_25_at_most(project: Project) -> None:
    segment = project.segment()
    *_, last = [project.campaign(SegmentId=segment, Schedule=schedule(project)) for _ in range(25)]

    project.update(last, IsPaused=True)
    assert project.update(last, IsPaused=False)["State"]["CampaignStatus"] == "SCHEDULED"
    assert status_of(lambda: project.campaign(SegmentId=segment, Schedule=schedule(project))) == BAD_REQUEST
    assert project.campaign(SegmentId=segment)
