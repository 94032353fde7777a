"""A Connect instance that is ready for campaigns, made by API calls as a person makes one in the console."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

Clients = Callable[[str], Any]
"""Returns the client of a service by its name in boto3."""

_FLOW: Final[Mapping[str, Any]] = {
    "Version": "2019-10-30",
    "StartAction": "end",
    "Metadata": {},
    "Actions": [{"Identifier": "end", "Type": "EndFlowExecution", "Parameters": {}, "Transitions": {}}],
}


@dataclass(frozen=True)
class ReadyInstance:
    """A Connect instance that is ready for campaigns.

    Attributes
    ----------
    instance_id, instance_arn
        The instance.
    campaign_flow_arn
        Version of a campaign flow.
    knowledge_base_id
        Where its message templates are.
    """

    instance_id: str
    instance_arn: str
    campaign_flow_arn: str
    knowledge_base_id: str


def set_up_instance(clients: Clients, alias: str, domain_arn: str = "") -> ReadyInstance:
    """Make an instance, onboard it, and give it a campaign flow and a knowledge base.

    Parameters
    ----------
    clients
        Returns clients.
    alias
        Alias of the instance, also the name of everything that is made.
    domain_arn
        Customer Profiles domain to integrate; without one, campaigns of any domain are possible.

    Returns
    -------
    ReadyInstance
        What was made.
    """
    connect, campaigns = clients("connect"), clients("connectcampaignsv2")
    made = connect.create_instance(
        InstanceAlias=alias,
        IdentityManagementType="CONNECT_MANAGED",
        InboundCallsEnabled=False,
        OutboundCallsEnabled=True,
    )
    instance_id: str = made["Id"]
    campaigns.start_instance_onboarding_job(connectInstanceId=instance_id, encryptionConfig={"enabled": False})
    base = clients("qconnect").create_knowledge_base(name=alias, knowledgeBaseType="MESSAGE_TEMPLATES")["knowledgeBase"]
    integrations: list[Mapping[str, Any]] = [{"qConnect": {"knowledgeBaseArn": base["knowledgeBaseArn"]}}]
    if domain_arn:
        integrations.append({"customerProfiles": {"domainArn": domain_arn, "objectTypeNames": {}}})
    for integration in integrations:
        campaigns.put_connect_instance_integration(connectInstanceId=instance_id, integrationConfig=integration)
    flow = connect.create_contact_flow(InstanceId=instance_id, Name=alias, Type="CAMPAIGN", Content=json.dumps(_FLOW))
    version = connect.create_contact_flow_version(InstanceId=instance_id, ContactFlowId=flow["ContactFlowId"])
    return ReadyInstance(instance_id, made["Arn"], version["ContactFlowArn"], base["knowledgeBaseId"])


def create_template(clients: Clients, knowledge_base_id: str, name: str, channel: str, **texts: str) -> str:
    """Make a message template with an active version.

    Parameters
    ----------
    clients
        Returns clients.
    knowledge_base_id
        Where.
    name, channel
        Its name; `EMAIL` or `SMS`.
    **texts
        `text`, and for an e-mail also `subject` and `html`.

    Returns
    -------
    str
        ARN of the version.
    """
    wisdom = clients("qconnect")
    body = {part: {"content": texts[of]} for part, of in (("plainText", "text"), ("html", "html")) if of in texts}
    content = {"sms": {"body": body}} if channel == "SMS" else {"email": {"subject": texts["subject"], "body": body}}
    made = wisdom.create_message_template(
        knowledgeBaseId=knowledge_base_id, name=name, channelSubtype=channel, content=content
    )["messageTemplate"]
    named = {"knowledgeBaseId": knowledge_base_id, "messageTemplateId": made["messageTemplateId"]}
    version = wisdom.create_message_template_version(**named)["messageTemplate"]
    wisdom.activate_message_template(**named, versionNumber=version["versionNumber"])
    arn: str = version["messageTemplateArn"]
    return arn
