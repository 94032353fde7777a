"""The types of Pinpoint, as CloudFormation's specification describes them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ministack.core.responses import get_account_id, get_region

from local_cloud.cloudformation.resource_types import Properties, ResourceType
from local_cloud.pinpoint import Pinpoint, Request

_IDENTITY: Final = frozenset({"ApplicationId"})


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


def pinpoint_types(pinpoint: Pinpoint) -> dict[str, ResourceType]:
    """Return the types of Pinpoint by name.

    Parameters
    ----------
    pinpoint
        The emulator.

    Returns
    -------
    dict
        The types.
    """
    return {
        name: ResourceType(kind.required, kind.optional, _IDENTITY, _Actions(pinpoint, name, kind))
        for name, kind in _TYPES.items()
    }


@dataclass(frozen=True)
class _Actions:
    """One resource type; a resource's physical id is its application's, as on AWS."""

    pinpoint: Pinpoint
    name: str
    kind: _Type

    def create(self, properties: Properties) -> tuple[str, dict[str, Any]]:
        application = str(properties["ApplicationId"])
        document = {name: _typed(value) for name, value in properties.items() if name != "ApplicationId"}
        self._call(self.kind.method, application, document)
        return application, {}

    def update(self, physical_id: str, old: Properties, new: Properties) -> dict[str, Any]:  # noqa: ARG002 the protocol
        return self.create(new)[1]

    def delete(self, physical_id: str, properties: Properties) -> None:  # noqa: ARG002 the protocol
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
