"""A pixel without Terraform and without its function: a test plays the consumer."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote, urlencode

from botocore.config import Config

from tests.local_cloud.aws import GATEWAY, Api, Aws, Queue, Reply, pixel_api, wait_for

if TYPE_CHECKING:
    from mypy_boto3_pinpoint import PinpointClient

# What the module's templates write, as far as events are followed by it.
MESSAGE = (
    "Action=SendMessage&MessageBody=%7B%22version%22%3A1%2C%22request_id%22%3A%22"
    "$util.urlEncode($util.urlEncode($context.extendedRequestId))%22%7D"
)


@dataclass
class Pixel:
    """API, queues and Pinpoint project, all named after the test."""

    aws: Aws
    api: Api
    ingest: Queue
    rejects: Queue
    dlq: Queue
    pinpoint: PinpointClient
    application_id: str

    @classmethod
    def of(cls, aws: Aws) -> Self:
        dlq = aws.queue("pixel-dlq")
        redrive = json.dumps({"deadLetterTargetArn": dlq.arn, "maxReceiveCount": 1})
        ingest = aws.queue("pixel-events", RedrivePolicy=redrive, VisibilityTimeout="0")
        role = aws.role("gateway", GATEWAY, {ingest.arn: ["sqs:SendMessage"]})
        templates = {"application/json": MESSAGE, "text/plain": MESSAGE}
        api = aws.api(pixel_api(ingest, role, integration={"requestTemplates": templates}))
        # Every test of a session shares the 15 PutEvents per second of its account.
        pinpoint = aws.client("pinpoint", config=Config(retries={"mode": "standard", "total_max_attempts": 6}))
        made = pinpoint.create_app(CreateApplicationRequest={"Name": aws.name})["ApplicationResponse"]
        return cls(aws, api, ingest, aws.queue("pixel-rejects"), dlq, pinpoint, made["Id"])

    def call(self, **parameters: str) -> Reply:
        return self.api.call(f"/events?{urlencode(parameters, quote_via=quote)}")

    def post(self, document: object) -> Reply:
        return self.api.call("/events", "POST", [("Content-Type", "application/json")], json.dumps(document).encode())

    def take(self) -> str:
        """Take one message out of the ingest queue."""

        def message() -> str | None:
            found = self.aws.sqs.receive_message(QueueUrl=self.ingest.url, VisibilityTimeout=30).get("Messages")
            if not found:
                return None
            self.aws.sqs.delete_message(QueueUrl=self.ingest.url, ReceiptHandle=found[0]["ReceiptHandle"])
            return found[0]["Body"]

        return wait_for("a message", message)

    def reject(self, body: str, reason: str, detail: str = "") -> None:
        said = {"reason": reason, "detail": detail or reason}
        attributes: Any = {name: {"DataType": "String", "StringValue": text} for name, text in said.items()}
        self.aws.sqs.send_message(QueueUrl=self.rejects.url, MessageBody=body, MessageAttributes=attributes)

    def bury(self) -> None:
        """Receive what is in the ingest queue until it lies in the dead-letter queue."""
        before = self.aws.depth(self.dlq)

        def dead() -> bool:
            self.aws.sqs.receive_message(QueueUrl=self.ingest.url, VisibilityTimeout=0)
            return self.aws.depth(self.dlq) > before

        wait_for("a dead letter", dead)

    def arrive(self, endpoint_id: str, event_id: str, event: str = "click", **members: Any) -> None:
        sent = {"EventType": event, "Timestamp": datetime.now(UTC).isoformat(), **members}
        self.pinpoint.put_events(
            ApplicationId=self.application_id,
            EventsRequest={"BatchItem": {endpoint_id: {"Endpoint": {}, "Events": {event_id: sent}}}},
        )

    def send(self, configuration: Mapping[str, Any], **addresses: str) -> dict[str, Any]:
        """Send a message to addresses, each named with its channel; the result of each."""
        answer = self.pinpoint.send_messages(
            ApplicationId=self.application_id,
            MessageRequest={
                "Addresses": {address: {"ChannelType": channel} for channel, address in addresses.items()},  # type: ignore[misc]
                "MessageConfiguration": configuration,  # type: ignore[typeddict-item]
            },
        )
        return dict(answer["MessageResponse"]["Result"])

    def open_channels(self) -> None:
        """Enable e-mail, SMS and push."""
        identity = "arn:aws:ses:us-east-1:000000000000:identity/example.com"
        self.pinpoint.update_email_channel(
            ApplicationId=self.application_id,
            EmailChannelRequest={"FromAddress": "shop@example.com", "Identity": identity},
        )
        self.pinpoint.update_sms_channel(ApplicationId=self.application_id, SMSChannelRequest={"SenderId": "Shop"})
        self.pinpoint.update_gcm_channel(ApplicationId=self.application_id, GCMChannelRequest={"ApiKey": "k"})

    def hits(self) -> list[dict[str, Any]]:
        """The console's hits of this pixel, oldest first."""
        feed = self.aws.local("console/feed")
        return [hit for hit in feed["hits"] if hit["api_id"] == self.api.api_id]

    def states(self) -> list[list[str]]:
        """What became of the events of each hit."""
        return [[fate["state"] for fate in hit["fates"]] for hit in self.hits()]

    def depths(self) -> dict[str, tuple[str, int]]:
        """Role and waiting messages of each queue, by the end of its name."""
        return {
            queue["name"].removeprefix(f"{self.aws.name}-pixel-"): (queue["role"], queue["visible"])
            for queue in self.aws.local("console/feed")["queues"]
            if queue["name"].startswith(self.aws.name)
        }


def request(port: int, method: str, path: str, headers: Mapping[str, str] | None = None, body: str = "") -> Reply:
    """One plain request, as a program or a browser sends it."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    try:
        connection.request(method, path, body or None, dict(headers or {}))
        response = connection.getresponse()
        return Reply(response.status, {name.lower(): value for name, value in response.getheaders()}, response.read())
    finally:
        connection.close()
