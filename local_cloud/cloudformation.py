"""CloudFormation's Pinpoint types, which MiniStack does not know, made by the Pinpoint emulator."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ministack.core.responses import get_account_id, get_region
from ministack.services.cloudformation import provisioners

from local_cloud import patching
from local_cloud.pinpoint import Pinpoint, Request

_Properties = Mapping[str, Any]


@dataclass(frozen=True)
class _Type:
    """How a resource type is written to Pinpoint's API: its path below the application, and how it is put."""

    path: str
    method: str
    required: frozenset[str]
    optional: frozenset[str]
    deletable: bool = True


# CloudFormation's resource specification; all but ApplicationId are members of the API's request.
_TYPES: Final[Mapping[str, _Type]] = {
    "AWS::Pinpoint::EmailChannel": _Type(
        path="channels/email",
        method="PUT",
        required=frozenset({"ApplicationId", "FromAddress", "Identity"}),
        optional=frozenset({"ConfigurationSet", "Enabled", "RoleArn"}),
    ),
    "AWS::Pinpoint::SMSChannel": _Type(
        path="channels/sms",
        method="PUT",
        required=frozenset({"ApplicationId"}),
        optional=frozenset({"Enabled", "SenderId", "ShortCode"}),
    ),
    "AWS::Pinpoint::EventStream": _Type(
        path="eventstream",
        method="POST",
        required=frozenset({"ApplicationId", "DestinationStreamArn", "RoleArn"}),
        optional=frozenset(),
    ),
    "AWS::Pinpoint::ApplicationSettings": _Type(
        path="settings",
        method="PUT",
        required=frozenset({"ApplicationId"}),
        optional=frozenset({"CampaignHook", "CloudWatchMetricsEnabled", "Limits", "QuietTime"}),
        deletable=False,
    ),
}


def install(pinpoint: Pinpoint) -> None:
    """Register the types.

    Parameters
    ----------
    pinpoint
        The emulator.
    """
    patching.guard(
        "CloudFormation knows Pinpoint", provisioners, "_provision_resource", "_RESOURCE_HANDLERS.get(resource_type)"
    )
    for name, kind in _TYPES.items():
        provisioner = _Provisioner(pinpoint, name, kind)
        provisioners._RESOURCE_HANDLERS[name] = {
            "create": provisioner.create,
            "update": provisioner.update,
            "delete": provisioner.delete,
        }


@dataclass(frozen=True)
class _Provisioner:
    """One resource type; a resource's physical id is its application's, as on AWS."""

    pinpoint: Pinpoint
    name: str
    kind: _Type

    def create(self, _logical_id: str, properties: _Properties, _stack: str) -> tuple[str, dict[str, Any]]:
        known = self.kind.required | self.kind.optional
        if unknown := sorted(set(properties) - known):
            raise ValueError(f"Encountered unsupported property {unknown[0]}")
        if missing := sorted(self.kind.required - set(properties)):
            raise ValueError(f"Property {missing[0]} cannot be empty.")
        application = str(properties["ApplicationId"])
        document = {name: _typed(value) for name, value in properties.items() if name != "ApplicationId"}
        self._call(self.kind.method, application, document)
        return application, {}

    def update(self, physical_id: str, old: _Properties, new: _Properties, stack: str) -> tuple[str, dict[str, Any]]:
        made = self.create(physical_id, new, stack)
        if made[0] != physical_id:
            provisioners._delete_predecessor(self.delete, physical_id, old)
        return made

    def delete(self, physical_id: str, _properties: _Properties) -> None:
        if self.kind.deletable:
            self._call("DELETE", physical_id, None, accepted=frozenset({404}))

    def _call(self, method: str, application: str, document: object, accepted: frozenset[int] = frozenset()) -> None:
        body = b"" if document is None else json.dumps(document).encode()
        path = f"/v1/apps/{application}/{self.kind.path}"
        response = self.pinpoint.handle(Request(method, path, body=body, account=get_account_id(), region=get_region()))
        if response.status >= 400 and response.status not in accepted:
            message = json.loads(response.body).get("Message", "")
            raise ValueError(f"{self.name}: {message} (Service: Pinpoint, Status Code: {response.status})")


def _typed(value: Any) -> Any:  # noqa: ANN401 - a template's value
    """Turn the texts that a template may hold for booleans into booleans."""
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value
