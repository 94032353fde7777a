"""IAM for what a service does with a role of its own: API Gateway's credentials."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.local_cloud.aws import GATEWAY, LAMBDA, Api, Aws, Queue, pixel_api, statement

CALL = "/events?event=click&endpoint_id=1"
SEND = ["sqs:SendMessage"]


@pytest.fixture
def make(aws: Aws, queue: Queue) -> Callable[[str], Api]:
    return lambda role: aws.api(pixel_api(queue, role))


def deny(queue: Queue, **rest: Any) -> str:
    document = statement("sqs:*", Resource=queue.arn, Principal="*", **rest)
    document["Statement"][0]["Effect"] = "Deny"
    return json.dumps(document)


def test_a_role_that_may_send_is_used(aws: Aws, queue: Queue, make: Callable[[str], Api]) -> None:
    assert make(aws.role("gateway", GATEWAY, {queue.arn: SEND})).call(CALL).status == 200
    assert aws.refusals() == []


def test_a_role_without_permission_is_an_error_of_the_integration(
    aws: Aws, queue: Queue, make: Callable[[str], Api]
) -> None:
    reply = make(aws.role("gateway", GATEWAY, {queue.arn: ["sqs:ReceiveMessage"]})).call(CALL)

    assert (reply.status, reply.body) == (503, b'{"message":"not queued"}')
    assert aws.depth(queue) == 0
    [refusal] = aws.refusals()
    assert refusal["principal"] == f"arn:aws:sts::{aws.account}:assumed-role/{aws.name}-gateway/apigateway"
    assert (refusal["action"], refusal["resource"]) == ("sqs:SendMessage", queue.arn)
    assert "is not authorized to perform: sqs:SendMessage on resource" in refusal["reason"]
    logged = aws.cloud.log.read_text().count(f"refused: {refusal['principal']} sqs:SendMessage on {queue.arn}")
    assert logged == 1


def test_a_role_for_another_queue_is_refused(aws: Aws, make: Callable[[str], Api]) -> None:
    other = aws.queue("other")

    assert make(aws.role("gateway", GATEWAY, {other.arn: SEND})).call(CALL).status == 503


def test_a_role_that_api_gateway_cannot_assume_is_a_gateway_error(
    aws: Aws, queue: Queue, make: Callable[[str], Api]
) -> None:
    api = make(aws.role("gateway", LAMBDA, {queue.arn: SEND}))

    reply = api.call(CALL)

    assert (reply.status, json.loads(reply.body)) == (500, {"message": "Internal server error"})
    assert [refusal["reason"] for refusal in aws.refusals()] == [f"the role does not trust {GATEWAY}"]


def test_a_role_that_does_not_exist_is_a_gateway_error(aws: Aws, make: Callable[[str], Api]) -> None:
    api = make(f"arn:aws:iam::{aws.account}:role/{aws.name}-nobody")

    assert api.call(CALL).status == 500
    assert [refusal["reason"] for refusal in aws.refusals()] == ["the role does not exist"]


def test_a_trust_that_depends_on_the_source_is_not_met(aws: Aws, queue: Queue, make: Callable[[str], Api]) -> None:
    role = aws.role("gateway", GATEWAY, {queue.arn: SEND})
    condition = {"StringEquals": {"aws:SourceAccount": "999999999999"}}
    trust = statement("sts:AssumeRole", Principal={"Service": GATEWAY}, Condition=condition)
    aws.iam.update_assume_role_policy(RoleName=f"{aws.name}-gateway", PolicyDocument=json.dumps(trust))

    assert make(role).call(CALL).status == 500


def test_a_permissions_boundary_limits_the_role(aws: Aws, queue: Queue, make: Callable[[str], Api]) -> None:
    policy = json.dumps(statement("sqs:ReceiveMessage", Resource="*"))
    boundary = aws.iam.create_policy(PolicyName=f"{aws.name}-boundary", PolicyDocument=policy)["Policy"]["Arn"]

    role = aws.role("gateway", GATEWAY, {queue.arn: SEND}, PermissionsBoundary=boundary)

    assert make(role).call(CALL).status == 503


def test_a_managed_policy_counts(aws: Aws, queue: Queue, make: Callable[[str], Api]) -> None:
    role = aws.role("gateway", GATEWAY, {})
    policy = json.dumps(statement("sqs:SendMessage", Resource=queue.arn))
    managed = aws.iam.create_policy(PolicyName=f"{aws.name}-send", PolicyDocument=policy)["Policy"]["Arn"]
    aws.iam.attach_role_policy(RoleName=f"{aws.name}-gateway", PolicyArn=managed)

    assert make(role).call(CALL).status == 200


def test_the_queue_policy_can_deny(aws: Aws, queue: Queue, make: Callable[[str], Api]) -> None:
    role = aws.role("gateway", GATEWAY, {queue.arn: SEND})
    api = make(role)
    aws.sqs.set_queue_attributes(QueueUrl=queue.url, Attributes={"Policy": deny(queue)})

    assert api.call(CALL).status == 503


def test_a_queue_policy_that_spares_the_role_lets_it_through(
    aws: Aws, queue: Queue, make: Callable[[str], Api]
) -> None:
    role = aws.role("gateway", GATEWAY, {queue.arn: SEND})
    api = make(role)
    condition = {
        "ArnNotLike": {"aws:PrincipalArn": [role, f"arn:aws:sts::{aws.account}:assumed-role/{aws.name}-gateway/*"]}
    }
    aws.sqs.set_queue_attributes(QueueUrl=queue.url, Attributes={"Policy": deny(queue, Condition=condition)})

    assert api.call(CALL).status == 200


def test_loopback_counts_as_tls(aws: Aws, queue: Queue, make: Callable[[str], Api]) -> None:
    api = make(aws.role("gateway", GATEWAY, {queue.arn: SEND}))
    condition = {"Bool": {"aws:SecureTransport": "false"}}
    aws.sqs.set_queue_attributes(QueueUrl=queue.url, Attributes={"Policy": deny(queue, Condition=condition)})

    assert api.call(CALL).status == 200
    assert aws.depth(queue) == 1


def test_a_permission_that_is_taken_away_ends_at_once(aws: Aws, queue: Queue, make: Callable[[str], Api]) -> None:
    api = make(aws.role("gateway", GATEWAY, {queue.arn: SEND}))
    assert api.call(CALL).status == 200

    aws.iam.delete_role_policy(RoleName=f"{aws.name}-gateway", PolicyName="p0")

    assert api.call(CALL).status == 503
