"""The recipe `event-campaign`: a customer's own event, sent by the pixel, starts a message to that customer."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.cloud.deployment import Deployment, wait_for
from tests.cloud.emails import sending_emails
from tools.stack import ROOT

if TYPE_CHECKING:
    from mypy_boto3_pinpoint import PinpointClient

RECIPE = ROOT / "recipes" / "event-campaign"
TIME_FACTOR = 300.0
"""Five minutes are a second, and a day, in which nobody is told twice, almost five minutes."""
EVENT = {"event": "cart.abandoned", "evat_language": "en", "evme_value": "79.90"}


@pytest.fixture
def pinpoint(shop: Deployment) -> Iterator[PinpointClient]:
    with sending_emails(shop, TIME_FACTOR) as client:
        yield client


def customer(shop: Deployment, pinpoint: PinpointClient, name: str, **members: Any) -> None:
    pinpoint.update_endpoint(
        ApplicationId=shop.application_id,
        EndpointId=name,
        EndpointRequest={"ChannelType": "EMAIL", "Address": f"{name}@example.com", **members},
    )


@pytest.fixture
def campaign(shop: Deployment, pinpoint: PinpointClient) -> Iterator[str]:
    """The recipe's files, filled in as its commands do."""
    segment = pinpoint.create_segment(
        ApplicationId=shop.application_id, WriteSegmentRequest=json.loads((RECIPE / "segment.json").read_text())
    )["SegmentResponse"]["Id"]
    start = f"{datetime.now(UTC) + timedelta(minutes=20):%Y-%m-%dT%H:%M:%SZ}"
    ready = (RECIPE / "campaign.json").read_text().replace("SEGMENT_ID", segment).replace("START_TIME", start)
    made = pinpoint.create_campaign(ApplicationId=shop.application_id, WriteCampaignRequest=json.loads(ready))
    names = {"ApplicationId": shop.application_id, "CampaignId": made["CampaignResponse"]["Id"]}

    def listens() -> bool:
        return pinpoint.get_campaign(**names)["CampaignResponse"]["State"]["CampaignStatus"] == "EXECUTING"

    wait_for("a campaign that listens", listens)
    yield names["CampaignId"]
    pinpoint.delete_campaign(**names)
    pinpoint.delete_segment(ApplicationId=shop.application_id, SegmentId=segment)


def told(shop: Deployment, campaign: str) -> Counter[tuple[str, str]]:
    return Counter(
        (message["endpoint_id"], message["title"])
        for message in shop.local("pinpoint/outbox")
        if message["campaign_id"] == campaign
    )


def test_the_event_of_a_customer_reaches_that_customer_alone_and_once(
    shop: Deployment, pinpoint: PinpointClient, campaign: str
) -> None:
    # GIVEN customers with e-mail, one of them opted out
    for name in ("ann", "bob", "cid", "dan"):
        customer(shop, pinpoint, name)
    customer(shop, pinpoint, "eve", OptOut="ALL")
    since = shop.mark()

    # WHEN one of them leaves a cart, and the tag fires twice with one id and once more with another
    calls = [
        {"endpoint_id": "ann", "event_id": "cart-1"},
        {"endpoint_id": "ann", "event_id": "cart-1"},
        {"endpoint_id": "ann", "event_id": "cart-2"},
        # AND others do something else, something too cheap, something in another language, or want no messages
        {"endpoint_id": "bob", "event": "cart.filled"},
        {"endpoint_id": "cid", "evme_value": "49.90"},
        {"endpoint_id": "dan", "evat_language": "de"},
        {"endpoint_id": "eve"},
        # AND somebody unknown does the same
        {"endpoint_id": "stranger"},
    ]
    for parameters in calls:
        assert shop.call(EVENT | parameters).status == 200
    shop.wait_for_events(7, since)

    # THEN only that customer is told, once, which shows when somebody who came later has been told
    customer(shop, pinpoint, "zoe")
    assert shop.call(EVENT | {"endpoint_id": "zoe"}).status == 200
    title = "You left something behind"
    wait_for("the last message", lambda: {("ann", title), ("zoe", title)} <= set(told(shop, campaign)))
    assert told(shop, campaign) == Counter({("ann", title): 1, ("zoe", title): 1})
