"""The redrive of a dead-letter queue."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local_cloud.aws import Aws, Queue, statement, wait_for

READ = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")


@pytest.fixture
def dlq(aws: Aws) -> Queue:
    return aws.queue("dlq")


@pytest.fixture
def queue(aws: Aws, dlq: Queue) -> Queue:
    policy = json.dumps({"deadLetterTargetArn": dlq.arn, "maxReceiveCount": 1})
    return aws.queue("queue", VisibilityTimeout="0", RedrivePolicy=policy)


def bury(aws: Aws, queue: Queue, dlq: Queue, *bodies: str) -> None:
    """Send messages and receive them until they are dead."""
    aws.send(queue, *bodies)

    def dead() -> bool:
        aws.sqs.receive_message(QueueUrl=queue.url, MaxNumberOfMessages=10)
        return aws.depth(dlq) == len(bodies)

    wait_for("dead letters", dead)


def newest(aws: Aws, dlq: Queue) -> Any:
    return aws.sqs.list_message_move_tasks(SourceArn=dlq.arn)["Results"][0]


def ended(aws: Aws, dlq: Queue) -> Any:
    return wait_for("the end of the task", lambda: newest(aws, dlq) if "TaskHandle" not in newest(aws, dlq) else None)


@pytest.mark.parametrize("named", [True, False])
def test_dead_letters_go_back_as_new_messages(aws: Aws, queue: Queue, dlq: Queue, named: bool) -> None:
    bury(aws, queue, dlq, *(str(number) for number in range(25)))
    aws.sqs.set_queue_attributes(QueueUrl=queue.url, Attributes={"VisibilityTimeout": "30"})

    aws.sqs.start_message_move_task(SourceArn=dlq.arn, **({"DestinationArn": queue.arn} if named else {}))

    task = ended(aws, dlq)
    assert (task["Status"], task["SourceArn"]) == ("COMPLETED", dlq.arn)
    assert (task["ApproximateNumberOfMessagesMoved"], task["ApproximateNumberOfMessagesToMove"]) == (25, 25)
    assert ("DestinationArn" in task) == named
    assert (aws.depth(dlq), aws.depth(queue)) == (0, 25)
    found = aws.sqs.receive_message(QueueUrl=queue.url, MessageSystemAttributeNames=["All"])["Messages"][0]
    assert found["Attributes"]["ApproximateReceiveCount"] == "1"
    assert "DeadLetterQueueSourceArn" not in found["Attributes"]


def test_a_task_moves_at_its_rate_and_can_be_cancelled(aws: Aws, queue: Queue, dlq: Queue) -> None:
    bury(aws, queue, dlq, *(str(number) for number in range(100)))
    handle = aws.sqs.start_message_move_task(SourceArn=dlq.arn, MaxNumberOfMessagesPerSecond=2)["TaskHandle"]

    with pytest.raises(ClientError, match="already a task running"):
        aws.sqs.start_message_move_task(SourceArn=dlq.arn)
    wait_for("a moved message", lambda: newest(aws, dlq)["ApproximateNumberOfMessagesMoved"] > 0)
    running = newest(aws, dlq)
    moved = aws.sqs.cancel_message_move_task(TaskHandle=handle)["ApproximateNumberOfMessagesMoved"]

    assert (running["Status"], running["TaskHandle"]) == ("RUNNING", handle)
    assert running["MaxNumberOfMessagesPerSecond"] == 2
    assert 0 < moved < 100
    wait_for("the cancellation", lambda: newest(aws, dlq)["Status"] == "CANCELLED")
    assert aws.depth(dlq) == 100 - moved
    with pytest.raises(ClientError, match="Only active tasks"):
        aws.sqs.cancel_message_move_task(TaskHandle=handle)


@pytest.mark.usefixtures("queue")
def test_a_message_of_unknown_source_ends_a_task_without_destination(aws: Aws, dlq: Queue) -> None:
    aws.send(dlq, "sent directly")

    aws.sqs.start_message_move_task(SourceArn=dlq.arn)

    task = ended(aws, dlq)
    assert (task["Status"], task["FailureReason"]) == ("FAILED", "CouldNotDetermineMessageSource")
    assert aws.depth(dlq) == 1


def test_only_dead_letter_queues_can_be_moved_and_only_to_queues(aws: Aws, queue: Queue, dlq: Queue) -> None:
    with pytest.raises(ClientError, match="must be configured as a Dead Letter Queue"):
        aws.sqs.start_message_move_task(SourceArn=queue.arn)
    with pytest.raises(ClientError, match="SourceArn parameter doesn't exist"):
        aws.sqs.start_message_move_task(SourceArn=f"{dlq.arn}-other")
    with pytest.raises(ClientError, match="DestinationArn parameter doesn't exist"):
        aws.sqs.start_message_move_task(SourceArn=dlq.arn, DestinationArn=f"{queue.arn}-other")


@pytest.mark.usefixtures("queue")
def test_tasks_are_listed_newest_first(aws: Aws, dlq: Queue) -> None:
    for _ in range(3):
        aws.sqs.start_message_move_task(SourceArn=dlq.arn)
        ended(aws, dlq)

    listed = aws.sqs.list_message_move_tasks(SourceArn=dlq.arn, MaxResults=10)["Results"]

    started = [task["StartedTimestamp"] for task in listed]
    assert len(started) == 3
    assert started == sorted(started, reverse=True)
    assert len(aws.sqs.list_message_move_tasks(SourceArn=dlq.arn)["Results"]) == 1


def test_the_caller_needs_every_permission_of_the_task(aws: Aws, queue: Queue, dlq: Queue) -> None:
    source = ["sqs:StartMessageMoveTask", "sqs:ListMessageMoveTasks", *READ]
    needed = [(dlq.arn, action) for action in (source[0], *READ)] + [(queue.arn, "sqs:SendMessage")]
    aws.iam.create_user(UserName=aws.name)
    key: Any = aws.iam.create_access_key(UserName=aws.name)["AccessKey"]
    operator = aws.client("sqs", aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"])

    def allow(pairs: Sequence[tuple[str, str]]) -> None:
        parts = [statement(action, Resource=arn)["Statement"][0] for arn, action in pairs]
        document = json.dumps({"Version": "2012-10-17", "Statement": parts})
        aws.iam.put_user_policy(UserName=aws.name, PolicyName="p", PolicyDocument=document)

    for missing in needed:
        allow([pair for pair in needed if pair != missing])
        with pytest.raises(ClientError, match=f"not authorized to perform: {missing[1]}"):
            operator.start_message_move_task(SourceArn=dlq.arn, DestinationArn=queue.arn)
        refused = aws.refusals()[-1]
        assert (refused["resource"], refused["action"]) == missing

    allow([*needed, (dlq.arn, "sqs:ListMessageMoveTasks")])
    operator.start_message_move_task(SourceArn=dlq.arn, DestinationArn=queue.arn)
    assert operator.list_message_move_tasks(SourceArn=dlq.arn)["Results"]
