"""An application in the emulator, called by a real client without sockets, whose time the test moves."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from local_cloud.pinpoint import NeighbourError, Neighbours, Pinpoint, Settings, Source
from local_cloud.service.outbox import Message
from tests.local_cloud.sdk import ACCOUNT, REGION, Client

if TYPE_CHECKING:
    from mypy_boto3_pinpoint import PinpointClient

START = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
UNLIMITED = Settings(
    put_events_rate=0,
    update_endpoint_rate=0,
    update_endpoints_batch_rate=0,
    get_endpoint_rate=0,
    delete_endpoint_rate=0,
    campaign_write_rate=0,
    segment_write_rate=0,
    other_rate=0,
)
ROLE = f"arn:aws:iam::{ACCOUNT}:role/export"
STREAM = f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/events"
STREAM_ROLE = f"arn:aws:iam::{ACCOUNT}:role/stream"
EVERYBODY: dict[str, Any] = {"Attributes": {"nobody": {"AttributeType": "EXCLUSIVE", "Values": ["x"]}}}


class LocalFunctions:
    """Functions that are Python functions of the test."""

    def __init__(self) -> None:
        self.known: dict[str, Callable[[dict[str, Any]], object]] = {}
        self.calls: list[tuple[str, dict[str, Any], Source]] = []
        self.most_at_once = 0
        self._at_once = 0
        self._lock = threading.Lock()

    def check(self, function: str, source: Source) -> None:
        if function not in self.known:
            raise NeighbourError(f"{source.arn} may not call {function}")

    def invoke(self, function: str, payload: Mapping[str, Any], source: Source) -> object:
        with self._lock:
            self.calls.append((function, dict(payload), source))
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            return self.known[function](dict(payload))
        finally:
            with self._lock:
                self._at_once -= 1


class LocalBuckets:
    """Buckets of the test; only `ROLE` may write."""

    def __init__(self) -> None:
        self.objects: dict[tuple[str, str], bytes] = {}

    def put(self, bucket: str, key: str, body: bytes, role_arn: str, source: Source) -> None:
        if role_arn != ROLE:
            raise NeighbourError(f"{role_arn} may not write for {source.arn}")
        self.objects[bucket, key] = body


class LocalStreams:
    """Streams of the test, which take everything unless they refuse."""

    def __init__(self) -> None:
        self.written: list[tuple[str, str, Sequence[tuple[str, bytes]], Source]] = []
        self.refusal = ""
        self.before_write: Callable[[], object] = lambda: None

    def check(self, stream_arn: str, role_arn: str, source: Source) -> None:
        if self.refusal:
            raise NeighbourError(f"{role_arn} may not describe {stream_arn} for {source.arn}: {self.refusal}")

    def put(self, stream_arn: str, role_arn: str, records: Sequence[tuple[str, bytes]], source: Source) -> None:
        self.before_write()
        if self.refusal:
            raise NeighbourError(self.refusal)
        self.written.append((stream_arn, role_arn, records, source))


class Project:
    """The application and what surrounds it."""

    def __init__(self, **settings: Any) -> None:
        self.now = START
        self.functions = LocalFunctions()
        self.buckets = LocalBuckets()
        self.streams = LocalStreams()
        self.pinpoint = Pinpoint(
            wall_clock=lambda: self.now,
            clock=self._seconds,
            settings=replace(UNLIMITED, **settings),
            neighbours=Neighbours(self.functions, self.buckets, self.streams),
        )
        self.client: PinpointClient = Client(self.pinpoint.handle, "pinpoint")
        made = self.client.create_app(CreateApplicationRequest={"Name": "shop"})
        self.id = made["ApplicationResponse"]["Id"]
        self.client.update_email_channel(
            ApplicationId=self.id,
            EmailChannelRequest={
                "FromAddress": "shop@example.com",
                "Identity": f"arn:aws:ses:{REGION}:{ACCOUNT}:identity/example.com",
            },
        )
        self.client.update_sms_channel(ApplicationId=self.id, SMSChannelRequest={"SenderId": "Shop"})
        self.client.update_gcm_channel(ApplicationId=self.id, GCMChannelRequest={"ApiKey": "k"})

    def _seconds(self) -> float:
        return self.now.timestamp()

    def later(self, **duration: float) -> Project:
        """Move the time on, then do what is due."""
        self.now += timedelta(**duration)
        self.pinpoint.work.do()
        return self

    def moment(self, **ahead: float) -> str:
        return (self.now + timedelta(**ahead)).isoformat().replace("+00:00", "Z")

    def endpoint(self, endpoint_id: str, channel: str = "EMAIL", **members: Any) -> None:
        given = {"ChannelType": channel, "Address": f"{endpoint_id}@example.com", **members}
        self.client.update_endpoint(ApplicationId=self.id, EndpointId=endpoint_id, EndpointRequest=given)  # type: ignore[arg-type]

    def segment(self, **criteria: Any) -> str:
        """A segment; of everybody by default."""
        request: Any = {"Name": "s", **(criteria or {"Dimensions": EVERYBODY})}
        made = self.client.create_segment(ApplicationId=self.id, WriteSegmentRequest=request)
        return made["SegmentResponse"]["Id"]

    def members(self, segment_id: str) -> set[str]:
        """Who belongs to a segment: whom a campaign to it reaches."""
        before = len(self.sent())
        self.campaign(SegmentId=segment_id)
        self.later()
        return {message.endpoint_id for message in self.sent()[before:]}

    def campaign(self, **members: Any) -> str:
        """A campaign; by default it e-mails everybody at once."""
        request: Any = {
            "Name": "c",
            "Schedule": {"StartTime": "IMMEDIATE"},
            "MessageConfiguration": {"EmailMessage": {"Title": "Hi", "Body": "Hello"}},
            **members,
        }
        if "SegmentId" not in request:
            request["SegmentId"] = self.segment()
        made = self.client.create_campaign(ApplicationId=self.id, WriteCampaignRequest=request)
        return made["CampaignResponse"]["Id"]

    def custom(self, function: Callable[[dict[str, Any]], object], **members: Any) -> str:
        """A campaign on the custom channel, for endpoints of every type."""
        self.functions.known["deliver"] = function
        types = ["EMAIL", "SMS", "PUSH", "CUSTOM"]
        return self.campaign(
            MessageConfiguration={"CustomMessage": {"Data": "data"}},
            CustomDeliveryConfiguration={"DeliveryUri": "deliver", "EndpointTypes": types},
            **members,
        )

    def get(self, campaign_id: str) -> dict[str, Any]:
        answer = self.client.get_campaign(ApplicationId=self.id, CampaignId=campaign_id)
        return dict(answer["CampaignResponse"])

    def status(self, campaign_id: str) -> str:
        return str(self.get(campaign_id)["State"]["CampaignStatus"])

    def update(self, campaign_id: str, **members: Any) -> dict[str, Any]:
        request: Any = members
        answer = self.client.update_campaign(
            ApplicationId=self.id, CampaignId=campaign_id, WriteCampaignRequest=request
        )
        return dict(answer["CampaignResponse"])

    def activities(self, campaign_id: str) -> list[dict[str, Any]]:
        answer = self.client.get_campaign_activities(ApplicationId=self.id, CampaignId=campaign_id)
        return [dict(item) for item in answer["ActivitiesResponse"]["Item"]]

    def skipped(self, campaign_id: str) -> dict[str, int]:
        found = self.pinpoint.campaigns(self.id) or []
        return next(dict(one["skipped"]) for one in found if one["id"] == campaign_id)

    def stream(self) -> None:
        """Give the application an event stream."""
        request = {"DestinationStreamArn": STREAM, "RoleArn": STREAM_ROLE}
        self.client.put_event_stream(ApplicationId=self.id, WriteEventStream=request)  # type: ignore[arg-type]

    def streamed(self) -> list[Any]:
        """Everything that was written to the event stream."""
        return [json.loads(data) for _, _, records, _ in self.streams.written for _, data in records]

    def sent(self) -> list[Message]:
        return [message for _, message in self.pinpoint.outbox.since()]

    def reached(self) -> list[str]:
        return sorted(message.endpoint_id for message in self.sent())
