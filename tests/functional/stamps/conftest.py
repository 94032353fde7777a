from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from moto import mock_aws

from engagement.adapters.stamps import Stamps
from engagement.domain.destinations import DestinationName
from engagement.domain.plans.endpoints import ENDPOINT_TYPES
from local_cloud.faults import Faults
from local_cloud.pinpoint.emulator import Pinpoint
from local_cloud.pinpoint.neighbours import Neighbours
from local_cloud.pinpoint.server import PinpointServer
from local_cloud.service.neighbours import NeighbourError, Source
from tests import gateway
from tests.environment import STAMP_HOOK, STAMPER
from tests.functional.functions import REGION, Context, credentials, load
from tests.functional.stamps.shared_clock import SharedClock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_pinpoint import PinpointClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

RUN = "0123456789abcdef0123456789abcdef01234567"
INDEX = 2
DATA = {"plan": "release", "run": RUN, "step": "stamp", "index": INDEX}
BUCKET = "shop-exports"
ROLE_ARN = "arn:aws:iam::123456789012:role/shop-exports"
MESSAGES_PER_BATCH = 10

Fault = Callable[[dict[str, Any], Callable[[], object]], object]
"""What happens to a call of the hook: gets the event, and the call itself."""


@dataclass
class Hooks:
    """AWS Lambda as campaigns use it: the hook's handler in this process."""

    handler: Callable[[dict[str, Any], Context], object]
    fault: Fault = lambda _, call: call()
    calls: list[dict[str, Any]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def check(self, function: str, source: Source) -> None:
        """Every campaign may call it."""

    def invoke(self, function: str, payload: Mapping[str, Any], source: Source) -> object:  # noqa: ARG002
        event = json.loads(json.dumps(payload))
        # An execution environment has one invocation at a time, and the library's metrics rely on it.
        with self._lock:
            self.calls.append(event)
            return self.fault(event, lambda: self._call(event))

    def _call(self, event: dict[str, Any]) -> object:
        try:
            return self.handler(event, Context(14))
        except Exception as error:
            raise NeighbourError(str(error)) from error


@dataclass
class Buckets:
    """Amazon S3 as export jobs use it."""

    s3: S3Client

    def put(self, bucket: str, key: str, body: bytes, role_arn: str, source: Source) -> None:  # noqa: ARG002
        if role_arn != ROLE_ARN:
            raise NeighbourError(f"{role_arn} may not write")
        self.s3.put_object(Bucket=bucket, Key=key, Body=body)


@dataclass
class Stamping:
    """The stamp hook and stampers in this process: Pinpoint over HTTP, DynamoDB, SQS and S3 by moto."""

    hooks: Hooks
    stampers: list[ModuleType]
    stamps: Stamps
    server: PinpointServer
    clock: SharedClock
    faults: Faults
    pinpoint: PinpointClient
    dynamodb: DynamoDBClient
    sqs: SQSClient
    s3: S3Client
    application_id: str
    queue_url: str
    _sqs_lock: threading.Lock = field(default_factory=threading.Lock)

    def enroll(self, count: int, **changes: Any) -> list[str]:
        """Make endpoints of all channels in turn, one of a user each; their ids."""
        self.server.pinpoint.configure({"update_endpoints_batch_rate": 0})
        ids = [f"e-{number}" for number in range(count)]
        items = [
            {
                "Id": name,
                "ChannelType": ENDPOINT_TYPES[number % len(ENDPOINT_TYPES)],
                "Address": f"address-{number}",
                "Attributes": {"cohort": ["a"]},
                "User": {"UserId": f"user-{number}", "UserAttributes": {"plan": ["free"]}},
                **changes,
            }
            for number, name in enumerate(ids)
        ]
        for start in range(0, count, 100):
            self.pinpoint.update_endpoints_batch(
                ApplicationId=self.application_id, EndpointBatchRequest={"Item": items[start : start + 100]}
            )
        self.server.pinpoint.configure({"update_endpoints_batch_rate": 2})
        return ids

    def segment(self) -> str:
        """A segment of everybody that was enrolled."""
        answer = self.pinpoint.create_segment(
            ApplicationId=self.application_id,
            WriteSegmentRequest={
                "Name": "everybody",
                "Dimensions": {"Attributes": {"cohort": {"AttributeType": "INCLUSIVE", "Values": ["a"]}}},
            },
        )
        return answer["SegmentResponse"]["Id"]

    def campaign(self, data: object = DATA, **changes: Any) -> dict[str, Any]:
        """Run a stamp's campaign for everybody; how it went."""
        answer = self.pinpoint.create_campaign(
            ApplicationId=self.application_id,
            WriteCampaignRequest={
                "Name": "stamp",
                "SegmentId": self.segment(),
                "Schedule": {"StartTime": "IMMEDIATE"},
                "MessageConfiguration": {"CustomMessage": {"Data": json.dumps(data)}},
                "CustomDeliveryConfiguration": {"DeliveryUri": "stamp-hook", "EndpointTypes": list(ENDPOINT_TYPES)},
                **changes,
            },
        )
        deadline = time.monotonic() + 600
        while time.monotonic() < deadline:
            for campaign in self.server.pinpoint.campaigns(self.application_id) or []:
                if campaign["id"] == answer["CampaignResponse"]["Id"] and campaign["status"] == "COMPLETED":
                    return campaign
            time.sleep(0.02)
        raise AssertionError("the campaign did not end within 600 seconds")

    def deliver(self, stamper: ModuleType | None = None, seconds: float = 60) -> tuple[int, int]:
        """Hand one batch of messages to a stamper; how many there were, and how many it returned."""
        with self._sqs_lock:
            found = self.sqs.receive_message(QueueUrl=self.queue_url, MaxNumberOfMessages=MESSAGES_PER_BATCH)
        messages = {message["MessageId"]: message for message in found.get("Messages", [])}
        if not messages:
            return 0, 0
        records = [gateway.record(message["Body"], message_id=name) for name, message in messages.items()]
        answer = (stamper or self.stampers[0]).handler({"Records": records}, Context(seconds))
        returned = {item["itemIdentifier"] for item in answer["batchItemFailures"]}
        handles = {name: message["ReceiptHandle"] for name, message in messages.items()}
        with self._sqs_lock:
            for name in returned:
                self.sqs.change_message_visibility(
                    QueueUrl=self.queue_url, ReceiptHandle=handles[name], VisibilityTimeout=0
                )
            if settled := handles.keys() - returned:
                entries = [{"Id": name, "ReceiptHandle": handles[name]} for name in settled]
                self.sqs.delete_message_batch(QueueUrl=self.queue_url, Entries=entries)
        return len(messages), len(returned)

    def drain(self) -> None:
        """Let all stampers work side by side until the queue is empty."""
        threads = [threading.Thread(target=self._work, args=(stamper,)) for stamper in self.stampers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _work(self, stamper: ModuleType) -> None:
        with self.clock.working():
            while self.deliver(stamper)[0]:
                # The event source takes its time between two batches.
                self.clock.sleep(0.05)

    def updates(self) -> list[dict[str, Any]]:
        """The UpdateEndpointsBatch requests that stamped, in order."""
        requests = self.server.pinpoint.journal.since(0)["requests"]
        return [
            entry
            for entry in requests
            if entry["operation"] == "UpdateEndpointsBatch" and "Address" not in entry["request"]["Item"][0]
        ]

    def endpoints(self) -> dict[str, dict[str, Any]]:
        """What Pinpoint holds, by id."""
        return self.server.pinpoint.endpoints(self.application_id) or {}

    def stamped(self, name: str = "plan", values: tuple[str, ...] = ("gold",)) -> set[str]:
        """Ids of the endpoints that have a user attribute."""
        return {
            endpoint_id
            for endpoint_id, endpoint in self.endpoints().items()
            if endpoint["User"]["UserAttributes"].get(name) == list(values)
        }

    def pending(self) -> int:
        """How many batches are open."""
        return sum(self.stamps.pending(RUN, INDEX, name) for name in DestinationName)

    def items(self) -> list[dict[str, Any]]:
        """Everything in the ledger."""
        return self.dynamodb.scan(TableName="shop-ledger")["Items"]


@pytest.fixture
def stamping(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stamping]:
    """A run whose step stamps `plan = gold`, a hook and two stampers that share 2 requests per second."""
    credentials(monkeypatch)
    with mock_aws():
        dynamodb = boto3.client("dynamodb", region_name=REGION)
        sqs = boto3.client("sqs", region_name=REGION)
        s3 = boto3.client("s3", region_name=REGION)
        dynamodb.create_table(
            TableName="shop-ledger",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        )
        queue_url = sqs.create_queue(QueueName="shop-stamps")["QueueUrl"]
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        hook = load(monkeypatch, "engagement.handlers.hook", STAMP_HOOK | {"STAMP_QUEUE_URL": queue_url})
        hooks, clock, faults = Hooks(hook.handler), SharedClock(), Faults()
        emulator = Pinpoint(
            clock=clock.monotonic, wall_clock=clock.wall, faults=faults, neighbours=Neighbours(hooks, Buckets(s3))
        )
        with PinpointServer(pinpoint=emulator) as server:
            # The emulator holds requests against the service model itself.
            trusting = Config(parameter_validation=False)
            pinpoint = boto3.client("pinpoint", region_name=REGION, endpoint_url=server.url, config=trusting)
            application = pinpoint.create_app(CreateApplicationRequest={"Name": "shop"})["ApplicationResponse"]
            environment = STAMPER | {
                "AWS_ENDPOINT_URL_PINPOINT": server.url,
                "PINPOINT_APPLICATION_ID": application["Id"],
            }
            stampers = [load(monkeypatch, "engagement.handlers.stamp", environment) for _ in range(2)]
            publishing = threading.Lock()
            for stamper in stampers:
                monkeypatch.setattr(stamper, "time", clock)
                monkeypatch.setattr(stamper, "count", _one_at_a_time(stamper.count, publishing))
            stamps = Stamps(
                dynamodb,
                lambda: sqs,
                "shop-ledger",
                queue_url,
                timedelta(days=30),
                lambda: datetime.now(UTC),
                ("pinpoint",),
            )
            stamps.set_values(RUN, INDEX, {"plan": ["gold"]})
            yield Stamping(
                hooks,
                stampers,
                stamps,
                server,
                clock,
                faults,
                pinpoint,
                dynamodb,
                sqs,
                s3,
                application["Id"],
                queue_url,
            )


def _one_at_a_time(publish: Callable[[Mapping[str, int]], None], lock: threading.Lock) -> Callable[..., None]:
    """The library's metrics belong to the process, which two stampers share here only."""

    def locked(values: Mapping[str, int]) -> None:
        with lock:
            publish(values)

    return locked
