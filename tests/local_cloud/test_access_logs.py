"""Access logs of a stage."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.local_cloud.aws import GATEWAY, REGION, Api, Aws, pixel_api

FORMAT = {
    "id": "$context.extendedRequestId",
    "method": "$context.httpMethod",
    "path": "$context.resourcePath",
    "status": "$context.status",
    "error": "$context.error.responseType",
    "backend": "$context.integration.status",
    "length": "$context.responseLength",
    "nothing": "$context.authorizer.principalId",
    "latency": "$context.responseLatency",
}
CALL = "/events?event=click&endpoint_id=secret"
LOGS = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogGroups", "logs:PutLogEvents"]


@pytest.fixture
def aws(aws: Aws) -> Iterator[Aws]:
    """An account of its own, since the logging role is the account's."""
    account = Aws(aws.cloud, aws.name, account="999900000031")
    set_role(account, account.role("logs", GATEWAY, {"*": LOGS}))
    yield account
    set_role(account, "")


@pytest.fixture
def api(aws: Aws) -> Api:
    queue = aws.queue()
    api = aws.api(pixel_api(queue, aws.role("gateway", GATEWAY, {queue.arn: ["sqs:SendMessage"]})))
    aws.client("logs").create_log_group(logGroupName=f"/{aws.name}")
    values = {
        "destinationArn": f"arn:aws:logs:{REGION}:{aws.account}:log-group:/{aws.name}",
        "format": json.dumps(FORMAT),
    }
    operations: Any = [
        {"op": "replace", "path": f"/accessLogSettings/{name}", "value": value} for name, value in values.items()
    ]
    aws.gateway.update_stage(restApiId=api.api_id, stageName=api.stage, patchOperations=operations)
    return api


def set_role(aws: Aws, role: str) -> None:
    operation: Any = {"op": "replace", "path": "/cloudwatchRoleArn", "value": role}
    aws.gateway.update_account(patchOperations=[operation])


def lines(aws: Aws) -> list[str]:
    events = aws.client("logs").filter_log_events(logGroupName=f"/{aws.name}")["events"]
    return [event["message"] for event in events]


def test_each_request_makes_a_line_of_what_the_format_names(aws: Aws, api: Api) -> None:
    taken, missing = api.call(CALL), api.call("/events?event=click")
    aws.put_faults({"target": "sqs.SendMessage", "kind": "refuse", "times": 1, "status": 503})
    refused = api.call(CALL)

    logged = [json.loads(line) for line in lines(aws)]
    assert all(int(line.pop("latency")) >= 0 for line in logged)
    known = {"method": "GET", "path": "/events", "nothing": "-"}
    assert logged == [
        {
            "id": taken.headers["x-amz-apigw-id"],
            "status": "200",
            "error": "-",
            "backend": "200",
            "length": "6",
            **known,
        },
        {
            "id": missing.headers["x-amz-apigw-id"],
            "status": "400",
            "error": "BAD_REQUEST_PARAMETERS",
            "backend": "-",
            "length": str(len(missing.body)),
            **known,
        },
        {
            "id": refused.headers["x-amz-apigw-id"],
            "status": "503",
            "error": "-",
            "backend": "503",
            "length": str(len(refused.body)),
            **known,
        },
    ]
    assert not any("secret" in line for line in lines(aws))


def test_a_role_that_may_no_longer_write_logs_leaves_none_and_a_refusal(aws: Aws, api: Api) -> None:
    aws.iam.delete_role_policy(RoleName=f"{aws.name}-logs", PolicyName="p0")

    assert [api.call(CALL).status for _ in range(3)] == [200, 200, 200]

    assert lines(aws) == []
    assert [refusal["action"] for refusal in aws.refusals()] == ["logs:PutLogEvents"]
