"""Who of a segment gets a message, and which treatment."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.local_cloud.pinpoint.project import Project

SMS = {"MessageConfiguration": {"SMSMessage": {"Body": "Hi"}}}


def settings(project: Project, **members: Any) -> None:
    request: Any = members
    project.client.update_application_settings(ApplicationId=project.id, WriteApplicationSettingsRequest=request)


@pytest.mark.parametrize(
    ("endpoint", "reason"),
    [
        ({"channel": "SMS"}, "other_channel"),
        ({"Address": ""}, "no_address"),
        ({"EndpointStatus": "INACTIVE"}, "inactive"),
        ({"OptOut": "ALL"}, "opted_out"),
    ],
)
def test_some_members_of_a_segment_get_nothing(project: Project, endpoint: dict[str, Any], reason: str) -> None:
    project.endpoint("ada")
    project.endpoint("bob", **endpoint)
    campaign = project.campaign()

    project.later()

    assert (project.reached(), project.skipped(campaign)) == (["ada"], {reason: 1})
    assert project.activities(campaign)[0]["TotalEndpointCount"] == 1


def test_one_campaign_may_have_a_message_for_several_channels(project: Project) -> None:
    for channel in ("EMAIL", "SMS", "GCM"):
        project.endpoint(channel.lower(), channel)
    messages = {"EmailMessage": {"Title": "t"}, "SMSMessage": {"Body": "s"}, "DefaultMessage": {"Body": "d"}}
    project.campaign(MessageConfiguration=messages)

    project.later()

    assert {message.channel: message.body or message.title for message in project.sent()} == {
        "EMAIL": "t",
        "SMS": "s",
        "GCM": "d",
    }


def test_a_holdout_and_treatments_split_the_segment_the_same_way_each_time(project: Project) -> None:
    names = [f"e{number}" for number in range(400)]
    for name in names:
        project.endpoint(name)
    message = {"EmailMessage": {"Title": "B", "Body": "b"}}
    daily = {"StartTime": project.moment(hours=1), "Frequency": "DAILY"}
    campaign = project.campaign(
        HoldoutPercent=20,
        AdditionalTreatments=[{"SizePercent": 30, "TreatmentName": "B", "MessageConfiguration": message}],
        Schedule=daily,
    )

    project.later(hours=1)
    first = {sent.endpoint_id: sent.treatment_id for sent in project.sent()}
    project.later(days=1)
    second = {sent.endpoint_id: sent.treatment_id for sent in project.sent()[len(first) :]}

    assert first == second
    counts = Counter(first.values())
    assert counts["0"] == pytest.approx(200, abs=50)
    assert counts["1"] == pytest.approx(120, abs=50)
    assert project.skipped(campaign) == {"holdout": 2 * (400 - len(first))}
    assert [one["TreatmentId"] for one in project.activities(campaign)] == ["0", "1"] * 2
    answer = project.get(campaign)
    assert answer["DefaultState"] == {"CampaignStatus": "PENDING_NEXT_RUN"}
    [treatment] = answer["AdditionalTreatments"]
    assert (treatment["Id"], treatment["State"]) == ("1", {"CampaignStatus": "PENDING_NEXT_RUN"})


@pytest.mark.parametrize(
    ("hour", "zone", "start", "end", "quiet"),
    [
        (12, "UTC", "11:00", "13:00", True),
        (12, "UTC", "12:00", "12:00", True),
        (12, "UTC", "13:00", "11:00", False),
        (23, "UTC", "22:00", "07:00", True),
        (6, "UTC", "22:00", "07:00", True),
        (21, "America/New_York", "22:00", "07:00", False),
        (4, "America/New_York", "22:00", "07:00", True),
        (23, "Nowhere/City", "22:00", "07:00", False),
        (23, None, "22:00", "07:00", False),
    ],
)
def test_quiet_time_drops_messages_to_endpoints_whose_time_zone_is_known(
    project: Project, hour: int, zone: str | None, start: str, end: str, *, quiet: bool
) -> None:
    project.endpoint("ada", Demographic={"Timezone": zone} if zone else {})
    project.now = datetime(2026, 12, 15, hour, tzinfo=UTC)
    schedule = {"StartTime": "IMMEDIATE", "QuietTime": {"Start": start, "End": end}}
    campaign = project.campaign(Schedule=schedule)

    project.later()
    project.later(days=1)

    assert project.reached() == ([] if quiet else ["ada"])
    assert project.skipped(campaign) == ({"quiet_time": 1} if quiet else {})
    assert project.status(campaign) == "COMPLETED"


def test_quiet_time_and_limits_of_the_application_hold_unless_the_campaign_has_its_own(project: Project) -> None:
    project.endpoint("ada", Demographic={"Timezone": "UTC"})
    settings(project, QuietTime={"Start": "00:00", "End": "23:59"}, Limits={"Daily": 1})
    awake = {"StartTime": "IMMEDIATE", "QuietTime": {"Start": "00:00", "End": "00:01"}}

    quiet = project.campaign()
    first, second = project.campaign(Schedule=awake), project.campaign(Schedule=awake)
    own = project.campaign(Schedule=awake, Limits={"Daily": 5})
    project.later()

    assert project.skipped(quiet) == {"quiet_time": 1}
    assert (project.skipped(first), project.skipped(second), project.skipped(own)) == ({}, {"limit": 1}, {})


def test_a_daily_limit_counts_24_hours_and_a_total_limit_the_whole_campaign(project: Project) -> None:
    project.endpoint("ada")
    hourly = {"StartTime": project.moment(hours=1), "Frequency": "HOURLY"}
    project.campaign(Schedule=hourly, Limits={"Daily": 2, "Total": 3})

    counts = []
    for _ in range(60):
        project.later(hours=1)
        counts.append(len(project.sent()))

    assert (counts[1], counts[23], counts[24], counts[59]) == (2, 2, 3, 3)


def test_a_day_is_shorter_by_the_factor(project: Project) -> None:
    project.endpoint("ada")
    project.pinpoint.configure({"time_factor": 24})
    project.campaign(Schedule={"StartTime": project.moment(hours=24), "Frequency": "DAILY"}, Limits={"Daily": 1})

    for _ in range(3):
        project.later(hours=1)

    assert len(project.sent()) == 3
