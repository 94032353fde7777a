"""Two accounts of one cloud."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from tests.local_cloud.aws import CONSUMED, GATEWAY, LAMBDA, Api, Aws, pixel_api

if TYPE_CHECKING:
    from local_cloud.process import LocalCloud

CALL = "/events?event=click&endpoint_id=1"


@pytest.fixture
def accounts(cloud: LocalCloud, name: str) -> list[Aws]:
    """The default account and two others; everything has the same name in all of them."""
    return [Aws(cloud, name), Aws(cloud, name, "999900000011"), Aws(cloud, name, "999900000012")]


def test_the_same_names_live_side_by_side(accounts: list[Aws]) -> None:
    apis: list[Api] = []
    for aws in accounts:
        queue = aws.queue()
        apis.append(aws.api(pixel_api(queue, aws.role("gateway", GATEWAY, {queue.arn: ["sqs:SendMessage"]}))))

    for number, api in enumerate(apis):
        assert api.call(f"/events?event={number}&endpoint_id=1").status == 200

    for number, aws in enumerate(accounts):
        assert aws.receive(aws.queue()) == f"event={number}&endpoint_id=1&"


def test_an_api_cannot_be_seen_from_another_account(accounts: list[Aws]) -> None:
    _, one, other = accounts
    queue = one.queue()
    api = one.api(pixel_api(queue, one.role("gateway", GATEWAY, {queue.arn: ["sqs:SendMessage"]})))

    with pytest.raises(ClientError, match="NotFoundException"):
        other.gateway.get_rest_api(restApiId=api.api_id)
    assert api.api_id not in {known["id"] for known in other.gateway.get_rest_apis(limit=500)["items"]}


def test_a_gateway_role_cannot_write_into_another_account(accounts: list[Aws]) -> None:
    _, one, other = accounts
    queue = other.queue()

    api = one.api(pixel_api(queue, one.role("gateway", GATEWAY, {queue.arn: ["sqs:SendMessage"]})))

    assert api.call(CALL).status == 503
    assert other.depth(queue) == 0


def test_functions_run_for_their_own_account(accounts: list[Aws]) -> None:
    source = (
        "import boto3\ndef handler(event, context):\n    return boto3.client('sts').get_caller_identity()['Account']\n"
    )
    for aws in accounts[1:]:
        function = aws.function(source, aws.role("function", LAMBDA, {}))
        assert aws.invoke(function) == aws.account


def test_event_sources_run_for_their_own_account(accounts: list[Aws]) -> None:
    aws = accounts[1]
    queue, done = aws.queue(), aws.queue("done")
    source = (
        "import boto3\nsqs = boto3.client('sqs')\ndef handler(event, context):\n"
        f"    sqs.send_message(QueueUrl='{done.url}', MessageBody=event['Records'][0]['body'])\n"
    )
    role = aws.role("function", LAMBDA, {queue.arn: CONSUMED, done.arn: ["sqs:SendMessage"]})
    aws.map(queue, aws.function(source, role), BatchSize=1)
    aws.send(queue, "hello")

    assert aws.receive(done) == "hello"
    aws.remove_mappings()
