"""SQS event sources: batches, windows, concurrency, partial failures, redrive, and the role they need."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local_cloud.aws import CONSUMED, LAMBDA, Aws, Queue, wait_for

# Waits as the messages say, reports every batch to a queue, then answers as they say.
REPORTER = """
import json, os, time
import boto3

sqs = boto3.client("sqs")

def depth(queue):
    name = "ApproximateNumberOfMessages"
    return int(sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=[name])["Attributes"][name])

def numbers(records, name):
    return [int(record["attributes"][name]) for record in records]

def handler(event, context):
    records = event["Records"]
    started = time.time()
    orders = [json.loads(record["body"]) for record in records]
    for record, order in zip(records, orders):
        if "visibility" in order:
            sqs.change_message_visibility(
                QueueUrl=os.environ["QUEUE"], ReceiptHandle=record["receiptHandle"],
                VisibilityTimeout=order["visibility"])
    for order in orders:
        if "gate" in order:
            sqs.send_message(QueueUrl=order["gate"], MessageBody="here")
            while depth(order["gate"]) < order["together"]:
                time.sleep(0.05)
    time.sleep(max(order.get("sleep", 0) for order in orders))
    report = {"count": len(records), "started": started, "ended": time.time(),
              "sent": min(numbers(records, "SentTimestamp")),
              "received": min(numbers(records, "ApproximateFirstReceiveTimestamp")),
              "receives": numbers(records, "ApproximateReceiveCount"),
              "names": [order.get("name") for order in orders], "record": {k: str(v) for k, v in records[0].items()}}
    sqs.send_message(QueueUrl=os.environ["REPORTS"], MessageBody=json.dumps(report))
    answers = [order["answer"] for order in orders if "answer" in order]
    if answers:
        return answers[0]
    failed = [record["messageId"] for record, order in zip(records, orders)
              if int(record["attributes"]["ApproximateReceiveCount"]) <= order.get("fail", 0)]
    return {"batchItemFailures": [{"itemIdentifier": failure} for failure in failed]}
"""


class Consumer:
    """A queue, a function that consumes it, and what the function reports."""

    def __init__(self, aws: Aws, visibility: int = 120, **attributes: str) -> None:
        self.aws = aws
        self.queue = aws.queue(VisibilityTimeout=str(visibility), **attributes)
        self.reports, self.gate = aws.queue("reports"), aws.queue("gate")
        self.role_name = f"{aws.name}-function"
        allowed = {self.queue.arn: CONSUMED, self.reports.arn: ["sqs:SendMessage"]}
        allowed[self.gate.arn] = ["sqs:SendMessage", "sqs:GetQueueAttributes"]
        role = aws.role("function", LAMBDA, allowed)
        variables = {"QUEUE": self.queue.url, "REPORTS": self.reports.url}
        self.function = aws.function(REPORTER, role, Environment={"Variables": variables})

    def map(self, batch: int = 10, window: int = 0, **options: Any) -> str:
        return self.aws.map(
            self.queue,
            self.function,
            BatchSize=batch,
            MaximumBatchingWindowInSeconds=window,
            FunctionResponseTypes=["ReportBatchItemFailures"],
            **options,
        )

    def send(self, *orders: dict[str, Any]) -> None:
        self.aws.send(self.queue, *(json.dumps(order) for order in orders))

    def collect(self, enough: Callable[[list[dict[str, Any]]], bool], seconds: float = 120) -> list[dict[str, Any]]:
        """Reports until there are enough; of a message that comes again, in the order of its receives."""
        found: list[dict[str, Any]] = []

        def all_of_them() -> bool:
            messages = self.aws.sqs.receive_message(QueueUrl=self.reports.url, MaxNumberOfMessages=10).get(
                "Messages", []
            )
            for message in messages:
                found.append(json.loads(message["Body"]))
                self.aws.sqs.delete_message(QueueUrl=self.reports.url, ReceiptHandle=message["ReceiptHandle"])
            return enough(found)

        wait_for("reports", all_of_them, seconds)
        return sorted(found, key=lambda report: (report["receives"], report["received"]))

    def count(self, messages: int) -> list[dict[str, Any]]:
        return self.collect(lambda found: sum(report["count"] for report in found) >= messages)

    def wait_until_empty(self) -> None:
        wait_for("an empty queue", lambda: self.aws.depth(self.queue) == 0)


@pytest.fixture
def consumer(aws: Aws) -> Consumer:
    return Consumer(aws)


def test_a_full_batch_comes_at_once_and_the_rest_when_the_window_closes(consumer: Consumer) -> None:
    consumer.send(*({} for _ in range(250)))

    consumer.map(batch=100, window=3)
    reports = consumer.count(250)

    # Functions that start together report in any order.
    *full, rest = sorted(reports, key=lambda report: -report["count"])
    assert [report["count"] for report in (*full, rest)] == [100, 100, 50]
    assert max(report["received"] for report in full) <= rest["received"]
    assert rest["received"] - rest["sent"] >= 3_000
    consumer.wait_until_empty()


def test_without_window_a_batch_is_at_most_ten_and_does_not_wait(consumer: Consumer) -> None:
    consumer.map(batch=10)
    consumer.send(*({} for _ in range(25)))

    assert max(report["count"] for report in consumer.count(25)) <= 10


def test_a_batch_is_no_larger_than_the_payload_of_an_invocation(consumer: Consumer) -> None:
    consumer.send(*({"padding": "x" * 100_000} for _ in range(70)))

    consumer.map(batch=100, window=1)
    reports = consumer.count(70)

    assert max(report["count"] for report in reports) in range(60, 63)


def test_no_more_batches_at_once_than_the_maximum_concurrency(consumer: Consumer) -> None:
    # The first two wait for each other.
    consumer.send(*({"gate": consumer.gate.url, "together": 2, "sleep": 0.3} for _ in range(6)))

    consumer.map(batch=1, ScalingConfig={"MaximumConcurrency": 2})
    reports = consumer.count(6)

    together = [sum(other["started"] <= one["started"] < other["ended"] for other in reports) for one in reports]
    assert max(together) == 2


def test_records_look_as_lambda_makes_them(consumer: Consumer) -> None:
    consumer.map(batch=1)
    consumer.send({"name": "é"})

    record = consumer.count(1)[0]["record"]

    assert set(record) == {
        "messageId",
        "receiptHandle",
        "body",
        "attributes",
        "messageAttributes",
        "md5OfBody",
        "eventSource",
        "eventSourceARN",
        "awsRegion",
    }
    assert (record["eventSource"], record["eventSourceARN"]) == ("aws:sqs", consumer.queue.arn)


def test_only_reported_messages_come_back_and_count_their_receives(aws: Aws) -> None:
    consumer = Consumer(aws)

    # The function returns it twice and sets when it comes back.
    consumer.send({"name": "returned", "fail": 2, "visibility": 1}, {"name": "done"})
    consumer.map(batch=10)
    reports = consumer.collect(lambda found: {1, 2, 3} <= {report["receives"][0] for report in found})

    assert (reports[0]["names"], reports[0]["receives"]) == (["returned", "done"], [1, 1])
    assert {tuple(report["names"]) for report in reports[1:]} == {("returned",)}
    assert [report["receives"] for report in reports[1:3]] == [[2], [3]]
    consumer.wait_until_empty()


def test_a_visibility_that_the_function_sets_holds(aws: Aws) -> None:
    consumer = Consumer(aws, visibility=900)
    consumer.map(batch=1)

    consumer.send({"fail": 1, "visibility": 2})
    reports = consumer.count(2)

    assert reports[1]["started"] - reports[0]["started"] >= 2


def test_a_malformed_answer_fails_the_whole_batch(consumer: Consumer) -> None:
    answer = {"batchItemFailures": [{"itemIdentifier": "not-in-this-batch"}]}
    consumer.send({"name": "one", "answer": answer, "visibility": 1}, {"name": "other", "visibility": 1})

    consumer.map(batch=10)

    def both_again(found: list[dict[str, Any]]) -> bool:
        again = [name for report in found if min(report["receives"]) > 1 for name in report["names"]]
        return {"one", "other"} <= set(again)

    # Both come back, together or not: nothing of the batch was deleted.
    assert consumer.collect(both_again)[0]["names"] == ["one", "other"]


def test_a_failing_function_keeps_its_messages(aws: Aws) -> None:
    consumer = Consumer(aws)
    consumer.map(batch=10)

    # The report is made before the answer that cannot be given.
    consumer.send({"sleep": "not a number", "visibility": 1})

    wait_for("a failed batch", lambda: "failed on 1 messages of " + f"{aws.name}-queue" in aws.cloud.log.read_text())
    assert aws.depth(consumer.queue) == 1


def test_after_the_last_receive_a_message_moves_to_the_dead_letter_queue(aws: Aws) -> None:
    dead = aws.queue("dlq")
    redrive = json.dumps({"deadLetterTargetArn": dead.arn, "maxReceiveCount": 2})
    consumer = Consumer(aws, RedrivePolicy=redrive)
    consumer.map(batch=1)

    consumer.send({"name": "poison", "fail": 99, "visibility": 1})

    assert json.loads(aws.receive(dead))["name"] == "poison"
    assert [report["receives"] for report in consumer.count(2)] == [[1], [2]]
    assert aws.depth(consumer.queue) == 0


@pytest.mark.parametrize("action", ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"])
def test_a_mapping_stops_when_its_role_lacks_a_right_and_goes_on_when_it_is_back(
    aws: Aws, consumer: Consumer, action: str
) -> None:
    mapping = consumer.map(batch=1)
    consumer.send({})
    consumer.count(1)

    def allow(actions: list[str]) -> None:
        policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]}
        aws.iam.put_role_policy(RoleName=consumer.role_name, PolicyName="p0", PolicyDocument=json.dumps(policy))

    def stopped() -> bool:
        state = aws.functions.get_event_source_mapping(UUID=mapping)["LastProcessingResult"]
        return state.startswith("PROBLEM: ") and action in state

    allow([known for known in CONSUMED if known != action])
    wait_for("the mapping to stop", stopped)
    consumer.send({"name": "waits"})
    back = time.time()
    allow(list(CONSUMED))

    [report] = consumer.collect(lambda found: ["waits"] in [report["names"] for report in found])
    assert report["started"] > back
    assert [refusal["action"] for refusal in aws.refusals()] == [action]


def refusal(aws: Aws, queue: Queue, function: str, **options: Any) -> str:
    with pytest.raises(ClientError) as refused:
        aws.map(queue, function, **options)
    assert refused.value.response["Error"]["Code"] == "InvalidParameterValueException"
    return refused.value.response["Error"]["Message"]


def test_a_large_batch_needs_a_window(aws: Aws, consumer: Consumer) -> None:
    message = refusal(aws, consumer.queue, consumer.function, BatchSize=11)

    assert message.startswith("Maximum batch window in seconds must be greater than 0")


def test_a_queue_must_hide_its_messages_as_long_as_the_function_runs(aws: Aws) -> None:
    consumer = Consumer(aws, visibility=4)
    aws.functions.update_function_configuration(FunctionName=consumer.function, Timeout=5)

    message = refusal(aws, consumer.queue, consumer.function)

    assert message == "Queue visibility timeout: 4 seconds is less than Function timeout: 5 seconds"


def test_a_mapping_is_not_made_for_a_role_without_rights(aws: Aws, consumer: Consumer) -> None:
    other = aws.queue("other")

    message = refusal(aws, other, consumer.function)

    assert message == "The provided execution role does not have permissions to call ReceiveMessage on SQS"
