"""A Kinesis stream, a function that reads it, and what the function reports."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from typing import Any

from tests.local_cloud.aws import LAMBDA, REGION, Aws, wait_for

READ = [f"kinesis:{name}" for name in ("GetRecords", "GetShardIterator", "DescribeStream", "ListShards", "ListStreams")]
# Reports every batch to a queue, then answers or fails as its records say; `fail` is how often.
REPORTER = """
import base64, json, os, time
import boto3

sqs = boto3.client("sqs")
calls = {}

def handler(event, context):
    records = event["Records"]
    orders = [json.loads(base64.b64decode(record["kinesis"]["data"])) for record in records]
    numbers = [record["kinesis"]["sequenceNumber"] for record in records]
    report = {"at": time.time(), "names": [order.get("name") for order in orders], "numbers": numbers,
              "shard": records[0]["eventID"].partition(":")[0], "orders": orders}
    for order in orders:
        order.pop("padding", None)
    report["record"] = records[0] if len(records[0]["kinesis"]["data"]) < 10_000 else {}
    sqs.send_message(QueueUrl=os.environ["REPORTS"], MessageBody=json.dumps(report))
    failed = []
    for order, number in zip(orders, numbers):
        if "raise" in order:
            calls[number] = calls.get(number, 0) + 1
            if calls[number] <= order["raise"]:
                raise ValueError(order["name"])
        if "fail" in order:
            calls[number] = calls.get(number, 0) + 1
            if calls[number] <= order["fail"]:
                failed.append({"itemIdentifier": number})
        if "answer" in order:
            calls[number] = calls.get(number, 0) + 1
            if calls[number] == 1:
                return order["answer"]
    return {"batchItemFailures": failed}
"""


class Stream:
    """A stream and its reader."""

    def __init__(self, aws: Aws, shards: int | None = 1, *, is_made: bool = False) -> None:
        self.aws = aws
        self.kinesis = aws.client("kinesis")
        self.name = aws.name
        self.arn = f"arn:aws:kinesis:{REGION}:{aws.account}:stream/{aws.name}"
        mode = {"ShardCount": shards} if shards else {"StreamModeDetails": {"StreamMode": "ON_DEMAND"}}
        if not is_made:
            self.kinesis.create_stream(StreamName=self.name, **mode)
        self.reports = aws.queue("reports")
        self.role_name = f"{aws.name}-reader"

    def function(self, allowed: Sequence[str] = READ) -> str:
        """The function that reports; its role may do on the stream what is allowed."""
        role = self.aws.role("reader", LAMBDA, {self.arn: allowed, self.reports.arn: ["sqs:SendMessage"]})
        return self.aws.function(REPORTER, role, Environment={"Variables": {"REPORTS": self.reports.url}})

    def map(self, function: str, **options: Any) -> str:
        settings: Any = {
            "StartingPosition": "TRIM_HORIZON",
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
            **options,
        }
        return self.aws.map_source(self.arn, function, **settings)

    def put(self, *orders: dict[str, Any], key: str = "ada") -> None:
        records = [{"PartitionKey": key, "Data": json.dumps(order).encode()} for order in orders]
        assert self.kinesis.put_records(StreamName=self.name, Records=records)["FailedRecordCount"] == 0

    def collect(self, enough: Callable[[list[dict[str, Any]]], bool], seconds: float = 120) -> list[dict[str, Any]]:
        """Reports until there are enough."""
        found: list[dict[str, Any]] = []

        def all_of_them() -> bool:
            answer = self.aws.sqs.receive_message(QueueUrl=self.reports.url, MaxNumberOfMessages=10)
            for message in answer.get("Messages", []):
                found.append(json.loads(message["Body"]))
                self.aws.sqs.delete_message(QueueUrl=self.reports.url, ReceiptHandle=message["ReceiptHandle"])
            return enough(found)

        wait_for("reports", all_of_them, seconds)
        return sorted(found, key=lambda report: report["at"])

    def names(self, until: str, seconds: float = 120) -> list[list[str]]:
        """The names in each batch, until one with a certain name came."""
        reports = self.collect(lambda found: any(until in report["names"] for report in found), seconds)
        return [report["names"] for report in reports]

    def read(self) -> list[Any]:
        """Everything in the stream, decoded, shard by shard."""
        found = []
        for shard in self.kinesis.list_shards(StreamName=self.name)["Shards"]:
            iterator = self.kinesis.get_shard_iterator(
                StreamName=self.name, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
            )["ShardIterator"]
            found += self.kinesis.get_records(ShardIterator=iterator)["Records"]
        return [{**json.loads(record["Data"]), "partition_key": record["PartitionKey"]} for record in found]


def stream_events(aws: Aws, application_id: str) -> None:
    """Give a project an event stream of its own."""
    stream = Stream(aws)
    role = aws.role("stream", "pinpoint.amazonaws.com", {stream.arn: ["kinesis:PutRecords", "kinesis:DescribeStream"]})
    aws.client("pinpoint").put_event_stream(
        ApplicationId=application_id, WriteEventStream={"DestinationStreamArn": stream.arn, "RoleArn": role}
    )


def decoded(record: dict[str, Any]) -> Any:
    """What a record of a function's event holds."""
    return json.loads(base64.b64decode(record["kinesis"]["data"]))
