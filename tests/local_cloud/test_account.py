"""API Gateway's account-wide logging role."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local_cloud.aws import GATEWAY, LAMBDA, Api, Aws, pixel_api

# What AmazonAPIGatewayPushToCloudWatchLogs allows.
LOGS = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:Describe*", "logs:PutLogEvents", "logs:GetLogEvents"]
NO_ROLE = "CloudWatch Logs role ARN must be set in account settings to enable logging"
DESTINATION = "arn:aws:logs:us-east-1:999900000001:log-group:access"


@pytest.fixture
def aws(aws: Aws) -> Iterator[Aws]:
    """An account of its own, since the setting is the account's."""
    account = Aws(aws.cloud, aws.name, account="999900000001")
    yield account
    set_role(account, "")


@pytest.fixture
def api(aws: Aws) -> Api:
    return aws.api(pixel_api(aws.queue(), f"arn:aws:iam::{aws.account}:role/x"))


def set_role(aws: Aws, role: str) -> None:
    operation: Any = {"op": "replace", "path": "/cloudwatchRoleArn", "value": role}
    aws.gateway.update_account(patchOperations=[operation])


def patch_stage(api: Api, path: str, value: str) -> None:
    operation: Any = {"op": "replace", "path": path, "value": value}
    api.aws.gateway.update_stage(restApiId=api.api_id, stageName=api.stage, patchOperations=[operation])


LOGGING = [
    ("/accessLogSettings/destinationArn", DESTINATION),
    ("/*/*/logging/loglevel", "ERROR"),
    ("/~1events/GET/logging/loglevel", "INFO"),
    ("/*/*/logging/dataTrace", "true"),
]


@pytest.mark.parametrize(("path", "value"), LOGGING)
def test_a_stage_cannot_log_without_the_role(api: Api, path: str, value: str) -> None:
    with pytest.raises(ClientError, match=NO_ROLE) as refused:
        patch_stage(api, path, value)

    assert refused.value.response["Error"]["Code"] == "BadRequestException"


@pytest.mark.parametrize(("path", "value"), LOGGING)
def test_a_stage_can_log_with_the_role(aws: Aws, api: Api, path: str, value: str) -> None:
    set_role(aws, aws.role("logs", GATEWAY, {"*": LOGS}))

    patch_stage(api, path, value)


@pytest.mark.parametrize(("path", "value"), [("/*/*/logging/loglevel", "OFF"), ("/*/*/logging/dataTrace", "false")])
def test_a_stage_that_does_not_log_needs_no_role(api: Api, path: str, value: str) -> None:
    patch_stage(api, path, value)


def test_a_new_stage_with_access_logs_needs_the_role(aws: Aws, api: Api) -> None:
    deployment = api.deploy()
    stage: Any = {
        "restApiId": api.api_id,
        "stageName": "logged",
        "deploymentId": deployment,
    }
    # CreateStage takes no access log settings in boto3's model, Terraform patches them in; other clients send them.
    aws.gateway.create_stage(**stage)

    with pytest.raises(ClientError, match=NO_ROLE):
        patch_stage(Api(aws, api.api_id, "logged"), "/accessLogSettings/destinationArn", DESTINATION)


def test_a_stage_without_access_logs_does_not_mention_them(aws: Aws, api: Api) -> None:
    assert "accessLogSettings" not in aws.gateway.get_stage(restApiId=api.api_id, stageName=api.stage)


@pytest.mark.parametrize(
    ("service", "actions"), [(LAMBDA, LOGS), (GATEWAY, LOGS[:-2])], ids=["not trusted", "without PutLogEvents"]
)
def test_a_role_that_cannot_log_is_refused(aws: Aws, service: str, actions: list[str]) -> None:
    role = aws.role("logs", service, {"*": actions})

    with pytest.raises(ClientError, match="The role ARN does not have required permissions configured"):
        set_role(aws, role)

    assert not aws.gateway.get_account().get("cloudwatchRoleArn")


def test_the_setting_is_one_per_account(aws: Aws) -> None:
    role = aws.role("logs", GATEWAY, {"*": LOGS})

    set_role(aws, role)

    other = Aws(aws.cloud, aws.name, account="999900000002")
    assert aws.gateway.get_account()["cloudwatchRoleArn"] == role
    assert not other.gateway.get_account().get("cloudwatchRoleArn")


def test_the_aws_managed_policy_is_enough(aws: Aws) -> None:
    role = aws.role("logs", GATEWAY, {})
    arn = "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
    aws.iam.attach_role_policy(RoleName=f"{aws.name}-logs", PolicyArn=arn)

    set_role(aws, role)

    assert json.dumps(aws.gateway.get_account()["cloudwatchRoleArn"]) == json.dumps(role)
