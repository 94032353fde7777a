from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws

from local_cloud.faults import Faults
from local_cloud.pinpoint.server import PinpointServer
from tests import gateway
from tests.environment import PIXEL
from tests.functional.functions import REGION, Context, credentials, load
from tests.queues import drain

if TYPE_CHECKING:
    from mypy_boto3_pinpoint import PinpointClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.literals import QueueAttributeNameType
    from mypy_boto3_sqs.type_defs import MessageTypeDef


@dataclass
class Consumer:
    """The deployed function in this process: the real handler, Pinpoint over HTTP, SQS by moto."""

    handler: Callable[[dict[str, Any], Context], dict[str, list[dict[str, str]]]]
    server: PinpointServer
    pinpoint: PinpointClient
    faults: Faults
    sqs: SQSClient
    application_id: str
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
        deadline = time.monotonic() + 10
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
        raise AssertionError("the ingest queue did not empty within 10 seconds")

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

    def requests(self) -> list[dict[str, Any]]:
        """PutEvents requests that Pinpoint saw, in order."""
        return [
            entry for entry in self.server.pinpoint.journal.since(0)["requests"] if entry["operation"] == "PutEvents"
        ]

    def events(self) -> list[tuple[str, str, dict[str, Any]]]:
        """Endpoint id, event id and event of everything that Pinpoint accepted, in order."""
        return [
            (endpoint_id, event_id, item["Events"][event_id])
            for entry in self.requests()
            if entry["status"] == 202
            for endpoint_id, item in entry["request"]["BatchItem"].items()
            for event_id, result in entry["response"]["Results"][endpoint_id]["EventsItemResponse"].items()
            if result["StatusCode"] == 202
        ]

    def user_attributes(self, endpoint_id: str) -> dict[str, list[str]]:
        """What Pinpoint holds of an endpoint's user."""
        answer = self.pinpoint.get_endpoint(ApplicationId=self.application_id, EndpointId=endpoint_id)
        return answer["EndpointResponse"].get("User", {}).get("UserAttributes", {})


@pytest.fixture
def consumer(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[Consumer]:
    """The consumer; a test's mark `environment` changes its variables."""
    credentials(monkeypatch)
    faults = Faults()
    with mock_aws(), PinpointServer(faults=faults) as server:
        sqs = boto3.client("sqs", region_name=REGION)
        ingest = sqs.create_queue(QueueName="shop-pixel-events")["QueueUrl"]
        rejects = sqs.create_queue(QueueName="shop-pixel-rejects")["QueueUrl"]
        dlq = sqs.create_queue(QueueName="shop-pixel-dlq")["QueueUrl"]
        pinpoint = boto3.client("pinpoint", region_name=REGION, endpoint_url=server.url)
        application = pinpoint.create_app(CreateApplicationRequest={"Name": "shop"})
        application_id = application["ApplicationResponse"]["Id"]
        environment = PIXEL | {
            "AWS_ENDPOINT_URL_PINPOINT": server.url,
            "PINPOINT_APPLICATION_ID": application_id,
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
        mark = request.node.get_closest_marker("environment")
        environment |= mark.kwargs if mark else {}
        handler = load(monkeypatch, "engagement.handlers.pixel", environment).handler
        yield Consumer(handler, server, pinpoint, faults, sqs, application_id, ingest, rejects, dlq)
