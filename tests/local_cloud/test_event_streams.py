"""Event streams in the whole cloud: from a message or an event to a function that reads the stream."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local_cloud.aws import LAMBDA, REGION, Aws, statement, wait_for
from tests.local_cloud.streams import Stream

PINPOINT = "pinpoint.amazonaws.com"
CONNECT = """
import boto3
from botocore.exceptions import ClientError
pinpoint = boto3.client("pinpoint")
def handler(event, context):
    try:
        pinpoint.put_event_stream(**event)
    except ClientError as error:
        return error.response["Error"]["Code"]
"""
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


def test_records_that_the_role_may_not_write_are_refused_in_sight(aws: Aws, app: App) -> None:
    stream = Stream(aws)
    app.connect(stream, app.role(stream, ["kinesis:DescribeStream"]))

    app.event("ada", "lost")
    refused = wait_for("the refusal", aws.refusals)
    policy = json.dumps(statement(WRITE, Resource=stream.arn))
    aws.iam.put_role_policy(RoleName=f"{aws.name}-stream", PolicyName="p0", PolicyDocument=policy)
    app.event("ada", "kept")

    [record] = wait_for("the record", stream.read)
    assert (record["event_type"], record["partition_key"]) == ("kept", "ada")
    assert {refusal["action"] for refusal in refused} == {"kinesis:PutRecords"}
    assert f"1 records of {app.id} were lost: User: arn:aws:sts" in aws.cloud.log.read_text()


def test_records_for_a_stream_that_is_gone_are_logged(aws: Aws, app: App) -> None:
    stream = Stream(aws)
    app.connect(stream, app.role(stream, WRITE))
    stream.kinesis.delete_stream(StreamName=stream.name)

    app.event("ada", "lost")

    lost = f"1 records of {app.id} were lost: the stream {stream.arn} does not exist"
    wait_for("the log", lambda: lost in aws.cloud.log.read_text())


def test_a_stream_is_taken_only_with_a_role_that_can_describe_it(aws: Aws, app: App) -> None:
    stream = Stream(aws)
    elsewhere = f"{app.arn[:-1]}x"
    role = app.role(stream, ["kinesis:PutRecords"], source=elsewhere)

    with pytest.raises(ClientError, match="Destination stream validation failed: the role does not trust"):
        app.connect(stream, role)
    trust = statement("sts:AssumeRole", Principal={"Service": PINPOINT})
    aws.iam.update_assume_role_policy(RoleName=f"{aws.name}-stream", PolicyDocument=json.dumps(trust))
    with pytest.raises(ClientError, match="not authorized to perform: kinesis:DescribeStream"):
        app.connect(stream, role)
    stream.kinesis.delete_stream(StreamName=stream.name)
    with pytest.raises(ClientError, match="does not exist"):
        app.connect(stream, role)


def test_who_gives_a_role_away_must_be_allowed_to_pass_it_on(aws: Aws, app: App) -> None:
    stream = Stream(aws)
    role = app.role(stream, WRITE)
    caller = aws.function(
        CONNECT, aws.role("caller", LAMBDA, {f"{app.arn}/eventstream": ["mobiletargeting:PutEventStream"]}), "caller"
    )
    event = {"ApplicationId": app.id, "WriteEventStream": {"DestinationStreamArn": stream.arn, "RoleArn": role}}

    assert aws.invoke(caller, event) == "ForbiddenException"
    policy = json.dumps(statement("iam:PassRole", Resource=role))
    aws.iam.put_role_policy(RoleName=f"{aws.name}-caller", PolicyName="pass", PolicyDocument=policy)
    assert aws.invoke(caller, event) is None


def test_an_interaction_that_makes_no_sense_is_refused(aws: Aws) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", aws.cloud.port)
    try:
        connection.request("POST", "/_local/pinpoint/interactions", json.dumps({"message": -1, "did": "open"}))
        response = connection.getresponse()
        answer = json.loads(response.read())
    finally:
        connection.close()

    assert response.status == 400
    assert answer["message"].startswith("message must be in the outbox, -1 is not: take one")
