"""The page on journeys: what it tells people to draw and to write does what it says."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

from engagement.domain.plans.reading import parse
from engagement.domain.plans.settings import PlanSettings
from tests.functional.journeys.conftest import FUNCTION, LIVE_AFTER, Journeys
from tests.functional.runs.cloud import Cloud
from tests.functional.runs.plans import put_customers

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "journeys.md").read_text()
BLOCKS = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]


def block(*keys: str) -> Any:
    """The block of the page that has these keys."""
    (found,) = (one for one in BLOCKS if set(keys) <= one.keys())
    return found


def plan(event: str) -> dict[str, Any]:
    (found,) = (one for one in BLOCKS if one.get("event") == event)
    return found


def test_the_pages_plans_have_no_faults() -> None:
    for name in ("feature_release", "new_feature"):
        parse(plan(name), PlanSettings())


def test_a_drawn_journey_does_both_steps_for_the_company_and_lets_no_customer_in(
    cloud: Cloud, journeys: Journeys
) -> None:
    put_customers(cloud)
    cloud.put_plan(plan("new_feature"))
    application = {"ApplicationId": cloud.application_id}
    # GIVEN the company's user and the segment of company users
    company = block("ChannelType")
    (company_id,) = block("BatchItem")["BatchItem"]
    cloud._own.update_endpoint(**application, EndpointId=company_id, EndpointRequest=company)
    (role,) = company["Attributes"].items()
    dimensions = {"Attributes": {role[0]: {"AttributeType": "INCLUSIVE", "Values": role[1]}}}
    segment = cloud._own.create_segment(
        **application, WriteSegmentRequest={"Name": "companies", "Dimensions": dimensions}
    )["SegmentResponse"]["Id"]
    # AND the journey as it is drawn
    announce, remind = (json.dumps(one) for one in BLOCKS if one.keys() == {"plan", "step"})
    announcement = block("BatchItem")["BatchItem"][company_id]
    (fired,) = announcement["Events"].values()
    custom = {"DeliveryUri": FUNCTION, "EndpointTypes": ["CUSTOM"]}
    kind = {"DimensionType": "INCLUSIVE", "Values": [fired["EventType"]]}
    entry = {"EventFilter": {"FilterType": "ENDPOINT", "Dimensions": {"EventType": kind}}, "SegmentId": segment}
    cloud._own.create_journey(
        **application,
        WriteJourneyRequest={
            "Name": "drawn",
            "State": "ACTIVE",
            "StartActivity": "first",
            "StartCondition": {"EventStartCondition": entry},
            "Activities": {
                "first": {"CUSTOM": {**custom, "MessageConfig": {"Data": announce}, "NextActivity": "pause"}},
                "pause": {"Wait": {"WaitTime": {"WaitFor": "P2D"}, "NextActivity": "second"}},
                "second": {"CUSTOM": {**custom, "MessageConfig": {"Data": remind}}},
            },
            "Limits": {"EndpointReentryCap": 0},
        },
    )
    cloud.pass_time(LIVE_AFTER)

    def fire(endpoint_id: str, item: dict[str, Any]) -> None:
        event = {**fired, "Timestamp": cloud.clock.now().isoformat()}
        batch = {endpoint_id: {**item, "Events": {"1": event}}}
        cloud._own.put_events(**application, EventsRequest={"BatchItem": batch})
        cloud.pass_time(60)

    def ended() -> list[str]:
        messages = journeys.queued()
        return [str(cloud.run(message)["next"]) for message in messages]

    # WHEN a customer's pixel sends the same event, and then the company
    fire("gold-mail", {"Endpoint": {}})
    assert ended() == []
    fire(company_id, announcement)

    # THEN each step is a run, the second after the wait
    assert ended() == ["completed"]
    assert cloud.messages() == Counter({("gold-mail", "New: Dark mode"): 1})
    cloud.pass_time(2 * 86_400)
    assert ended() == ["completed"]
    assert cloud.messages() == Counter(
        {("gold-mail", "New: Dark mode"): 1, ("gold-phone", "Have you tried Dark mode?"): 1}
    )
    # AND nobody else was in the journey
    assert [(one["entered"], one["ended"]) for one in cloud.pinpoint.journeys()] == [(1, 1)]
