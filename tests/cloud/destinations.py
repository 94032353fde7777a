"""Destinations as tests see them: the same questions to Amazon Pinpoint and to Amazon Connect."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import boto3

from local_cloud.outbound.setting_up import ReadyInstance, create_template, set_up_instance
from local_cloud.process import LocalCloud
from tests.cloud.deployment import client_settings

if TYPE_CHECKING:
    from mypy_boto3_pinpoint import PinpointClient

Arrived = dict[str, tuple[str, Mapping[str, str]]]
"""Type and attributes of events, by event id."""


class DestinationUnderTest(Protocol):
    """What is asked of a destination."""

    name: str

    def add_customer(self, name: str, **user_attributes: str) -> None:
        """Make a customer whose endpoint id is the name, with an e-mail address."""

    def user_attribute(self, customer: str, name: str) -> str | None:
        """A user attribute of a customer."""

    def arrived(self, customer: str) -> Arrived:
        """The events that a customer has."""

    def attempts(self, event_id: str) -> int:
        """How often an event was taken."""

    def messages(self) -> Counter[tuple[str, str]]:
        """Customer and subject of everything that was sent."""


@dataclass
class OnPinpoint:
    """An Amazon Pinpoint project."""

    cloud: LocalCloud
    local: Any
    application_id: str
    name: str = "pinpoint"
    PLAN: ClassVar = "{{User.UserAttributes.plan}}"
    """What a template says of a customer's plan."""

    @cached_property
    def client(self) -> PinpointClient:
        return boto3.client("pinpoint", **_settings(self.cloud))

    def add_customer(self, name: str, **user_attributes: str) -> None:
        self.client.update_endpoint(
            ApplicationId=self.application_id,
            EndpointId=name,
            EndpointRequest={
                "ChannelType": "EMAIL",
                "Address": f"{name}@example.com",
                "User": {"UserId": name, "UserAttributes": {key: [text] for key, text in user_attributes.items()}},
            },
        )

    def put_templates(self, subjects: Mapping[str, str]) -> None:
        """Store e-mail templates with these subjects, anew where there are some."""
        for name, subject in subjects.items():
            with suppress(self.client.exceptions.NotFoundException):
                self.client.delete_email_template(TemplateName=name)
            self.client.create_email_template(
                TemplateName=name, EmailTemplateRequest={"Subject": subject, "TextPart": subject}
            )

    def user_attribute(self, customer: str, name: str) -> str | None:
        endpoint = self.client.get_endpoint(ApplicationId=self.application_id, EndpointId=customer)
        values = endpoint["EndpointResponse"].get("User", {}).get("UserAttributes", {}).get(name)
        return values[0] if values else None

    def arrived(self, customer: str) -> Arrived:
        return {
            event_id: (event["EventType"], event["Attributes"])
            for endpoint_id, event_id, event in self._taken()
            if endpoint_id == customer
        }

    def attempts(self, event_id: str) -> int:
        return sum(taken == event_id for _, taken, _ in self._taken())

    def messages(self) -> Counter[tuple[str, str]]:
        return _messages(self.local, self.name)

    def _taken(self) -> list[tuple[str, str, dict[str, Any]]]:
        return [
            (endpoint_id, event_id, item["Events"][event_id])
            for entry in self.local("pinpoint/requests?since=0")["requests"]
            if entry["operation"] == "PutEvents" and entry["application_id"] == self.application_id
            if entry["status"] == 202
            for endpoint_id, item in entry["request"]["BatchItem"].items()
            for event_id, result in entry["response"]["Results"][endpoint_id]["EventsItemResponse"].items()
            if result["StatusCode"] == 202
        ]


@dataclass
class OnConnect:
    """A domain of Customer Profiles, with a Connect instance."""

    cloud: LocalCloud
    local: Any
    domain: str
    object_types: Mapping[str, str]
    name: str = "connect"
    PLAN: ClassVar = "{{Attributes.Customer.Attributes.plan}}"
    """What a template says of a customer's plan."""

    @cached_property
    def client(self) -> Any:
        return boto3.client("customer-profiles", **_settings(self.cloud))

    def add_customer(self, name: str, **user_attributes: str) -> None:
        self.client.create_profile(
            DomainName=self.domain,
            AccountNumber=name,
            EmailAddress=f"{name}@example.com",
            Attributes=user_attributes,
        )

    def user_attribute(self, customer: str, name: str) -> str | None:
        text: str | None = self._profile(customer).get("Attributes", {}).get(name)
        return text

    def arrived(self, customer: str) -> Arrived:
        profile_id = self._profile(customer)["ProfileId"]
        objects = [
            json.loads(item["Object"])
            for object_type in self.object_types.values()
            for item in self.client.list_profile_objects(
                DomainName=self.domain, ObjectTypeName=object_type, ProfileId=profile_id
            )["Items"]
        ]
        # Pinpoint's events carry their id among the attributes too.
        return {
            one["eventId"]: (one["eventType"], {**one["attributes"], "event_id": one["eventId"]}) for one in objects
        }

    def attempts(self, event_id: str) -> int:
        return sum(
            json.loads(item["Object"])["eventId"] == event_id
            for entry in self.local("profiles/requests?since=0")["requests"]
            if entry["operation"] == "BatchPutProfileObject" and entry["status"] == 200
            for item in entry["request"]["Items"]
            if item["Id"] in {taken["Id"] for taken in entry["response"]["Successful"]}
        )

    def messages(self) -> Counter[tuple[str, str]]:
        return _messages(self.local, self.name)

    def _profile(self, customer: str) -> Mapping[str, Any]:
        (profile,) = self.client.search_profiles(DomainName=self.domain, KeyName="_account", Values=[customer])["Items"]
        found: Mapping[str, Any] = profile
        return found


@dataclass(frozen=True)
class ReadyConnect:
    """What a platform team has made by hand before it applies: an instance, and templates by name."""

    instance: ReadyInstance
    templates: Mapping[str, str]

    @classmethod
    def of(cls, cloud: LocalCloud, templates: Mapping[str, str]) -> ReadyConnect:
        """Make an instance and templates with these subjects."""

        def client(service: str) -> Any:
            return boto3.client(service, **_settings(cloud))

        instance = set_up_instance(client, "shop")
        made = {
            name: create_template(client, instance.knowledge_base_id, name, "EMAIL", subject=subject, text=subject)
            for name, subject in templates.items()
        }
        return cls(instance, made)


def _settings(cloud: LocalCloud) -> dict[str, Any]:
    return client_settings(cloud, cloud.environment["AWS_ACCESS_KEY_ID"])


def _messages(local: Any, destination: str) -> Counter[tuple[str, str]]:
    return Counter(
        (message["address"].partition("@")[0], message["title"])
        for message in local("pinpoint/outbox")
        if message["destination"] == destination
    )
