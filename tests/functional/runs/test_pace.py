"""A large fan-out keeps to the account's rates: no call is refused, and little time is lost."""

from __future__ import annotations

import json

import pytest

from engagement.domain.plans.limits import ACTIVE_CAMPAIGNS, CAMPAIGN_CREATES_PER_SECOND
from tests.environment import PLAN_SETTINGS
from tests.functional.runs.cloud import Cloud, Payload
from tests.functional.runs.plans import event, fan_out

pytestmark = pytest.mark.many_runs

AUDIENCES, CHANNELS = 50, 4
CAMPAIGNS = AUDIENCES * CHANNELS
FLOOR = CAMPAIGNS / CAMPAIGN_CREATES_PER_SECOND

all_campaigns_are_ours = pytest.mark.environment(
    PLAN_SETTINGS=json.dumps({**json.loads(PLAN_SETTINGS), "reserved_active_campaigns": 0})
)


def refused(cloud: Cloud) -> list[str]:
    return [one["operation"] for one in cloud.pinpoint.journal.since(0)["requests"] if one["status"] == 429]


@all_campaigns_are_ours
def test_a_fan_out_to_the_last_active_campaign_is_fast_and_makes_no_refused_call(cloud: Cloud) -> None:
    assert CAMPAIGNS == ACTIVE_CAMPAIGNS
    cloud.put_plan(fan_out(AUDIENCES))
    cloud.announce(event("fan_out"))
    began = cloud.clock.time()

    answer = cloud.invoke(cloud.start_payload())
    seconds = cloud.clock.time() - began

    assert answer["next"] == "wait", "everything is made in one call"
    assert len(cloud.created("CreateSegment")) == AUDIENCES
    assert len(cloud.created("CreateCampaign")) == CAMPAIGNS
    assert seconds <= 1.3 * FLOOR
    # What is asked one after the other takes time, too.
    cloud.latency = 0.02
    assert cloud.walk(answer)["next"] == "completed"
    assert len(cloud.created("CreateCampaign")) == CAMPAIGNS
    assert not cloud.segments()
    assert refused(cloud) == []


@pytest.mark.environment(SEGMENT_CREATES_PER_SECOND="0.25", CAMPAIGN_CREATES_PER_SECOND="0.25")
def test_what_takes_longer_than_a_call_goes_on_in_the_next_one(cloud: Cloud) -> None:
    audiences = 15
    cloud.put_plan(fan_out(audiences))
    cloud.announce(event("fan_out"))
    answers = []

    def invoke(payload: Payload) -> Payload:
        answers.append(cloud.invoke(payload))
        return answers[-1]

    last = cloud.walk(cloud.start_payload(), invoke)

    assert last["next"] == "completed"
    assert sum(answer["next"] == "step" for answer in answers) > 4, "making, and removing, take several calls each"
    assert len(cloud.created("CreateSegment")) == len(cloud.created("DeleteSegment")) == audiences
    assert len(cloud.created("CreateCampaign")) == audiences * CHANNELS
    assert not cloud.segments()
    assert refused(cloud) == []
