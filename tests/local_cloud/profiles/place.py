"""A domain in the emulator, without sockets, called through the real SDK."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from botocore.exceptions import ClientError

from local_cloud.profiles import Neighbours, Profiles, Settings
from local_cloud.service.neighbours import NeighbourError, Source
from tests.local_cloud.sdk import Client

EVENTS: Final = "shop-events"
UNLIMITED: Final = Settings(
    put_profile_object_rate=0,
    search_profiles_rate=0,
    update_profile_rate=0,
    create_profile_rate=0,
    add_profile_key_rate=0,
    list_profile_objects_rate=0,
    put_object_type_rate=0,
    put_integration_rate=0,
    change_rate=0,
    other_rate=0,
)
FIELDS: Final[dict[str, Any]] = {
    "customerId": {"Source": "_source.customerId"},
    "eventId": {"Source": "_source.eventId"},
    "eventType": {"Source": "_source.eventType"},
    "tier": {"Source": "_source.userAttributes.tier", "Target": "_profile.Attributes.tier"},
}
KEYS: Final[dict[str, Any]] = {
    "_account": [{"StandardIdentifiers": ["PROFILE", "LOOKUP_ONLY"], "FieldNames": ["customerId"]}],
    "shop-events-id": [{"StandardIdentifiers": ["UNIQUE"], "FieldNames": ["customerId", "eventId"]}],
}


def refused(call: Callable[..., Any], **parameters: Any) -> tuple[int, str]:
    """HTTP status and error name of a call that fails."""
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    response = caught.value.response
    return response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Code"]


BAD: Final = (400, "BadRequestException")
MISSING: Final = (404, "ResourceNotFoundException")


@dataclass
class Queue:
    """A queue that keeps what it gets, or refuses it."""

    messages: list[dict[str, Any]] = field(default_factory=list)
    refusing: bool = False

    def send(self, queue_url: str, body: str, source: Source) -> None:
        if self.refusing:
            raise NeighbourError(f"{queue_url} does not let {source.arn} in")
        self.messages.append(json.loads(body))


@dataclass
class Bucket:
    """A bucket that keeps what is written to it, or refuses it."""

    files: dict[str, bytes] = field(default_factory=dict)
    refusing: bool = False

    def put(self, bucket: str, key: str, body: bytes, role_arn: str, source: Source) -> None:  # noqa: ARG002
        if self.refusing:
            raise NeighbourError(f"{role_arn} may not write")
        self.files[f"s3://{bucket}/{key}"] = body


@dataclass
class Taken:
    """Campaigns that remember whom they got."""

    people: list[tuple[str, str]] = field(default_factory=list)

    def take(self, campaign_arn: str, profile_id: str) -> None:
        self.people.append((campaign_arn, profile_id))


class Place:
    """A domain named `shop` with a dead-letter queue and an object type, whose time stands still."""

    def __init__(self, settings: Settings = UNLIMITED) -> None:
        self.now = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
        self.seconds = 1000.0
        self.queue, self.bucket, self.campaigns = Queue(), Bucket(), Taken()
        self.factor = 1.0
        self.emulator = Profiles(
            clock=lambda: self.seconds,
            wall_clock=lambda: self.now,
            settings=settings,
            neighbours=Neighbours(queues=self.queue, buckets=self.bucket, campaigns=self.campaigns),
            time_factor=lambda: self.factor,
        )
        self.client = Client(self.emulator.handle, "customer-profiles")
        self.client.create_domain(
            DomainName="shop", DefaultExpirationDays=366, DeadLetterQueueUrl="http://sqs/123456789012/dead"
        )
        self.put_type()

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        """Any operation of the client, on the domain."""
        method = getattr(self.client, operation)
        return lambda **parameters: method(**{"DomainName": "shop", **parameters})

    def later(self, **duration: float) -> None:
        """Let time pass, and the work be done."""
        self.now += timedelta(**duration)
        self.seconds += timedelta(**duration).total_seconds()
        self.work()

    def work(self) -> None:
        self.emulator.work.do()

    def put_type(self, name: str = EVENTS, **members: Any) -> Any:
        parameters = {"Description": "events", "Fields": FIELDS, "Keys": KEYS, **members}
        return self.put_profile_object_type(ObjectTypeName=name, **parameters)

    def profile(self, account: str, **fields: Any) -> str:
        """Make a profile; its id."""
        return str(self.create_profile(AccountNumber=account, **fields)["ProfileId"])

    def put(self, customer: str, event_id: str, type_name: str = EVENTS, **members: Any) -> str:
        """Put an object, and let it find its profile; its unique key."""
        text = json.dumps({"customerId": customer, "eventId": event_id, "eventType": "view", **members})
        key = self.put_profile_object(ObjectTypeName=type_name, Object=text)["ProfileObjectUniqueKey"]
        self.work()
        return str(key)

    def objects(self, profile_id: str, type_name: str = EVENTS) -> list[dict[str, Any]]:
        """The objects of a profile, newest first."""
        items = self.list_profile_objects(ProfileId=profile_id, ObjectTypeName=type_name)["Items"]
        return [json.loads(item["Object"]) for item in items]

    def found(self, account: str) -> list[dict[str, Any]]:
        """The profiles that an account number finds."""
        return list(self.search_profiles(KeyName="_account", Values=[account])["Items"])

    def attributes(self, profile_id: str) -> Mapping[str, str]:
        profiles = self.batch_get_profile(ProfileIds=[profile_id])["Profiles"]
        return dict(profiles[0].get("Attributes", {}))
