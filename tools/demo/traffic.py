"""Sending the calls, and finding out what became of each."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import boto3

from local_cloud.process import LocalCloud
from tools.demo.calls import Call

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

# The first cold start of the function is part of it.
WAIT_SECONDS = 300.0
POLL_SECONDS = 0.2
# Longer than reading the whole queue takes, and short enough for the next look.
HIDE_SECONDS = 1


@dataclass
class SentCall:
    """One call on its way."""

    call: Call
    event_id: str
    status: int = 0
    answer: str = ""
    outcome: str = ""

    @property
    def settled(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.status != 200 or bool(self.outcome)


class Traffic:
    """The calls of one run.

    Parameters
    ----------
    cloud
        The local cloud with the applied example.
    pixel
        Its output `pixel`.
    application_id
        The Pinpoint project.
    """

    def __init__(self, cloud: LocalCloud, pixel: Mapping[str, Any], application_id: str) -> None:
        self._cloud = cloud
        self._url = cloud.local_url(pixel["url"])
        self._rejects_url: str = pixel["rejects_queue_url"]
        self._application_id = application_id
        self._sqs: SQSClient = boto3.client("sqs", endpoint_url=cloud.url, region_name="us-east-1", **_KEYS)

    def send(self, calls: Sequence[Call]) -> list[SentCall]:
        """Make every call once; each gets an event id by which it is found again."""
        run = uuid.uuid4().hex[:8]
        sent = [SentCall(call, f"demo-{run}-{number:02}") for number, call in enumerate(calls, 1)]
        for one in sent:
            query = urlencode({**one.call.parameters, "event_id": one.event_id})
            one.status, one.answer = _get(f"{self._url}?{query}")
        return sent

    def follow(self, sent: Sequence[SentCall]) -> None:
        """Wait until each queued call has arrived or was rejected, and write the outcome down."""
        deadline = time.monotonic() + WAIT_SECONDS
        while not all(one.settled for one in sent) and time.monotonic() < deadline:
            arrived, rejected = self._arrived(), self._rejected()
            for one in sent:
                one.outcome = arrived.get(one.event_id) or rejected.get(one.event_id) or one.outcome
            time.sleep(POLL_SECONDS)

    def endpoints(self) -> dict[str, Any]:
        """The endpoints that Pinpoint holds."""
        found: dict[str, Any] = self._local(f"pinpoint/apps/{self._application_id}/endpoints")
        return found

    def _arrived(self) -> dict[str, str]:
        return {
            event_id: f"arrived: {_said(event)}"
            for entry in self._local("pinpoint/requests")["requests"]
            if entry["operation"] == "PutEvents" and entry["status"] == 202
            for item in entry["request"]["BatchItem"].values()
            for event_id, event in item["Events"].items()
        }

    def _rejected(self) -> dict[str, str]:
        found = {}
        while messages := self._sqs.receive_message(
            QueueUrl=self._rejects_url,
            MaxNumberOfMessages=10,
            VisibilityTimeout=HIDE_SECONDS,
            MessageAttributeNames=["All"],
        ).get("Messages"):
            for message in messages:
                # What could not be read at all is kept as it came, without events.
                for event in json.loads(message["Body"]).get("events", []):
                    reason = message["MessageAttributes"]["reason"]["StringValue"]
                    found[event["parameters"].get("event_id", "")] = f"rejected: {reason}"
        return found

    def _local(self, path: str) -> Any:  # noqa: ANN401 (JSON)
        with urllib.request.urlopen(f"{self._cloud.url}/_local/{path}", timeout=60) as response:  # noqa: S310 (loopback)
            return json.load(response)


_KEYS: Mapping[str, Any] = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}


def _get(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=60) as response:  # noqa: S310 (loopback)
            return response.status, response.headers.get_content_type()
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)["message"]


def _said(event: Mapping[str, Any]) -> str:
    """What an event says beside its ids."""
    values = {name: value for name, value in event.get("Attributes", {}).items() if name != "event_id"}
    values |= event.get("Metrics", {})
    return ", ".join([event["EventType"], *(f"{name}={value}" for name, value in values.items())])
