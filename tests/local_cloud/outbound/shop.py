"""A shop with a Connect instance that is ready for campaigns, and whose time the test moves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Self

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from local_cloud.faults import Faults
from local_cloud.outbound import Handover, Outbound, Settings
from local_cloud.outbound.server import OutboundServer
from local_cloud.outbound.setting_up import create_template, set_up_instance
from tests.local_cloud.outbound.people import DOMAIN, SEGMENT, People

ACCOUNT = "123456789012"
REGION = "eu-west-1"
START = datetime(2026, 1, 5, 12, tzinfo=UTC)
UNLIMITED = Settings(
    campaign_change_rate=0, campaign_look_rate=0, describe_campaign_rate=0, other_rate=0, template_rate=0
)
NUMBER = "arn:aws:sms-voice:eu-west-1:123456789012:phone-number/phone-1"


def error_of(call: Callable[[], Any]) -> tuple[int, str, str]:
    """Status, name and message of a call that fails."""
    with pytest.raises(ClientError) as caught:
        call()
    response = caught.value.response
    return response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Code"], response["Error"]["Message"]


class Shop:
    """What most tests need."""

    def __init__(self, people: People, **more: Any) -> None:
        self.people = people
        self.faults, self.clock, self.handover = Faults(), Clock(), Handover()
        self._clients: dict[str, Any] = {}
        self.outbound = self.emulator(**more)
        self.server = OutboundServer(self.outbound)

    def __enter__(self) -> Self:
        self.server.__enter__()
        self.campaigns = self.client("connectcampaignsv2")
        self.instance = set_up_instance(self.client, "shop", DOMAIN)
        self.email = self.template("hello", "EMAIL", subject="Hi {{Attributes.Customer.FirstName}}", text="Hello")
        self.sms = self.template("short", "SMS", text="Hi {{Attributes.Customer.Attributes.plan}}")
        return self

    def __exit__(self, *_: object) -> None:
        self.server.__exit__(None, None, None)

    def emulator(self, **more: Any) -> Outbound:
        """An emulator of the same people, faults and time, without rates."""
        shared = {"profiles": self.people, "faults": self.faults, "wall_clock": self.clock, "handover": self.handover}
        return Outbound(**{**shared, "settings": UNLIMITED, **more})

    def client(self, service: str) -> Any:
        if service not in self._clients:
            make: Any = boto3.client
            self._clients[service] = make(
                service,
                endpoint_url=self.server.url,
                region_name=REGION,
                aws_access_key_id=ACCOUNT,
                aws_secret_access_key="secret",
                # Requests that are wrong on purpose must reach the server.
                config=Config(retries={"total_max_attempts": 1}, read_timeout=120, parameter_validation=False),
            )
        return self._clients[service]

    def template(self, name: str, channel: str, **texts: str) -> str:
        return create_template(self.client, self.instance.knowledge_base_id, name, channel, **texts)

    def request(self, **changes: Any) -> dict[str, Any]:
        """A campaign that is right, by e-mail to everybody, an hour from now and for a day; None takes a member out."""
        whole = {
            "name": "sale",
            "connectInstanceId": self.instance.instance_id,
            "channelSubtypeConfig": self.by_email(),
            "source": {"customerProfilesSegmentArn": SEGMENT},
            "connectCampaignFlowArn": self.instance.campaign_flow_arn,
            "schedule": self.schedule(),
            "entryLimitsConfig": {"maxEntryCount": 1, "minEntryInterval": "PT0S"},
            **changes,
        }
        return {name: value for name, value in whole.items() if value is not None}

    def by_email(self, template: str | None = None) -> dict[str, Any]:
        outbound = {"connectSourceEmailAddress": "shop@shop.example", "wisdomTemplateArn": template or self.email}
        return {"email": {"outboundMode": {"agentless": {}}, "defaultOutboundConfig": outbound}}

    def by_sms(self) -> dict[str, Any]:
        outbound = {"connectSourcePhoneNumberArn": NUMBER, "wisdomTemplateArn": self.sms}
        return {"sms": {"outboundMode": {"agentless": {}}, "defaultOutboundConfig": outbound}}

    def schedule(self, hours: float = 1, lasting: float = 24, **more: Any) -> dict[str, Any]:
        start = self.clock.now + timedelta(hours=hours)
        return {"startTime": start, "endTime": start + timedelta(hours=lasting), **more}

    def on_event(self) -> dict[str, Any]:
        return {"eventTrigger": {"customerProfilesDomainArn": DOMAIN}}

    def create(self, **changes: Any) -> str:
        identifier: str = self.campaigns.create_campaign(**self.request(**changes))["id"]
        return identifier

    def refused(self, **changes: Any) -> tuple[int, str, str]:
        return error_of(lambda: self.campaigns.create_campaign(**self.request(**changes)))

    def started(self, **changes: Any) -> str:
        identifier = self.create(**changes)
        self.campaigns.start_campaign(id=identifier)
        return identifier

    def state(self, identifier: str) -> str:
        state: str = self.campaigns.get_campaign_state(id=identifier)["state"]
        return state

    def wait(self, **time: float) -> None:
        """Let time pass, and everything that is due happen."""
        self.clock.now += timedelta(**time)
        self.outbound.work.do()

    def reached(self) -> list[str]:
        """Whom messages went to, by name, in their order."""
        return [message.endpoint_id for _, message in self.outbound.outbox.since()]

    def skipped(self, identifier: str) -> dict[str, int]:
        [found] = [one for one in self.outbound.campaigns() if one["id"] == identifier]
        skipped: dict[str, int] = found["skipped"]
        return skipped


class Clock:
    """The time, which stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now
