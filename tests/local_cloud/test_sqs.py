"""SQS where MiniStack differs from AWS."""

from __future__ import annotations

import json
import threading

import pytest
from botocore.exceptions import ClientError

from tests.local_cloud.aws import CONSUMED, LAMBDA, Aws, statement, wait_for


def test_attributes_count_as_message_size(aws: Aws) -> None:
    queue = aws.queue(MaximumMessageSize="1024")
    attribute = {"reason": {"DataType": "String", "StringValue": "v" * 12}}

    aws.sqs.send_message(QueueUrl=queue.url, MessageBody="x" * 1_000, MessageAttributes=attribute)  # type: ignore[arg-type]
    with pytest.raises(ClientError, match="Message must be shorter than 1024 bytes") as refused:
        aws.sqs.send_message(QueueUrl=queue.url, MessageBody="x" * 1_001, MessageAttributes=attribute)  # type: ignore[arg-type]

    assert refused.value.response["Error"]["Code"] == "InvalidParameterValue"
    assert aws.depth(queue) == 1


def test_size_is_counted_in_bytes(aws: Aws) -> None:
    queue = aws.queue(MaximumMessageSize="1024")

    aws.sqs.send_message(QueueUrl=queue.url, MessageBody="é" * 512)
    with pytest.raises(ClientError, match="Message must be shorter"):
        aws.sqs.send_message(QueueUrl=queue.url, MessageBody="é" * 512 + "x")


def test_one_oversized_message_does_not_fail_the_batch(aws: Aws) -> None:
    queue = aws.queue(MaximumMessageSize="1024")
    entries = [{"Id": "small", "MessageBody": "x"}, {"Id": "large", "MessageBody": "x" * 1_025}]

    answer = aws.sqs.send_message_batch(QueueUrl=queue.url, Entries=entries)  # type: ignore[arg-type]

    assert [entry["Id"] for entry in answer["Successful"]] == ["small"]
    assert [entry["Id"] for entry in answer["Failed"]] == ["large"]


def test_a_batch_has_a_size_with_its_attributes(aws: Aws) -> None:
    queue = aws.queue()
    attribute = {"a": {"DataType": "String", "StringValue": "v" * 200_000}}
    entries = [{"Id": str(n), "MessageBody": "x" * 200_000, "MessageAttributes": attribute} for n in range(3)]

    with pytest.raises(ClientError, match="Batch requests cannot be longer than 1048576 bytes"):
        aws.sqs.send_message_batch(QueueUrl=queue.url, Entries=entries)  # type: ignore[arg-type]


def test_sending_fails_to_order_for_everybody(aws: Aws) -> None:
    queue, spared = aws.queue(), aws.queue("spared")
    rule = {"target": "sqs.SendMessage", "kind": "refuse", "times": 2, "code": "RequestThrottled", "status": 400}
    aws.put_faults({**rule, "match": {"queue": f"{aws.name}-queue"}})

    with pytest.raises(ClientError) as refused:
        aws.sqs.send_message(QueueUrl=queue.url, MessageBody="x")
    batch = aws.sqs.send_message_batch(QueueUrl=queue.url, Entries=[{"Id": "1", "MessageBody": "x"}])
    aws.sqs.send_message(QueueUrl=spared.url, MessageBody="x")
    aws.sqs.send_message(QueueUrl=queue.url, MessageBody="x")

    assert refused.value.response["Error"]["Code"] == "RequestThrottled"
    assert [entry["Code"] for entry in batch["Failed"]] == ["RequestThrottled"]
    assert (aws.depth(queue), aws.depth(spared)) == (1, 1)


def test_every_message_that_is_sent_while_others_are_consumed_is_delivered(aws: Aws) -> None:
    # MiniStack consumes on other threads than it sends, each rewriting the list of messages.
    queue, reports = aws.queue(), aws.queue("reports")
    allowed = {queue.arn: CONSUMED, reports.arn: ["sqs:SendMessage"]}
    source = f"""
import boto3, json
sqs = boto3.client("sqs")
def handler(event, _):
    delivered = [record["messageId"] for record in event["Records"]]
    sqs.send_message(QueueUrl="{reports.url}", MessageBody=json.dumps(delivered))
"""
    aws.map(queue, aws.function(source, aws.role("function", LAMBDA, allowed)), BatchSize=5)

    sent: set[str] = set()

    def send() -> None:
        client = aws.client("sqs")
        for _ in range(60):
            sent.add(client.send_message(QueueUrl=queue.url, MessageBody="x")["MessageId"])

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    delivered: set[str] = set()

    def all_delivered() -> bool:
        messages = aws.sqs.receive_message(QueueUrl=reports.url, MaxNumberOfMessages=10).get("Messages", [])
        for message in messages:
            delivered.update(json.loads(message["Body"]))
            aws.sqs.delete_message(QueueUrl=reports.url, ReceiptHandle=message["ReceiptHandle"])
        return len(delivered) >= 240

    wait_for("240 deliveries", all_delivered)
    assert delivered == sent


def test_a_batch_call_needs_the_permission_of_the_single_call(aws: Aws) -> None:
    queue = aws.queue()
    role = aws.role("caller", LAMBDA, {queue.arn: ["sqs:SendMessage"]})
    trust = statement("sts:AssumeRole", Principal={"AWS": f"arn:aws:iam::{aws.account}:root"})
    aws.iam.update_assume_role_policy(RoleName=f"{aws.name}-caller", PolicyDocument=json.dumps(trust))
    keys = aws.client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    caller = aws.client(
        "sqs",
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )

    caller.send_message_batch(QueueUrl=queue.url, Entries=[{"Id": "1", "MessageBody": "x"}])
    with pytest.raises(ClientError, match="not authorized to perform: sqs:PurgeQueue"):
        caller.purge_queue(QueueUrl=queue.url)

    assert [refusal["action"] for refusal in aws.refusals()] == ["sqs:PurgeQueue"]
