"""Access logs of stages."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.local_cloud.aws import GATEWAY, REGION, Api, Aws, pixel_api, statement

LOGS = ("logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogGroups", "logs:PutLogEvents")
FORMAT = json.dumps(
    {
        name: f"$context.{name}"
        for name in (
            "requestId",
            "extendedRequestId",
            "requestTime",
            "httpMethod",
            "resourcePath",
            "status",
            "responseLength",
            "responseLatency",
            "integration.status",
            "error.responseType",
            "error.message",
            "identity.userArn",
        )
    }
)
Lines = Callable[[], list[dict[str, str]]]


@pytest.fixture
def role(aws: Aws) -> Iterator[str]:
    """The account's logging role, which goes with the test."""
    made = aws.role("logs", GATEWAY, {"*": LOGS})
    set_role(aws, made)
    yield made
    set_role(aws, "")


def set_role(aws: Aws, role: str) -> None:
    operation: Any = {"op": "replace", "path": "/cloudwatchRoleArn", "value": role}
    aws.gateway.update_account(patchOperations=[operation])


@pytest.fixture
def api(aws: Aws, role: str) -> Api:  # noqa: ARG001 - no logs without it
    queue = aws.queue()
    made = aws.api(pixel_api(queue, aws.role("gateway", GATEWAY, {queue.arn: ["sqs:SendMessage"]})))
    aws.client("logs").create_log_group(logGroupName=aws.name)
    operations: Any = [
        {
            "op": "replace",
            "path": "/accessLogSettings/destinationArn",
            "value": f"arn:aws:logs:{REGION}:{aws.account}:log-group:{aws.name}",
        },
        {"op": "replace", "path": "/accessLogSettings/format", "value": FORMAT},
    ]
    aws.gateway.update_stage(restApiId=made.api_id, stageName=made.stage, patchOperations=operations)
    return made


@pytest.fixture
def lines(aws: Aws) -> Lines:
    def found() -> list[dict[str, str]]:
        events = aws.client("logs").filter_log_events(logGroupName=aws.name)["events"]
        return [json.loads(event["message"]) for event in events]

    return found


def test_every_answer_has_a_line_in_the_stages_format(api: Api, lines: Lines) -> None:
    reply = api.call("/events?event=secret&endpoint_id=1")

    [line] = lines()
    assert line["requestId"] == reply.headers["x-amzn-requestid"]
    assert line["extendedRequestId"] == reply.headers["x-amz-apigw-id"]
    assert (line["httpMethod"], line["resourcePath"], line["status"]) == ("GET", "/events", "200")
    assert (line["integration.status"], line["responseLength"]) == ("200", "6")
    assert re.fullmatch(r"\d+", line["responseLatency"])
    assert re.fullmatch(r"\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000", line["requestTime"])
    assert (line["error.responseType"], line["identity.userArn"]) == ("-", "-")
    assert "secret" not in json.dumps(line)


def test_errors_of_the_gateway_are_logged_too(api: Api, lines: Lines) -> None:
    api.call("/events")
    api.call("/nothing")

    missing, unknown = lines()
    assert (missing["status"], missing["error.responseType"]) == ("400", "BAD_REQUEST_PARAMETERS")
    assert missing["error.message"] == "Missing required request parameters: [event, endpoint_id]"
    assert (unknown["status"], unknown["resourcePath"]) == ("403", "-")
    assert unknown["integration.status"] == "-"


def test_without_the_roles_permission_nothing_is_logged(aws: Aws, api: Api, role: str, lines: Lines) -> None:
    document = json.dumps(statement("logs:CreateLogGroup", Resource="*"))
    aws.iam.put_role_policy(RoleName=role.split("/")[1], PolicyName="p0", PolicyDocument=document)

    assert api.call("/events?event=x&endpoint_id=1").status == 200

    assert lines() == []
    assert [refusal["action"] for refusal in aws.refusals()] == ["logs:PutLogEvents"]
