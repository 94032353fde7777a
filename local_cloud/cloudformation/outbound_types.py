"""The types of outbound campaigns, flows and message templates, as CloudFormation's schemas describe them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from local_cloud.cloudformation.calls import Calls
from local_cloud.cloudformation.outbound_properties import campaign_of, draft_of, tags_of, template_of
from local_cloud.cloudformation.resource_types import Properties, ResourceType
from local_cloud.outbound import Outbound

_Made = tuple[str, dict[str, Any]]
_GONE: Final = frozenset({404})
# The operation that changes each property of a campaign, and what removes the property.
_CHANGES: Final[Mapping[str, str]] = {
    "Name": "UpdateCampaignName",
    "ChannelSubtypeConfig": "UpdateCampaignChannelSubtypeConfig",
    "Source": "UpdateCampaignSource",
    "ConnectCampaignFlowArn": "UpdateCampaignFlowAssociation",
    "Schedule": "UpdateCampaignSchedule",
    "EntryLimitsConfig": "UpdateCampaignEntryLimits",
    "CommunicationTimeConfig": "UpdateCampaignCommunicationTime",
    "CommunicationLimitsOverride": "UpdateCampaignCommunicationLimits",
}
_REMOVALS: Final[Mapping[str, tuple[str, Mapping[str, str]]]] = {
    "EntryLimitsConfig": ("DeleteCampaignEntryLimits", {}),
    "CommunicationLimitsOverride": ("DeleteCampaignCommunicationLimits", {"config": "ALL_CHANNEL_SUBTYPES"}),
}


def outbound_types(outbound: Outbound) -> dict[str, ResourceType]:
    """Return the types of outbound campaigns, of Connect and of Q in Connect by name.

    Parameters
    ----------
    outbound
        The emulator.

    Returns
    -------
    dict
        The types.
    """
    names = {"outbound": "ConnectCampaignsV2", "connect": "Connect", "wisdom": "QConnect"}
    calls = {front.service.label: Calls(front, names[front.service.label]) for front in outbound.fronts}
    return {
        "AWS::ConnectCampaignsV2::Campaign": ResourceType(
            required=frozenset({"Name", "ConnectInstanceId"}),
            optional=frozenset({*_CHANGES, "Tags", "Type"}),
            create_only=frozenset({"ConnectInstanceId", "Type"}),
            actions=_Campaigns(calls["outbound"]),
        ),
        # Of a flow and of a template only the content can be changed here; on AWS name and description too.
        "AWS::Connect::ContactFlow": ResourceType(
            required=frozenset({"InstanceArn", "Content", "Name", "Type"}),
            optional=frozenset({"Description", "State", "Tags"}),
            create_only=frozenset({"InstanceArn", "Type", "Name", "Description", "State", "Tags"}),
            actions=_Flows(calls["connect"]),
        ),
        "AWS::Connect::ContactFlowVersion": ResourceType(
            required=frozenset({"ContactFlowId"}),
            optional=frozenset({"Description", "FlowContentSha256"}),
            create_only=frozenset({"ContactFlowId", "Description", "FlowContentSha256"}),
            actions=_FlowVersions(calls["connect"]),
        ),
        "AWS::Wisdom::KnowledgeBase": ResourceType(
            required=frozenset({"Name", "KnowledgeBaseType"}),
            optional=frozenset({"Description", "Tags"}),
            create_only=frozenset({"Name", "KnowledgeBaseType", "Description", "Tags"}),
            actions=_KnowledgeBases(calls["wisdom"]),
        ),
        "AWS::Wisdom::MessageTemplate": ResourceType(
            required=frozenset({"KnowledgeBaseArn", "ChannelSubtype", "Name", "Content"}),
            optional=frozenset({"DefaultAttributes", "Description", "Language", "Tags"}),
            create_only=frozenset({"KnowledgeBaseArn", "ChannelSubtype", "Name", "Description", "Tags"}),
            actions=_Templates(calls["wisdom"]),
        ),
        "AWS::Wisdom::MessageTemplateVersion": ResourceType(
            required=frozenset({"MessageTemplateArn"}),
            optional=frozenset({"MessageTemplateContentSha256"}),
            create_only=frozenset({"MessageTemplateArn", "MessageTemplateContentSha256"}),
            actions=_TemplateVersions(calls["wisdom"]),
        ),
    }


@dataclass(frozen=True)
class _Resources:
    """Resources of one type, none of which is changed in place unless the type says so."""

    calls: Calls

    def update(self, physical_id: str, old: Properties, new: Properties) -> dict[str, Any]:  # noqa: ARG002 the protocol
        """Nothing but what is not looked at has changed."""
        return {}

    def _called(self, operation: str, **parameters: object) -> dict[str, Any]:
        return self.calls.call(operation, parameters) or {}

    def _removed(self, operation: str, **parameters: object) -> None:
        self.calls.call(operation, parameters, _GONE)


class _Campaigns(_Resources):
    """A campaign is not started by a stack, and one that is under way is not deleted by it (reading)."""

    def create(self, properties: Properties) -> _Made:
        arn = self._called("CreateCampaign", **campaign_of(properties))["arn"]
        return arn, {"Arn": arn}

    def update(self, physical_id: str, old: Properties, new: Properties) -> dict[str, Any]:
        identifier = physical_id.rpartition("/")[2]
        for name, operation in _CHANGES.items():
            if old.get(name) == new.get(name):
                continue
            if name in new:
                self._called(operation, id=identifier, **campaign_of({name: new[name]}))
            elif name in _REMOVALS:
                removal, parameters = _REMOVALS[name]
                self._called(removal, id=identifier, **parameters)
            else:
                raise ValueError(f"Property {name} cannot be removed")
        before, after = tags_of(old), tags_of(new)
        if added := {key: value for key, value in after.items() if before.get(key) != value}:
            self._called("TagResource", arn=physical_id, tags=added)
        if gone := sorted(set(before) - set(after)):
            self._called("UntagResource", arn=physical_id, tagKeys=gone)
        return {"Arn": physical_id}

    def delete(self, physical_id: str, properties: Properties) -> None:  # noqa: ARG002 the protocol
        self._removed("DeleteCampaign", id=physical_id.rpartition("/")[2])


class _Flows(_Resources):
    def create(self, properties: Properties) -> _Made:
        document = {name: properties[name] for name in ("Name", "Type", "Content", "Description") if name in properties}
        tags = {"Tags": tags_of(properties)} if properties.get("Tags") else {}
        instance = str(properties["InstanceArn"]).rpartition("/")[2]
        arn = self._called("CreateContactFlow", InstanceId=instance, **document, **tags)["ContactFlowArn"]
        return arn, {"ContactFlowArn": arn}

    def update(self, physical_id: str, old: Properties, new: Properties) -> dict[str, Any]:  # noqa: ARG002 the protocol
        self._called("UpdateContactFlowContent", **_flow(physical_id), Content=new["Content"])
        return {"ContactFlowArn": physical_id}

    def delete(self, physical_id: str, properties: Properties) -> None:  # noqa: ARG002 the protocol
        self._removed("DeleteContactFlow", **_flow(physical_id))


class _FlowVersions(_Resources):
    def create(self, properties: Properties) -> _Made:
        document = {name: properties[name] for name in ("Description", "FlowContentSha256") if name in properties}
        made = self._called("CreateContactFlowVersion", **_flow(str(properties["ContactFlowId"])), **document)
        arn = made["ContactFlowArn"]
        return arn, {"ContactFlowVersionARN": arn, "Version": made["Version"]}

    def delete(self, physical_id: str, properties: Properties) -> None:  # noqa: ARG002 the protocol
        number = int(physical_id.rpartition(":")[2])
        self._removed("DeleteContactFlowVersion", **_flow(physical_id), ContactFlowVersion=number)


class _KnowledgeBases(_Resources):
    def create(self, properties: Properties) -> _Made:
        names = {"Name": "name", "KnowledgeBaseType": "knowledgeBaseType", "Description": "description"}
        document: dict[str, Any] = {names[name]: properties[name] for name in names if name in properties}
        if properties.get("Tags"):
            document["tags"] = tags_of(properties)
        made = self._called("CreateKnowledgeBase", **document)["knowledgeBase"]
        identifier = made["knowledgeBaseId"]
        return identifier, {"KnowledgeBaseArn": made["knowledgeBaseArn"], "KnowledgeBaseId": identifier}

    def delete(self, physical_id: str, properties: Properties) -> None:  # noqa: ARG002 the protocol
        self._removed("DeleteKnowledgeBase", knowledgeBaseId=physical_id)


class _Templates(_Resources):
    def create(self, properties: Properties) -> _Made:
        base = str(properties["KnowledgeBaseArn"]).rpartition("/")[2]
        made = self._called("CreateMessageTemplate", knowledgeBaseId=base, **template_of(properties))["messageTemplate"]
        return made["messageTemplateArn"], _attributes(made)

    def update(self, physical_id: str, old: Properties, new: Properties) -> dict[str, Any]:  # noqa: ARG002 the protocol
        made = self._called("UpdateMessageTemplate", **_template(physical_id), **draft_of(new))
        return _attributes(made["messageTemplate"])

    def delete(self, physical_id: str, properties: Properties) -> None:  # noqa: ARG002 the protocol
        self._removed("DeleteMessageTemplate", **_template(physical_id))


class _TemplateVersions(_Resources):
    """A version is not made active by a stack (reading), and goes with its template only."""

    def create(self, properties: Properties) -> _Made:
        digest = properties.get("MessageTemplateContentSha256")
        document = {"messageTemplateContentSha256": digest} if digest else {}
        named = _template(str(properties["MessageTemplateArn"]))
        made = self._called("CreateMessageTemplateVersion", **named, **document)["messageTemplate"]
        arn = made["messageTemplateArn"]
        return arn, {"MessageTemplateVersionArn": arn, "MessageTemplateVersionNumber": made["versionNumber"]}

    def delete(self, physical_id: str, properties: Properties) -> None:
        """Leave it."""


def _flow(arn: str) -> dict[str, str]:
    """ARN: `arn:aws:connect:R:A:instance/I/contact-flow/F`."""
    _, instance, _, flow = arn.split("/")
    return {"InstanceId": instance, "ContactFlowId": flow.partition(":")[0]}


def _template(arn: str) -> dict[str, str]:
    """ARN: `arn:aws:wisdom:R:A:message-template/K/T`."""
    _, knowledge_base, template = arn.split("/")
    return {"knowledgeBaseId": knowledge_base, "messageTemplateId": template.partition(":")[0]}


def _attributes(template: Mapping[str, Any]) -> dict[str, Any]:
    names = ("MessageTemplateArn", "MessageTemplateId", "MessageTemplateContentSha256")
    return {name: template[name[0].lower() + name[1:]] for name in names}
