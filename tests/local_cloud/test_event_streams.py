"""Event streams in the whole cloud: from a message or an event to a function that reads the stream."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local_cloud.aws import REGION, Aws, statement, wait_for
from tests.local_cloud.streams import Stream

PINPOINT = "pinpoint.amazonaws.com"
WRITE = ["kinesis:PutRecords", "kinesis:DescribeStream"]


class App:
    """An application with an e-mail channel, and an event stream when it is connected."""

    def __init__(self, aws: Aws) -> None:
        self.aws = aws
        self.client = aws.client("pinpoint")
        self.id: str = self.client.create_app(CreateApplicationRequest={"Name": aws.name})["ApplicationResponse"]["Id"]
        self.arn = f"arn:aws:mobiletargeting:{REGION}:{aws.account}:apps/{self.id}"
        identity = f"arn:aws:ses:{REGION}:{aws.account}:identity/example.com"
        self.client.update_email_channel(
            ApplicationId=self.id, EmailChannelRequest={"FromAddress": "shop@example.com", "Identity": identity}
        )

    def role(self, stream: Stream, actions: list[str], source: str = "") -> str:
        """A role that Pinpoint may take on for this application, or for another source."""
        arn = self.aws.role("stream", PINPOINT, {stream.arn: actions})
        trust = statement("sts:AssumeRole", Principal={"Service": PINPOINT})
        trust["Statement"][0]["Condition"] = {
            "StringEquals": {"aws:SourceAccount": self.aws.account},
            "ArnLike": {"aws:SourceArn": source or self.arn},
        }
        self.aws.iam.update_assume_role_policy(RoleName=f"{self.aws.name}-stream", PolicyDocument=json.dumps(trust))
        return arn

    def connect(self, stream: Stream, role: str) -> None:
        request = {"DestinationStreamArn": stream.arn, "RoleArn": role}
        self.client.put_event_stream(ApplicationId=self.id, WriteEventStream=request)

    def event(self, endpoint_id: str, kind: str, **endpoint: Any) -> None:
        events = {"1": {"EventType": kind, "Timestamp": "2026-11-22T00:00:00Z", "Attributes": {"page": "home"}}}
        batch = {endpoint_id: {"Endpoint": endpoint, "Events": events}}
        self.client.put_events(ApplicationId=self.id, EventsRequest={"BatchItem": batch})

    def send(self, **campaign: Any) -> str:
        """A campaign to everybody, at once."""
        everybody = {"Attributes": {"nobody": {"AttributeType": "EXCLUSIVE", "Values": ["x"]}}}
        segment = self.client.create_segment(
            ApplicationId=self.id, WriteSegmentRequest={"Name": "s", "Dimensions": everybody}
        )
        request = {
            "Name": "c",
            "SegmentId": segment["SegmentResponse"]["Id"],
            "Schedule": {"StartTime": "IMMEDIATE"},
            "MessageConfiguration": {"EmailMessage": {"Title": "Hi", "Body": "Hello"}},
            **campaign,
        }
        made = self.client.create_campaign(ApplicationId=self.id, WriteCampaignRequest=request)
        return str(made["CampaignResponse"]["Id"])

    def message(self) -> int:
        """Number of the first message that it sent."""

        def number() -> list[int]:
            outbox = self.aws.local("pinpoint/outbox")
            return [message["number"] for message in outbox if message["application_id"] == self.id]

        return wait_for("a message", number)[0]


@pytest.fixture
def app(aws: Aws) -> Iterator[App]:
    before = aws.local("pinpoint/settings")
    yield App(aws)
    aws.local("pinpoint/settings", "PUT", before)


def test_a_function_hears_of_a_campaign_and_what_became_of_its_message(aws: Aws, app: App) -> None:
    stream = Stream(aws, shards=None)
    app.connect(stream, app.role(stream, WRITE))
    stream.map(stream.function())
    app.event("ada", "signup", ChannelType="EMAIL", Address="ada@example.com")

    campaign = app.send()
    opened = aws.local("pinpoint/interactions", "POST", {"message": app.message(), "did": "open"})

    kinds = ["signup", "_campaign.send", "_email.send", "_email.delivered", "_email.open"]
    assert opened == {"event_type": "_email.open"}
    reports = stream.collect(lambda found: sum(len(report["orders"]) for report in found) == len(kinds))
    records = [record for report in reports for record in report["orders"]]
    assert [record["event_type"] for record in records] == kinds
    assert {record["client"]["client_id"] for record in records} == {"ada"}
    assert {record["attributes"].get("campaign_id") for record in records[1:]} == {campaign}
    assert len({report["shard"] for report in reports}) == 1
    assert aws.refusals() == []
