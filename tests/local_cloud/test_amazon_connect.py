"""Customer Profiles and outbound campaigns together: an event that starts a message, a segment that is reached."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.config import Config

from local_cloud.amazon_connect import AmazonConnect, ConnectServer
from local_cloud.outbound.setting_up import create_template, set_up_instance

ACCOUNT = "123456789012"
REGION = "eu-west-1"
DOMAIN = "shop"


class Shop:
    """A domain with two profiles, and a campaign that an event `cart_left` starts."""

    def __init__(self, server: ConnectServer) -> None:
        self.now = datetime(2026, 1, 5, 12, tzinfo=UTC)
        self.connect = server.connect
        self._url = server.url

    def set_up(self) -> None:
        for settings in (self.connect.profiles, self.connect.outbound):
            settings.configure({name: 0 for name in settings.settings if name.endswith("_rate")})
        self.profiles, self.campaigns = self.client("customer-profiles"), self.client("connectcampaignsv2")
        self.profiles.create_domain(DomainName=DOMAIN, DefaultExpirationDays=30)
        self.domain = f"arn:aws:profile:{REGION}:{ACCOUNT}:domains/{DOMAIN}"
        names = ("customerId", "eventId", "eventType")
        self.profiles.put_profile_object_type(
            DomainName=DOMAIN,
            ObjectTypeName="events",
            Description="events",
            Fields={name: {"Source": f"_source.{name}"} for name in names},
            Keys={
                "_account": [{"StandardIdentifiers": ["PROFILE", "LOOKUP_ONLY"], "FieldNames": ["customerId"]}],
                "id": [{"StandardIdentifiers": ["UNIQUE"], "FieldNames": ["customerId", "eventId"]}],
            },
        )
        for name in ("ada", "bob"):
            self.profiles.create_profile(
                DomainName=DOMAIN,
                AccountNumber=name,
                EmailAddress=f"{name}@shop.example",
                Attributes={"name": name.title()},
            )
        self.instance = set_up_instance(self.client, DOMAIN, self.domain)
        base = self.instance.knowledge_base_id
        subject = "Hi {{Attributes.Customer.Attributes.name}}"
        self.template = create_template(self.client, base, "left", "EMAIL", subject=subject, text="Your cart")

    def client(self, service: str) -> Any:
        make: Any = boto3.client
        return make(
            service,
            endpoint_url=self._url,
            region_name=REGION,
            aws_access_key_id=ACCOUNT,
            aws_secret_access_key="secret",
            config=Config(retries={"total_max_attempts": 1}),
        )

    def campaign(self, source: dict[str, Any]) -> dict[str, Any]:
        outbound = {"connectSourceEmailAddress": "shop@shop.example", "wisdomTemplateArn": self.template}
        made: dict[str, Any] = self.campaigns.create_campaign(
            name="left",
            connectInstanceId=self.instance.instance_id,
            channelSubtypeConfig={"email": {"outboundMode": {"agentless": {}}, "defaultOutboundConfig": outbound}},
            source=source,
            connectCampaignFlowArn=self.instance.campaign_flow_arn,
            schedule={"startTime": self.now + timedelta(hours=1), "endTime": self.now + timedelta(days=30)},
            entryLimitsConfig={"maxEntryCount": 0, "minEntryInterval": "PT0S"},
        )
        return made

    def on_event(self, name: str = "left") -> dict[str, Any]:
        """A campaign, its trigger and their integration."""
        made = self.campaign({"eventTrigger": {"customerProfilesDomainArn": self.domain}})
        wanted = {"FieldName": "eventType", "ComparisonOperator": "INCLUSIVE", "Values": ["cart_left"]}
        conditions = [{"EventTriggerDimensions": [{"ObjectAttributes": [wanted]}], "LogicalOperator": "ALL"}]
        self.profiles.create_event_trigger(
            DomainName=DOMAIN,
            EventTriggerName=name,
            ObjectTypeName="events",
            EventTriggerConditions=conditions,
            EventTriggerLimits={"Periods": [{"Unit": "DAYS", "Value": 1, "MaxInvocationsPerProfile": 1}]},
        )
        self.profiles.put_integration(DomainName=DOMAIN, Uri=made["arn"], EventTriggerNames=[name])
        return made

    def event(self, customer: str, event: str, event_id: str) -> None:
        text = json.dumps({"customerId": customer, "eventId": event_id, "eventType": event})
        self.profiles.put_profile_object(DomainName=DOMAIN, ObjectTypeName="events", Object=text)

    def later(self, **time: float) -> None:
        self.now += timedelta(**time)
        self.connect.profiles.work.do()
        self.connect.outbound.work.do()

    def sent(self) -> list[str]:
        return [f"{message.endpoint_id}: {message.title}" for _, message in self.connect.outbound.outbox.since()]


@pytest.fixture
def shop() -> Iterator[Shop]:
    moments: list[Shop] = []
    connect = AmazonConnect(wall_clock=lambda: moments[0].now if moments else datetime.now(UTC))
    with ConnectServer(connect) as server:
        moments.append(Shop(server))
        moments[0].set_up()
        yield moments[0]


def test_an_event_starts_a_message_while_its_campaign_runs(shop: Shop) -> None:
    made = shop.on_event()
    shop.event("ada", "cart_left", "e0")
    shop.later(hours=2)
    assert shop.sent() == []

    shop.campaigns.start_campaign(id=made["id"])
    shop.event("bob", "page_view", "e1")
    shop.event("bob", "cart_left", "e2")
    shop.event("nobody", "cart_left", "e3")
    shop.later()
    assert shop.sent() == ["bob: Hi Bob"]

    shop.campaigns.pause_campaign(id=made["id"])
    shop.later(days=2)
    shop.event("bob", "cart_left", "e4")
    shop.later()
    assert shop.sent() == ["bob: Hi Bob"]


def test_the_limits_of_a_trigger_bound_its_messages(shop: Shop) -> None:
    shop.campaigns.start_campaign(id=shop.on_event()["id"])
    shop.later(hours=1)

    for number in range(3):
        shop.event("ada", "cart_left", f"e{number}")
    shop.later()
    assert shop.sent() == ["ada: Hi Ada"]
    shop.later(days=1, seconds=1)
    shop.event("ada", "cart_left", "e9")
    shop.later()

    assert shop.sent() == ["ada: Hi Ada"] * 2


def test_a_segment_is_evaluated_when_its_campaign_begins(shop: Shop) -> None:
    groups = {
        "Include": "ALL",
        "Groups": [
            {
                "Type": "ALL",
                "SourceType": "ALL",
                "Dimensions": [
                    {"ProfileAttributes": {"Attributes": {"plan": {"DimensionType": "INCLUSIVE", "Values": ["gold"]}}}}
                ],
            }
        ],
    }
    made = shop.profiles.create_segment_definition(
        DomainName=DOMAIN, SegmentDefinitionName="gold", DisplayName="gold", SegmentGroups=groups
    )
    identifier = shop.campaign({"customerProfilesSegmentArn": made["SegmentDefinitionArn"]})["id"]
    shop.campaigns.start_campaign(id=identifier)
    [found] = shop.profiles.search_profiles(DomainName=DOMAIN, KeyName="_account", Values=["bob"])["Items"]

    shop.profiles.update_profile(DomainName=DOMAIN, ProfileId=found["ProfileId"], Attributes={"plan": "gold"})
    shop.later(hours=1)

    assert shop.sent() == ["bob: Hi Bob"]
    assert shop.campaigns.get_campaign_state(id=identifier)["state"] == "Completed"
