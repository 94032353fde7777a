"""The recipe `event-journey`: a customer's own event, sent by the pixel, starts a journey for that customer."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.cloud.deployment import Deployment, wait_for
from tests.cloud.emails import sending_emails
from tools.stack import ROOT

if TYPE_CHECKING:
    from mypy_boto3_pinpoint import PinpointClient

RECIPE = ROOT / "recipes" / "event-journey"
TIME_FACTOR = 20_000.0
"""Three days are 13 seconds."""
STARTED = {"event": "trial.started", "evat_language": "en"}
WELCOME, REMINDER = "Welcome to your trial", "How is your trial going?"


def document(name: str, **places: str) -> Any:
    """A file of the recipe, filled in as its commands do."""
    text = (RECIPE / f"{name}.json").read_text()
    for place, value in places.items():
        assert place in text
        text = text.replace(place, value)
    return json.loads(text)


@pytest.fixture
def pinpoint(shop: Deployment) -> Iterator[PinpointClient]:
    with sending_emails(shop, TIME_FACTOR) as client:
        yield client


@pytest.fixture
def journey(shop: Deployment, pinpoint: PinpointClient) -> Iterator[str]:
    """The recipe's journey, published, from when on it lets customers in."""
    application = {"ApplicationId": shop.application_id}
    for name in ("welcome", "reminder"):
        pinpoint.create_email_template(TemplateName=f"trial-{name}", EmailTemplateRequest=document(name))
    segments = {
        name: pinpoint.create_segment(**application, WriteSegmentRequest=document(name))["SegmentResponse"]["Id"]
        for name in ("customers", "paid")
    }
    places = {f"{name.upper()}_SEGMENT_ID": segment for name, segment in segments.items()}
    request = document("journey", **places)
    made = pinpoint.create_journey(**application, WriteJourneyRequest=request)["JourneyResponse"]["Id"]
    pinpoint.update_journey_state(**application, JourneyId=made, JourneyStateRequest={"State": "ACTIVE"})

    def lets_in() -> bool:
        runs = pinpoint.get_journey_runs(**application, JourneyId=made)["JourneyRunsResponse"]["Item"]
        return [run["Status"] for run in runs] == ["RUNNING"]

    wait_for("a journey that lets customers in", lets_in)
    yield made
    pinpoint.update_journey_state(**application, JourneyId=made, JourneyStateRequest={"State": "CANCELLED"})
    pinpoint.delete_journey(**application, JourneyId=made)
    for segment in segments.values():
        pinpoint.delete_segment(**application, SegmentId=segment)
    for name in ("welcome", "reminder"):
        pinpoint.delete_email_template(TemplateName=f"trial-{name}")


def customer(shop: Deployment, pinpoint: PinpointClient, name: str, **members: Any) -> None:
    """A customer with e-mail and phone, who go through the journey together."""
    for endpoint, channel, address in (
        (name, "EMAIL", f"{name}@example.com"),
        (f"{name}-phone", "SMS", f"+44{sum(name.encode()):010}"),
    ):
        pinpoint.update_endpoint(
            ApplicationId=shop.application_id,
            EndpointId=endpoint,
            EndpointRequest={
                "ChannelType": channel,
                "Address": address,
                "User": {"UserId": name},
                **members,
            },
        )


def told(shop: Deployment, journey: str) -> Counter[tuple[str, str]]:
    return Counter(
        (message["endpoint_id"], message["title"])
        for message in shop.local("pinpoint/outbox")
        if message["journey_id"] == journey
    )


def test_the_event_of_a_customer_takes_that_customer_alone_through_the_journey_once(
    shop: Deployment, pinpoint: PinpointClient, journey: str
) -> None:
    # GIVEN customers, one of them opted out
    for name in ("tess", "paul", "gus", "kim"):
        customer(shop, pinpoint, name)
    customer(shop, pinpoint, "ola", OptOut="ALL")

    # WHEN one of them starts a trial and pays, which arrive together: the wait is short here
    since = shop.mark()
    trial = STARTED | {"endpoint_id": "paul"}
    assert shop.post([trial, trial | {"event": "plan.bought", "usat_plan": "paid"}]).status == 200

    # AND another starts one: the tag fires twice with one id and once more with another
    calls = [
        {"endpoint_id": "tess", "event_id": "trial-1"},
        {"endpoint_id": "tess", "event_id": "trial-1"},
        {"endpoint_id": "tess", "event_id": "trial-2"},
        # AND others do something else, do it in another language, or want no messages
        {"endpoint_id": "gus", "event": "trial.viewed"},
        {"endpoint_id": "kim", "evat_language": "de"},
        {"endpoint_id": "ola"},
        # AND somebody unknown, whom the pixel has made, does the same
        {"endpoint_id": "nobody"},
    ]
    for parameters in calls:
        assert shop.call(STARTED | parameters).status == 200
    shop.wait_for_events(8, since)

    # THEN those two are welcomed, and whoever has not paid after the wait is reminded
    wait_for("the reminder", lambda: told(shop, journey)[("tess", REMINDER)])

    # AND a trial that is started again starts nothing, which shows when somebody who came later has been welcomed
    customer(shop, pinpoint, "zoe")
    since = shop.mark()
    assert shop.call(STARTED | {"endpoint_id": "tess", "event_id": "trial-3"}).status == 200
    shop.wait_for_events(1, since)
    assert shop.call(STARTED | {"endpoint_id": "zoe"}).status == 200
    wait_for("the last welcome", lambda: told(shop, journey)[("zoe", WELCOME)])
    heard = {("tess", WELCOME): 1, ("paul", WELCOME): 1, ("tess", REMINDER): 1, ("zoe", WELCOME): 1}
    assert told(shop, journey) == Counter(heard)
