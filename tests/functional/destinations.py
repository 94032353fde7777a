"""The services that events may go to, as tests of the consumer see them."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3

from local_cloud.faults import Faults
from local_cloud.pinpoint import Pinpoint as PinpointEmulator
from local_cloud.pinpoint.server import PinpointServer
from local_cloud.profiles import Profiles, Settings
from local_cloud.profiles.server import ProfilesServer
from tests.environment import CONNECT
from tests.functional.functions import REGION

MAPPED = ("plan", "city")
"""User attributes that profiles have a place for."""


@dataclass(frozen=True)
class Arrived:
    """An event that a service took."""

    endpoint_id: str
    event_id: str
    event_type: str
    occurred_at: str
    attributes: Mapping[str, str]
    metrics: Mapping[str, float]


class Destination(ABC):
    """A service over HTTP, with what tests ask of it."""

    operation: str
    most_events: int

    def __init__(self, faults: Faults) -> None:
        self._faults = faults

    @property
    @abstractmethod
    def environment(self) -> dict[str, str]:
        """What the consumer needs to reach it."""

    @abstractmethod
    def fault(self, kind: str, *, event_id: str = "", **options: Any) -> dict[str, Any]:
        """A rule for the operation that takes events, twice if nothing else is said, and perhaps about one event."""

    @abstractmethod
    def requests(self) -> list[dict[str, Any]]:
        """Requests with events that it saw, in order."""

    @abstractmethod
    def asked(self) -> list[str]:
        """Event ids in all of those, whatever became of them."""

    @abstractmethod
    def events(self) -> list[Arrived]:
        """What it took, in order."""

    @abstractmethod
    def know(self, endpoint_id: str) -> None:
        """Make a customer whose events may change something."""

    @abstractmethod
    def user_attributes(self, endpoint_id: str) -> dict[str, str]:
        """What it holds of a customer in the end."""

    @abstractmethod
    def vanish(self) -> None:
        """Delete what events are addressed to."""


class Pinpoint(Destination):
    """Amazon Pinpoint."""

    operation = "PutEvents"
    most_events = 100

    def __init__(self, faults: Faults, server: PinpointServer) -> None:
        super().__init__(faults)
        self._server = server
        self.client = boto3.client("pinpoint", region_name=REGION, endpoint_url=server.url)
        application = self.client.create_app(CreateApplicationRequest={"Name": "shop"})
        self.application_id = application["ApplicationResponse"]["Id"]

    @property
    def environment(self) -> dict[str, str]:
        return {"AWS_ENDPOINT_URL_PINPOINT": self._server.url, "PINPOINT_APPLICATION_ID": self.application_id}

    def fault(self, kind: str, *, event_id: str = "", **options: Any) -> dict[str, Any]:
        match = {"match": {"event_id": event_id}} if event_id else {}
        return {"target": f"pinpoint.{self.operation}", "kind": kind, "times": 2, **match, **options}

    def requests(self) -> list[dict[str, Any]]:
        entries = self._server.pinpoint.journal.since(0)["requests"]
        return [entry for entry in entries if entry["operation"] == self.operation]

    def asked(self) -> list[str]:
        return [
            event_id
            for entry in self.requests()
            for item in entry["request"]["BatchItem"].values()
            for event_id in item["Events"]
        ]

    def events(self) -> list[Arrived]:
        return [
            self._arrived(endpoint_id, event_id, item["Events"][event_id])
            for entry in self.requests()
            if entry["status"] == 202
            for endpoint_id, item in entry["request"]["BatchItem"].items()
            for event_id, result in entry["response"]["Results"][endpoint_id]["EventsItemResponse"].items()
            if result["StatusCode"] == 202
        ]

    @staticmethod
    def _arrived(endpoint_id: str, event_id: str, event: Mapping[str, Any]) -> Arrived:
        attributes = dict(event["Attributes"])
        assert attributes.pop("event_id") == event_id
        metrics = event.get("Metrics", {})
        return Arrived(endpoint_id, event_id, event["EventType"], event["Timestamp"], attributes, metrics)

    def know(self, endpoint_id: str) -> None:
        """Nothing to do: an event makes its endpoint."""

    def user_attributes(self, endpoint_id: str) -> dict[str, str]:
        answer = self.client.get_endpoint(ApplicationId=self.application_id, EndpointId=endpoint_id)
        attributes = answer["EndpointResponse"].get("User", {}).get("UserAttributes", {})
        return {name: value for name, (value,) in attributes.items()}

    def vanish(self) -> None:
        self.client.delete_app(ApplicationId=self.application_id)


class Connect(Destination):
    """Amazon Connect Customer Profiles, with the object types of the module."""

    operation = "BatchPutProfileObject"
    most_events = 10

    def __init__(self, faults: Faults, server: ProfilesServer) -> None:
        super().__init__(faults)
        self._server = server
        self.client = boto3.client("customer-profiles", region_name=REGION, endpoint_url=server.url)
        self._domain = CONNECT["PROFILES_DOMAIN"]
        self.client.create_domain(DomainName=self._domain, DefaultExpirationDays=30)
        for name, creates in ((CONNECT["PUBLIC_OBJECT_TYPE"], False), (CONNECT["TRUSTED_OBJECT_TYPE"], True)):
            self.client.put_profile_object_type(
                DomainName=self._domain,
                ObjectTypeName=name,
                Description="Events",
                AllowProfileCreation=creates,
                Fields=_fields(creates=creates),
                Keys={
                    "_account": [
                        {
                            "StandardIdentifiers": ["PROFILE"] if creates else ["PROFILE", "LOOKUP_ONLY"],
                            "FieldNames": ["customerId"],
                        }
                    ],
                    f"{name}-id": [{"StandardIdentifiers": ["UNIQUE"], "FieldNames": ["customerId", "eventId"]}],
                },
            )

    @property
    def environment(self) -> dict[str, str]:
        types = {name: CONNECT[name] for name in ("PROFILES_DOMAIN", "PUBLIC_OBJECT_TYPE", "TRUSTED_OBJECT_TYPE")}
        return types | {
            "AWS_ENDPOINT_URL_CUSTOMER_PROFILES": self._server.url,
            "PROFILE_ATTRIBUTES": json.dumps(MAPPED),
            "PUT_OBJECTS_RATE": "10000",
        }

    def fault(self, kind: str, *, event_id: str = "", **options: Any) -> dict[str, Any]:
        match = {"match": {"object": f'{{"eventId":"{event_id}","eventType":*'}} if event_id else {}
        return {"target": f"profiles.{self.operation}", "kind": kind, "times": 2, **match, **options}

    def requests(self) -> list[dict[str, Any]]:
        entries = self._server.profiles.journal.since(0)["requests"]
        return [entry for entry in entries if entry["operation"] == self.operation]

    def asked(self) -> list[str]:
        return [
            json.loads(item["Object"])["eventId"] for entry in self.requests() for item in entry["request"]["Items"]
        ]

    def events(self) -> list[Arrived]:
        found = []
        for entry in self.requests():
            if entry["status"] == 200:
                objects = {item["Id"]: json.loads(item["Object"]) for item in entry["request"]["Items"]}
                found += [objects[item["Id"]] for item in entry["response"]["Successful"]]
        return [
            Arrived(
                said["customerId"],
                said["eventId"],
                said["eventType"],
                said["occurredAt"],
                said["attributes"],
                said["metrics"],
            )
            for said in found
        ]

    def know(self, endpoint_id: str) -> None:
        self.client.create_profile(DomainName=self._domain, AccountNumber=endpoint_id)

    def user_attributes(self, endpoint_id: str) -> dict[str, str]:
        self._server.profiles.work.do()
        return self.profile(endpoint_id).get("Attributes", {})

    def profile(self, endpoint_id: str) -> dict[str, Any]:
        """The customer's only profile."""
        answer = self.client.search_profiles(DomainName=self._domain, KeyName="_account", Values=[endpoint_id])
        (profile,) = answer["Items"]
        return dict(profile)

    def stored(self) -> list[dict[str, Any]]:
        """Every profile of the domain with its objects."""
        (domain,) = self._server.profiles.domains()
        return self._server.profiles.profiles(domain["arn"]) or []

    def vanish(self) -> None:
        self.client.delete_domain(DomainName=self._domain)


def _fields(*, creates: bool) -> dict[str, dict[str, str]]:
    fields = {name: {"Source": f"_source.{name}"} for name in ("customerId", "eventId", "eventType")}
    if creates:
        fields["customerId"]["Target"] = "_profile.AccountNumber"
    for name in MAPPED:
        fields[name] = {"Source": f"_source.userAttributes.{name}", "Target": f"_profile.Attributes.{name}"}
    return fields


@contextmanager
def running(name: str, faults: Faults) -> Iterator[Destination]:
    """A destination by its name, as long as the context lasts."""
    if name == "pinpoint":
        with PinpointServer(PinpointEmulator(faults=faults)) as pinpoint:
            yield Pinpoint(faults, pinpoint)
    else:
        unlimited = Settings(put_profile_object_rate=0, put_object_type_rate=0, search_profiles_rate=0, other_rate=0)
        with ProfilesServer(Profiles(faults=faults, settings=unlimited)) as profiles:
            yield Connect(faults, profiles)
