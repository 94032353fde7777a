"""The types of Customer Profiles, as CloudFormation's schemas describe them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from ministack.core.responses import get_account_id, get_region

from local_cloud.cloudformation.calls import Calls
from local_cloud.cloudformation.resource_types import Properties, ResourceType
from local_cloud.profiles import Profiles

_NAME: Final = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_UNITS: Final = frozenset({"HOURS", "DAYS", "WEEKS", "MONTHS"})
_LONGEST: Final = 24
_MISSING: Final = frozenset({404})


def profiles_types(profiles: Profiles) -> dict[str, ResourceType]:
    """Return the types of Customer Profiles by name.

    Parameters
    ----------
    profiles
        The emulator.

    Returns
    -------
    dict
        The types.
    """
    calls = Calls(profiles.front, "CustomerProfiles")
    return {f"AWS::CustomerProfiles::{name}": _type(calls, kind) for name, kind in _KINDS.items()}


@dataclass(frozen=True)
class _Kind:
    """How a type is written to the API.

    Attributes
    ----------
    identity
        Properties that name a resource, and whose change replaces it.
    required, optional
        Its other properties.
    get, create, update, delete
        Operations; without one to update, a resource's tags alone change.
    below
        What stands in the ARN between the domain and the resource's name.
    fixed
        Properties whose change replaces the resource, beside the identity.
    convert
        How properties differ from the API's parameters.
    attributes
        What Fn::GetAtt knows.
    """

    identity: tuple[str, ...]
    required: frozenset[str]
    optional: frozenset[str]
    get: str
    create: str
    update: str | None
    delete: str
    below: str = ""
    fixed: frozenset[str] = frozenset()
    convert: Mapping[str, Callable[[Any], Any]] | None = None
    attributes: tuple[str, ...] = ("CreatedAt", "LastUpdatedAt")


def _type(calls: Calls, kind: _Kind) -> ResourceType:
    return ResourceType(
        required=kind.required | {name for name in kind.identity if name != "Uri"},
        optional=kind.optional | {"Tags", "Uri"} if "Uri" in kind.identity else kind.optional | {"Tags"},
        create_only=frozenset(kind.identity) | kind.fixed,
        actions=_Actions(calls, kind),
    )


@dataclass(frozen=True)
class _Actions:
    """Resources of one type; a physical id joins the names that tell a resource from others."""

    calls: Calls
    kind: _Kind

    def create(self, properties: Properties) -> tuple[str, dict[str, Any]]:
        parameters = self._parameters(properties)
        identity = self._identity(properties)
        physical_id = "|".join(identity.values())
        if self.calls.call(self.kind.get, identity, _MISSING) is not None:
            raise ValueError(f"Resource of type with identifier {physical_id} already exists.")
        tags = _tags(properties)
        document = self.calls.call(self.kind.create, {**parameters, **({"Tags": tags} if tags else {})})
        return physical_id, self._attributes(document)

    def update(self, physical_id: str, old: Properties, new: Properties) -> dict[str, Any]:
        if self.kind.update:
            document = self.calls.call(self.kind.update, self._parameters(new))
        elif {**old, "Tags": None} != {**new, "Tags": None}:
            raise ValueError(f"{physical_id} cannot be changed: delete it and make another")
        else:
            document = self.calls.call(self.kind.get, self._identity(new))
        self._change_tags(new, _tags(old), _tags(new))
        return self._attributes(document)

    def delete(self, physical_id: str, properties: Properties) -> None:  # noqa: ARG002 the protocol
        self.calls.call(self.kind.delete, self._identity(properties), _MISSING)

    def _identity(self, properties: Properties) -> dict[str, str]:
        return {name: str(properties[name]) for name in self.kind.identity if name in properties}

    def _parameters(self, properties: Properties) -> dict[str, Any]:
        convert = self.kind.convert or {}
        return {
            name: convert[name](value) if name in convert else value
            for name, value in properties.items()
            if name != "Tags"
        }

    def _attributes(self, document: Mapping[str, Any] | None) -> dict[str, Any]:
        known = document or {}
        return {
            name: datetime.fromtimestamp(known[name], UTC).isoformat() if name.endswith("At") else known[name]
            for name in self.kind.attributes
            if name in known
        }

    def _change_tags(self, properties: Properties, old: Mapping[str, str], new: Mapping[str, str]) -> None:
        domain, *names = self._identity(properties).values()
        below = f"/{self.kind.below}/{names[0]}" if names else ""
        arn = f"arn:aws:profile:{get_region()}:{get_account_id()}:domains/{domain}{below}"
        if gone := sorted(set(old) - set(new)):
            self.calls.call("UntagResource", {"resourceArn": arn, "tagKeys": gone})
        if new and new != old:
            self.calls.call("TagResource", {"resourceArn": arn, "tags": dict(new)})


def _tags(properties: Properties) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in properties.get("Tags", [])}


def _named(entries: list[Mapping[str, Any]], member: str) -> dict[str, Any]:
    """Turn a list with names into a map. The API allows dots in the names of fields, the type's schema does not."""
    for entry in entries:
        if not _NAME.fullmatch(entry["Name"]):
            raise ValueError(f"Model validation failed: {entry['Name']} does not match {_NAME.pattern}")
    return {entry["Name"]: entry[member] for entry in entries}


def _limits(limits: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep to the periods of the type's schema, which are fewer than those of the API."""
    for period in limits.get("Periods", []):
        if period["Unit"] not in _UNITS or period["Value"] > _LONGEST:
            raise ValueError(f"Model validation failed: a period is 1 to {_LONGEST} of {', '.join(sorted(_UNITS))}")
    return limits


_KINDS: Final[Mapping[str, _Kind]] = {
    "Domain": _Kind(
        identity=("DomainName",),
        required=frozenset({"DefaultExpirationDays"}),
        optional=frozenset(
            {"DataStore", "DeadLetterQueueUrl", "DefaultEncryptionKey", "Matching", "RuleBasedMatching"}
        ),
        get="GetDomain",
        create="CreateDomain",
        update="UpdateDomain",
        delete="DeleteDomain",
    ),
    "ObjectType": _Kind(
        identity=("DomainName", "ObjectTypeName"),
        required=frozenset({"Description"}),
        optional=frozenset(
            {
                "AllowProfileCreation",
                "EncryptionKey",
                "ExpirationDays",
                "Fields",
                "Keys",
                "MaxProfileObjectCount",
                "SourceLastUpdatedTimestampFormat",
                "SourcePriority",
                "TemplateId",
            }
        ),
        get="GetProfileObjectType",
        create="PutProfileObjectType",
        update="PutProfileObjectType",
        delete="DeleteProfileObjectType",
        below="object-types",
        convert={
            "Fields": lambda fields: _named(fields, "ObjectTypeField"),
            "Keys": lambda keys: _named(keys, "ObjectTypeKeyList"),
        },
    ),
    "Integration": _Kind(
        identity=("DomainName", "Uri"),
        required=frozenset(),
        optional=frozenset({"EventTriggerNames", "FlowDefinition", "ObjectTypeName", "ObjectTypeNames", "Scope"}),
        get="GetIntegration",
        create="PutIntegration",
        update="PutIntegration",
        delete="DeleteIntegration",
        below="integrations",
        convert={"ObjectTypeNames": lambda names: {name["Key"]: name["Value"] for name in names}},
    ),
    "EventTrigger": _Kind(
        identity=("DomainName", "EventTriggerName"),
        required=frozenset({"ObjectTypeName", "EventTriggerConditions"}),
        optional=frozenset({"Description", "EventTriggerLimits", "SegmentFilter"}),
        get="GetEventTrigger",
        create="CreateEventTrigger",
        update="UpdateEventTrigger",
        delete="DeleteEventTrigger",
        below="event-triggers",
        convert={"EventTriggerLimits": _limits},
    ),
    "SegmentDefinition": _Kind(
        identity=("DomainName", "SegmentDefinitionName"),
        required=frozenset({"DisplayName"}),
        optional=frozenset({"Description", "SegmentGroups", "SegmentSort", "SegmentSqlQuery"}),
        get="GetSegmentDefinition",
        create="CreateSegmentDefinition",
        update=None,
        delete="DeleteSegmentDefinition",
        below="segment-definitions",
        fixed=frozenset({"DisplayName", "SegmentGroups", "SegmentSqlQuery"}),
        attributes=("CreatedAt", "SegmentDefinitionArn", "SegmentType"),
    ),
}
