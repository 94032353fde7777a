"""Least privilege: every statement is needed, and nothing beyond is allowed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.cloud.deployment import Deployment, wait_for

CALL = {"event": "page.view", "endpoint_id": "rights"}


@dataclass
class Role:
    """A role of the deployment whose inline policy can be changed for a test."""

    shop: Deployment
    name: str

    @property
    def policy(self) -> str:
        (found,) = self.shop.iam.list_role_policies(RoleName=self.name)["PolicyNames"]
        return found

    def statements(self) -> list[dict[str, Any]]:
        document = self.shop.iam.get_role_policy(RoleName=self.name, PolicyName=self.policy)["PolicyDocument"]
        assert isinstance(document, dict)
        return list(document["Statement"])

    def write(self, statements: list[dict[str, Any]]) -> None:
        document = json.dumps({"Version": "2012-10-17", "Statement": statements})
        self.shop.iam.put_role_policy(RoleName=self.name, PolicyName=self.policy, PolicyDocument=document)

    def session(self) -> boto3.Session:
        """What a holder of the role may do; the trust is opened for this."""
        trust = self.shop.iam.get_role(RoleName=self.name)["Role"]["AssumeRolePolicyDocument"]
        statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "*"}}
        opened = {"Version": "2012-10-17", "Statement": [*trust["Statement"], statement]}  # type: ignore[index]
        self.shop.iam.update_assume_role_policy(RoleName=self.name, PolicyDocument=json.dumps(opened))
        arn = self.shop.iam.get_role(RoleName=self.name)["Role"]["Arn"]
        sts = boto3.client("sts", **self.shop._client())
        keys = sts.assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
        self.shop.iam.update_assume_role_policy(RoleName=self.name, PolicyDocument=json.dumps(trust))
        return boto3.Session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], "us-east-1")


@pytest.fixture
def role(shop: Deployment) -> Iterator[Callable[[str], Role]]:
    """Finds a role by its output, and puts its policy back afterwards."""
    changed: list[tuple[Role, list[dict[str, Any]]]] = []

    def find(output: str) -> Role:
        found = Role(shop, shop.pixel[output].rpartition("/")[2])
        changed.append((found, found.statements()))
        return found

    yield find
    for found, statements in changed:
        found.write(statements)


# Without the statement, this action is refused while these calls are made.
CONSUMER: dict[str, tuple[str, dict[str, str]]] = {
    "SendEvents": ("mobiletargeting:PutEvents", CALL),
    "ReadEvents": ("sqs:ReceiveMessage", CALL),
    "KeepRejects": ("sqs:SendMessage", CALL | {"event": "undefined"}),
    "ReadTokenKeys": ("ssm:GetParameter", CALL | {"token": f"k.1.{'x' * 43}"}),
}


@pytest.mark.parametrize("sid", CONSUMER)
def test_without_a_statement_the_consumer_is_refused_and_loses_nothing(
    shop: Deployment, role: Callable[[str], Role], sid: str
) -> None:
    # GIVEN a consumer without one of its rights
    action, call = CONSUMER[sid]
    consumer = role("role_arn")
    statements = consumer.statements()
    assert sid in {statement["Sid"] for statement in statements}
    consumer.write([statement for statement in statements if statement["Sid"] != sid])
    refused = len(shop.refusals())
    since = shop.mark()

    # WHEN it is needed
    assert shop.call(call | {"evat_sid": sid}).status == 200
    wait_for(
        f"a refusal of {action}",
        lambda: any(item["action"] == action for item in shop.refusals()[refused:]),
        seconds=20,
    )

    # THEN the event is still there, and is settled once the right is back
    consumer.write(statements)
    wait_for("an empty ingest queue", lambda: shop.depth(shop.pixel["queue_url"]) == 0)
    if call["event"] != "undefined" and sid != "ReadTokenKeys":
        assert sid in {event["Attributes"].get("sid") for _, _, event in shop.wait_for_events(1, since)}


def test_every_statement_is_tried_or_said_to_be_untried(role: Callable[[str], Role]) -> None:
    # What the local cloud cannot exercise here is asserted on the policy document, by terraform test.
    untried = {"WriteLogs", "PutOpenEventsBack", "GiveOpenEventsUp"}

    assert {statement["Sid"] for statement in role("role_arn").statements()} == CONSUMER.keys() | untried


FORBIDDEN: list[tuple[str, str, str, dict[str, Any]]] = [
    ("role_arn", "sqs", "purge_queue", {"QueueUrl": "{queue_url}"}),
    ("role_arn", "sqs", "receive_message", {"QueueUrl": "{rejects_queue_url}"}),
    ("role_arn", "sqs", "receive_message", {"QueueUrl": "{dlq_url}"}),
    ("role_arn", "pinpoint", "get_apps", {}),
    ("role_arn", "pinpoint", "get_endpoint", {"ApplicationId": "{app}", "EndpointId": "e"}),
    ("role_arn", "pinpoint", "delete_app", {"ApplicationId": "{app}"}),
    ("role_arn", "ssm", "get_parameter", {"Name": "/other"}),
    ("role_arn", "iam", "list_roles", {}),
    ("role_arn", "lambda", "list_functions", {}),
    ("gateway_role_arn", "sqs", "receive_message", {"QueueUrl": "{queue_url}"}),
    ("gateway_role_arn", "sqs", "send_message", {"QueueUrl": "{rejects_queue_url}", "MessageBody": "x"}),
    ("gateway_role_arn", "sqs", "send_message", {"QueueUrl": "{dlq_url}", "MessageBody": "x"}),
    ("gateway_role_arn", "pinpoint", "get_apps", {}),
]


@pytest.mark.parametrize(("output", "service", "operation", "arguments"), FORBIDDEN)
def test_no_role_can_do_more_than_its_job(
    shop: Deployment,
    role: Callable[[str], Role],
    output: str,
    service: str,
    operation: str,
    arguments: dict[str, Any],
) -> None:
    values = {**shop.pixel, "app": shop.application_id}
    given = {name: text.format(**values) for name, text in arguments.items()}
    client: Any = role(output).session().client(service, endpoint_url=shop.cloud.url)

    with pytest.raises(ClientError) as caught:
        getattr(client, operation)(**given)

    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] in (400, 403)
    assert any(word in str(caught.value) for word in ("AccessDenied", "Forbidden", "not authorized"))
