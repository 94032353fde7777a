from __future__ import annotations

import functools
import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
import botocore.session
import moto.sqs.models
import pytest
from botocore.loaders import create_loader
from moto import mock_aws

from local_cloud.faults import Faults
from tests import gateway
from tests.environment import PIXEL
from tests.functional.destinations import Arrived, Destination, running
from tests.functional.functions import REGION, Context, credentials, load
from tests.functional.hurry import Hurry
from tests.queues import drain

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.literals import QueueAttributeNameType
    from mypy_boto3_sqs.type_defs import MessageTypeDef

# Each cloud has sessions of its own, and each would read the models of services anew: megabytes of JSON.
botocore.session.create_loader = functools.cache(create_loader)
# Each call of a queue asks the time for each of its messages; moto's own clock makes four datetimes of it.
moto.sqs.models.unix_time_millis = lambda: time.time() * 1000

PATIENCE = 120.0
"""Seconds: much more than anything takes that a test waits for."""

each_destination = pytest.mark.parametrize("destinations", [("pinpoint",), ("connect",)], ids=str, indirect=True)
"""For tests of what a consumer does whatever its destination is."""


@dataclass
class Consumer:
    """The deployed function in this process: the real handler, its destinations over HTTP, SQS by moto."""

    handler: Callable[[dict[str, Any], Context], dict[str, list[dict[str, str]]]]
    destinations: Mapping[str, Destination]
    faults: Faults
    sqs: SQSClient
    ingest_url: str
    rejects_url: str
    dlq_url: str

    def receive(self, *bodies: str, seconds: float = 120.0) -> set[str]:
        """Deliver messages as the event source does; the ids of those that the function returned.

        With what is in the ingest queue already, such as events that were put back.
        """
        for start in range(0, len(bodies), 10):
            entries = [
                {"Id": str(number), "MessageBody": text} for number, text in enumerate(bodies[start : start + 10])
            ]
            answer = self.sqs.send_message_batch(QueueUrl=self.ingest_url, Entries=entries)
            assert not answer.get("Failed")
        records: list[dict[str, Any]] = []
        while part := self.sqs.receive_message(
            QueueUrl=self.ingest_url, MaxNumberOfMessages=10, AttributeNames=["ApproximateReceiveCount"]
        ).get("Messages", []):
            records += [
                gateway.record(
                    message["Body"],
                    message_id=message["MessageId"],
                    receive_count=int(message["Attributes"]["ApproximateReceiveCount"]),
                )
                | {"receiptHandle": message["ReceiptHandle"]}
                for message in part
            ]
        answer = self.handler({"Records": records}, Context(seconds))
        returned = {item["itemIdentifier"] for item in answer["batchItemFailures"]}
        settled = [record["receiptHandle"] for record in records if record["messageId"] not in returned]
        for start in range(0, len(settled), 10):
            handles = settled[start : start + 10]
            self.sqs.delete_message_batch(
                QueueUrl=self.ingest_url,
                Entries=[{"Id": str(number), "ReceiptHandle": handle} for number, handle in enumerate(handles)],
            )
        return returned

    def receive_until_empty(self) -> set[str]:
        """Deliver what was put back, once its delay is over."""
        deadline = time.monotonic() + PATIENCE
        returned: set[str] = set()
        while time.monotonic() < deadline:
            # In this order, and not in one call: a message whose delay ends in between is counted at least once.
            delayed = self._count("ApproximateNumberOfMessagesDelayed")
            waiting = self._count("ApproximateNumberOfMessages")
            if not delayed and not waiting:
                return returned
            if waiting:
                returned |= self.receive()
            time.sleep(0.05)
        raise AssertionError(f"the ingest queue did not empty within {PATIENCE:.0f} seconds")

    def wait_for(self, count: int) -> list[str]:
        """Bodies of so many messages that are in the ingest queue, as soon as their delay is over; removed from it."""
        deadline = time.monotonic() + PATIENCE
        found: list[str] = []
        while len(found) < count:
            assert time.monotonic() < deadline, f"{len(found)} messages came back within {PATIENCE:.0f} seconds"
            found += self.texts(self.ingest_url)
            time.sleep(0.05)
        return found

    def _count(self, name: QueueAttributeNameType) -> int:
        answer = self.sqs.get_queue_attributes(QueueUrl=self.ingest_url, AttributeNames=[name])
        return int(answer["Attributes"][name])

    def drain(self, url: str) -> list[MessageTypeDef]:
        """Everything that can be received from a queue, removed from it."""
        return drain(self.sqs, url)

    def texts(self, url: str) -> list[str]:
        """Bodies of everything that can be received from a queue, removed from it."""
        return [message["Body"] for message in self.drain(url)]

    def rejects(self) -> list[tuple[str, str]]:
        """Reason and body of everything in the rejects queue, removed from it."""
        return [
            (message["MessageAttributes"]["reason"]["StringValue"], message["Body"])
            for message in self.drain(self.rejects_url)
        ]

    @property
    def destination(self) -> Destination:
        """The first of its destinations."""
        return next(iter(self.destinations.values()))

    def fail(self, kind: str, **options: Any) -> None:
        """Let that one fail, as `Destination.fault` says."""
        self.faults.put([self.destination.fault(kind, **options)])

    def events(self) -> list[Arrived]:
        """What it took, in order."""
        return self.destination.events()

    def user_attributes(self, endpoint_id: str) -> dict[str, str]:
        """What it holds of a customer."""
        return self.destination.user_attributes(endpoint_id)


@pytest.fixture
def destinations(request: pytest.FixtureRequest) -> tuple[str, ...]:
    """Names of the consumer's destinations."""
    return getattr(request, "param", ("pinpoint",))


@pytest.fixture
def consumer(
    monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, destinations: tuple[str, ...]
) -> Iterator[Consumer]:
    """The consumer; a test's mark `environment` changes its variables."""
    credentials(monkeypatch)
    faults = Faults()
    with mock_aws(), ExitStack() as stack:
        there = {name: stack.enter_context(running(name, faults)) for name in destinations}
        sqs = boto3.client("sqs", region_name=REGION)
        ingest = sqs.create_queue(QueueName="shop-pixel-events")["QueueUrl"]
        rejects = sqs.create_queue(QueueName="shop-pixel-rejects")["QueueUrl"]
        dlq = sqs.create_queue(QueueName="shop-pixel-dlq")["QueueUrl"]
        environment = PIXEL | {
            "PINPOINT_APPLICATION_ID": "",
            "PUT_EVENTS_RATE": "1000",
            "INGEST_QUEUE_URL": ingest,
            "REJECTS_QUEUE_URL": rejects,
            "DLQ_URL": dlq,
            "MAX_RECEIVE_COUNT": "3",
            # The shortest there is: what is put back is delayed by it.
            "RETURN_DELAY_SECONDS": "1",
            "USER_ATTRIBUTES_ANONYMOUS": json.dumps(["plan", "city"]),
            "POWERTOOLS_SERVICE_NAME": "pixel",
            "POWERTOOLS_METRICS_NAMESPACE": "CustomerEngagement",
        }
        for destination in there.values():
            environment |= destination.environment
        mark = request.node.get_closest_marker("environment")
        environment |= mark.kwargs if mark else {}
        module = load(monkeypatch, "engagement.handlers.pixel", environment)
        monkeypatch.setattr(module, "time", Hurry())
        yield Consumer(module.handler, there, faults, sqs, ingest, rejects, dlq)
