"""CloudFormation's Pinpoint types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.local_cloud.aws import GATEWAY, Aws, Document
from tests.local_cloud.stacks import Stack
from tests.local_cloud.streams import Stream

if TYPE_CHECKING:
    from local_cloud.process import LocalCloud


@pytest.fixture
def app(aws: Aws) -> str:
    made = aws.client("pinpoint").create_app(CreateApplicationRequest={"Name": aws.name})
    identifier: str = made["ApplicationResponse"]["Id"]
    return identifier


@pytest.fixture
def stack(aws: Aws) -> Stack:
    return Stack(aws)


def resource(kind: str, app: str, **properties: Any) -> Document:
    return {"Type": f"AWS::Pinpoint::{kind}", "Properties": {"ApplicationId": app, **properties}}


def test_a_stack_makes_changes_and_removes_what_belongs_to_an_app(aws: Aws, app: str, stack: Stack) -> None:
    pinpoint = aws.client("pinpoint")
    arn = Stream(aws).arn
    role = aws.role("stream", "pinpoint.amazonaws.com", {arn: ["kinesis:PutRecords", "kinesis:DescribeStream"]})
    stream = {"DestinationStreamArn": arn, "RoleArn": role}
    email = {"FromAddress": "a@b.example", "Identity": f"arn:aws:ses:us-east-1:{aws.account}:identity/b.example"}
    resources = {
        "Email": resource("EmailChannel", app, **email),
        "Sms": resource("SMSChannel", app, Enabled="true", SenderId="SHOP"),
        "Stream": resource("EventStream", app, **stream),
        "Settings": resource("ApplicationSettings", app, CloudWatchMetricsEnabled=True),
    }

    assert stack.create(**resources) == "CREATE_COMPLETE"
    assert pinpoint.get_email_channel(ApplicationId=app)["EmailChannelResponse"]["FromAddress"] == "a@b.example"
    assert pinpoint.get_sms_channel(ApplicationId=app)["SMSChannelResponse"]["Enabled"] is True
    found = pinpoint.get_event_stream(ApplicationId=app)["EventStream"]
    assert found["DestinationStreamArn"] == stream["DestinationStreamArn"]
    listed = stack.client.describe_stack_resources(StackName=stack.name)["StackResources"]
    assert {entry["PhysicalResourceId"] for entry in listed} == {app}

    email["FromAddress"] = "c@b.example"
    assert stack.update(**{**resources, "Email": resource("EmailChannel", app, **email)}) == "UPDATE_COMPLETE"
    assert pinpoint.get_email_channel(ApplicationId=app)["EmailChannelResponse"]["FromAddress"] == "c@b.example"

    assert stack.delete() == "DELETED"
    for missing in (pinpoint.get_email_channel, pinpoint.get_sms_channel, pinpoint.get_event_stream):
        with pytest.raises(ClientError, match="NotFoundException"):
            missing(ApplicationId=app)


def test_a_change_of_the_app_moves_the_resource(aws: Aws, app: str, stack: Stack) -> None:
    pinpoint = aws.client("pinpoint")
    other = pinpoint.create_app(CreateApplicationRequest={"Name": "other"})["ApplicationResponse"]["Id"]
    stack.create(Sms=resource("SMSChannel", app))

    assert stack.update(Sms=resource("SMSChannel", other)) == "UPDATE_COMPLETE"

    assert pinpoint.get_sms_channel(ApplicationId=other)
    with pytest.raises(ClientError, match="NotFoundException"):
        pinpoint.get_sms_channel(ApplicationId=app)


def test_a_stack_outlives_its_app(aws: Aws, app: str, stack: Stack) -> None:
    stack.create(Sms=resource("SMSChannel", app))
    aws.client("pinpoint").delete_app(ApplicationId=app)

    assert stack.delete() == "DELETED"


@pytest.mark.parametrize(
    ("kind", "properties", "reason"),
    [
        ("EmailChannel", {"FromAddress": "a@b.example"}, "Property Identity cannot be empty."),
        ("SMSChannel", {"Sender": "SHOP"}, "Encountered unsupported property Sender"),
        ("EventStream", {"DestinationStreamArn": "x", "RoleArn": "y"}, "Status Code: 400"),
    ],
)
def test_what_the_service_refuses_fails_the_stack(
    app: str, stack: Stack, kind: str, properties: Document, reason: str
) -> None:
    assert stack.create(Thing=resource(kind, app, **properties)) in {"CREATE_FAILED", "ROLLBACK_COMPLETE"}
    assert reason in stack.reasons()


def test_a_missing_app_fails_the_stack(stack: Stack) -> None:
    assert stack.create(Sms=resource("SMSChannel", "0" * 32)) == "ROLLBACK_COMPLETE"
    assert "Status Code: 404" in stack.reasons()


def test_the_logging_role_of_the_account_is_checked(cloud: LocalCloud, name: str) -> None:
    aws = Aws(cloud, name, account="999900000032")
    role = aws.role("logs", GATEWAY, {"*": ["logs:DescribeLogGroups"]})
    account = {"Type": "AWS::ApiGateway::Account", "Properties": {"CloudWatchRoleArn": role}}

    stack = Stack(aws)

    assert stack.create(Account=account) == "ROLLBACK_COMPLETE"
    assert "The role ARN does not have required permissions configured" in stack.reasons()
