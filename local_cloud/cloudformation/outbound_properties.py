"""Properties of CloudFormation as the API's requests want them. Pure functions.

They differ in more than the first letter of a name: lists of pairs are maps there, and some names are others.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from local_cloud.cloudformation.resource_types import Properties

# CloudFormation resource specification, AWS::ConnectCampaignsV2::Campaign, and the name in the API.
_RENAMED: Final[Mapping[str, str]] = {
    "AgentlessConfig": "agentless",
    "AllChannelsSubtypes": "allChannelSubtypes",
    "CommunicationLimitList": "communicationLimitsList",
    "EmailMessageTemplateContent": "email",
    "SmsMessageTemplateContent": "sms",
}
# What the API calls something is not known to CloudFormation.
_UNKNOWN: Final = frozenset({"Agentless", "AllChannelSubtypes", "CommunicationLimitsList"})
# Maps whose keys are anybody's choice.
_FREE: Final = frozenset({"Custom", "CustomAttributes"})
_TEMPLATE: Final = ("ChannelSubtype", "Name", "Description")
_DRAFT: Final = ("Content", "DefaultAttributes", "Language")


def campaign_of(properties: Properties) -> dict[str, Any]:
    """Return the members of a campaign.

    Parameters
    ----------
    properties
        Some properties of `AWS::ConnectCampaignsV2::Campaign`.

    Returns
    -------
    dict
        Members of `CreateCampaign`.

    Raises
    ------
    ValueError
        If there is a name that CloudFormation does not know.
    """
    converted: dict[str, Any] = _converted({name: value for name, value in properties.items() if name != "Tags"})
    return {**converted, "tags": tags_of(properties)} if properties.get("Tags") else converted


def template_of(properties: Properties) -> dict[str, Any]:
    """Return what `CreateMessageTemplate` wants, of `AWS::Wisdom::MessageTemplate`."""
    document = _converted({name: properties[name] for name in (*_TEMPLATE, *_DRAFT) if name in properties})
    return {**document, "tags": tags_of(properties)} if properties.get("Tags") else dict(document)


def draft_of(properties: Properties) -> dict[str, Any]:
    """Return what `UpdateMessageTemplate` wants, of `AWS::Wisdom::MessageTemplate`."""
    return dict(_converted({name: properties[name] for name in _DRAFT if name in properties}))


def tags_of(properties: Properties) -> dict[str, str]:
    """Return the tags of a resource as a map."""
    return {str(tag["Key"]): str(tag["Value"]) for tag in properties.get("Tags", ())}


def _converted(value: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, Mapping):
        return {_name(name): _member(name, item) for name, item in value.items()}
    return [_converted(item) for item in value] if isinstance(value, list) else value


def _member(name: str, value: Any) -> Any:  # noqa: ANN401 - JSON
    if name == "DailyHours":
        return {day["Key"]: _converted(day["Value"]) for day in value}
    return value if name in _FREE else _converted(value)


def _name(name: str) -> str:
    if name in _UNKNOWN or not name[:1].isupper():
        raise ValueError(f"Encountered unsupported property {name}")
    return _RENAMED.get(name) or name[0].lower() + name[1:]
