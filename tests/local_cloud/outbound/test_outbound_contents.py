"""Instances, flows, knowledge bases and message templates: what campaigns name."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local_cloud.outbound.contents import content_for
from tests.local_cloud.outbound.people import DOMAIN
from tests.local_cloud.outbound.shop import Shop, error_of

INVALID = (400, "ValidationException")
MISSING = (404, "ResourceNotFoundException")
CONFLICT = (409, "ConflictException")
END = {"Identifier": "end", "Type": "EndFlowExecution", "Parameters": {}, "Transitions": {}}
FLOW = {"Version": "2019-10-30", "StartAction": "end", "Metadata": {}, "Actions": [END]}


def test_an_instance_reads_back_and_goes(shop: Shop) -> None:
    connect = shop.client("connect")
    identifier = shop.instance.instance_id

    described = connect.describe_instance(InstanceId=identifier)["Instance"]

    assert (described["InstanceAlias"], described["InstanceStatus"]) == ("shop", "ACTIVE")
    assert described["Arn"] == shop.instance.instance_arn
    assert [one["Id"] for one in connect.list_instances()["InstanceSummaryList"]] == [identifier]
    connect.delete_instance(InstanceId=identifier)
    assert error_of(lambda: connect.describe_instance(InstanceId=identifier))[:2] == MISSING


def test_an_alias_is_taken_once(shop: Shop) -> None:
    wanted = {"InstanceAlias": "shop", "IdentityManagementType": "SAML"}
    calls = {"InboundCallsEnabled": True, "OutboundCallsEnabled": True}

    error = error_of(lambda: shop.client("connect").create_instance(**wanted, **calls))

    assert error[:2] == (409, "DuplicateResourceException")


def new_flow(shop: Shop, **changes: Any) -> Any:
    members = {"Name": "flow", "Type": "CAMPAIGN", "Content": json.dumps(FLOW), **changes}
    return shop.client("connect").create_contact_flow(InstanceId=shop.instance.instance_id, **members)


@pytest.mark.parametrize(
    "content",
    ["no json", "[]", json.dumps({**FLOW, "Version": "1"}), json.dumps({**FLOW, "StartAction": "x"}), json.dumps({})],
)
def test_a_flow_whose_content_cannot_be_read_is_refused(shop: Shop, content: str) -> None:
    status, name, _ = error_of(lambda: new_flow(shop, Content=content))

    assert (status, name) == (400, "InvalidContactFlowException")


def test_a_version_of_a_flow_keeps_its_content(shop: Shop) -> None:
    connect, flow = shop.client("connect"), new_flow(shop)
    named = {"InstanceId": shop.instance.instance_id, "ContactFlowId": flow["ContactFlowId"]}
    version = connect.create_contact_flow_version(**named, Description="first")
    content = json.dumps({**FLOW, "Metadata": {"new": True}})
    connect.update_contact_flow_content(**named, Content=content)
    second = connect.create_contact_flow_version(**named)

    assert version["ContactFlowArn"] == f"{flow['ContactFlowArn']}:1"
    old = connect.describe_contact_flow(**{**named, "ContactFlowId": f"{flow['ContactFlowId']}:1"})["ContactFlow"]
    assert (old["Version"], old["Content"]) == (1, json.dumps(FLOW))
    assert connect.describe_contact_flow(**named)["ContactFlow"]["Content"] == content
    listed = connect.list_contact_flow_versions(**named)["ContactFlowVersionSummaryList"]
    assert [one["Version"] for one in listed] == [1, second["Version"]]
    connect.delete_contact_flow_version(**named, ContactFlowVersion=1)
    gone = {**named, "ContactFlowVersion": 1}
    assert error_of(lambda: connect.delete_contact_flow_version(**gone))[:2] == MISSING
    connect.delete_contact_flow(**named)
    assert error_of(lambda: connect.describe_contact_flow(**named))[:2] == MISSING


@pytest.mark.parametrize("changes", [{"Type": "CONTACT_FLOW"}, {"Status": "SAVED"}])
def test_only_a_published_campaign_flow_has_versions(shop: Shop, changes: dict[str, str]) -> None:
    flow = new_flow(shop, **changes)
    named = {"InstanceId": shop.instance.instance_id, "ContactFlowId": flow["ContactFlowId"]}

    error = error_of(lambda: shop.client("connect").create_contact_flow_version(**named))

    assert error[:2] == (400, "InvalidParameterException")


def test_a_name_of_a_flow_is_taken_once(shop: Shop) -> None:
    new_flow(shop)

    assert error_of(lambda: new_flow(shop))[:2] == (409, "DuplicateResourceException")


def new_instance(shop: Shop) -> str:
    made = shop.client("connect").create_instance(
        IdentityManagementType="SAML", InboundCallsEnabled=False, OutboundCallsEnabled=True
    )
    identifier: str = made["Id"]
    return identifier


def test_an_instance_that_is_not_onboarded_takes_no_campaigns(shop: Shop) -> None:
    fresh = new_instance(shop)
    status = shop.campaigns.get_instance_onboarding_job_status
    assert error_of(lambda: status(connectInstanceId=fresh))[:2] == MISSING
    assert shop.refused(connectInstanceId=fresh)[:2] == CONFLICT
    config = {"lambda": {"functionArn": "arn:aws:lambda:eu-west-1:123456789012:function:x"}}
    integrate = shop.campaigns.put_connect_instance_integration
    assert error_of(lambda: integrate(connectInstanceId=fresh, integrationConfig=config))[:2] == CONFLICT

    shop.campaigns.start_instance_onboarding_job(connectInstanceId=fresh, encryptionConfig={"enabled": False})

    told = status(connectInstanceId=fresh)["connectInstanceOnboardingJobStatus"]
    assert told == {"connectInstanceId": fresh, "status": "SUCCEEDED"}
    # The flow is one of the other instance.
    assert shop.refused(connectInstanceId=fresh)[:2] == MISSING


def test_the_key_of_an_instance_cannot_be_changed(shop: Shop) -> None:
    key = {"enabled": True, "encryptionType": "KMS", "keyArn": "arn:aws:kms:eu-west-1:123456789012:key/1"}
    onboard = shop.campaigns.start_instance_onboarding_job
    named = {"connectInstanceId": shop.instance.instance_id}

    onboard(**named, encryptionConfig={"enabled": False})

    assert error_of(lambda: onboard(**named, encryptionConfig=key))[:2] == CONFLICT
    assert error_of(lambda: onboard(**named, encryptionConfig={"enabled": True}))[:2] == INVALID


def test_an_instance_has_one_domain_and_one_knowledge_base(shop: Shop) -> None:
    other = f"{DOMAIN}-two"
    named = {"connectInstanceId": shop.instance.instance_id}
    integrate = shop.campaigns.put_connect_instance_integration
    config = {"customerProfiles": {"domainArn": other, "objectTypeNames": {}}}
    assert error_of(lambda: integrate(**named, integrationConfig=config))[:2] == MISSING
    shop.people.domains.add(other)
    assert error_of(lambda: integrate(**named, integrationConfig=config))[:2] == CONFLICT
    base = {"qConnect": {"knowledgeBaseArn": "arn:aws:wisdom:eu-west-1:123456789012:knowledge-base/gone"}}
    assert error_of(lambda: integrate(**named, integrationConfig=base))[:2] == MISSING
    assert error_of(lambda: integrate(**named, integrationConfig={**config, **base}))[:2] == INVALID

    listed = shop.campaigns.list_connect_instance_integrations(**named)["integrationSummaryList"]

    assert sorted(kind for one in listed for kind in one) == ["customerProfiles", "qConnect"]


def test_only_knowledge_bases_of_templates_are_made_each_name_once(shop: Shop) -> None:
    wisdom = shop.client("qconnect")
    make = wisdom.create_knowledge_base

    assert error_of(lambda: make(name="faq", knowledgeBaseType="CUSTOM"))[:2] == INVALID
    assert error_of(lambda: make(name="shop", knowledgeBaseType="MESSAGE_TEMPLATES"))[:2] == CONFLICT
    found = wisdom.get_knowledge_base(knowledgeBaseId=shop.instance.knowledge_base_id)["knowledgeBase"]
    assert (found["name"], found["status"]) == ("shop", "ACTIVE")
    listed = wisdom.list_knowledge_bases()["knowledgeBaseSummaries"]
    assert [one["knowledgeBaseId"] for one in listed] == [shop.instance.knowledge_base_id]
    wisdom.delete_knowledge_base(knowledgeBaseId=found["knowledgeBaseArn"])
    assert wisdom.list_knowledge_bases()["knowledgeBaseSummaries"] == []


EMAIL = {"email": {"subject": "Hi", "body": {"plainText": {"content": "Hello"}}}}


@pytest.mark.parametrize(
    "changes",
    [
        {"channelSubtype": "PUSH"},
        {"channelSubtype": "SMS"},
        {"content": {}},
        {"content": {"email": {"body": EMAIL["email"]["body"]}}},
        {"content": {"email": {"subject": "Hi"}}},
        {"name": "äöü"},
        {"channelSubtype": "FAX"},
    ],
)
def test_a_template_that_breaks_a_rule_is_refused(shop: Shop, changes: dict[str, Any]) -> None:
    members = {"name": "new", "channelSubtype": "EMAIL", "content": EMAIL, **changes}
    make = shop.client("qconnect").create_message_template

    error = error_of(lambda: make(knowledgeBaseId=shop.instance.knowledge_base_id, **members))

    assert error[:2] == INVALID


def test_only_the_active_version_of_a_template_is_sent_without_naming_one(shop: Shop) -> None:
    wisdom, base = shop.client("qconnect"), {"knowledgeBaseId": shop.instance.knowledge_base_id}
    made = wisdom.create_message_template(**base, name="new", channelSubtype="EMAIL", content=EMAIL)["messageTemplate"]
    arn, named = made["messageTemplateArn"], {**base, "messageTemplateId": made["messageTemplateId"]}
    create = wisdom.create_message_template
    again = {**base, "name": "new", "channelSubtype": "EMAIL", "content": EMAIL}
    assert error_of(lambda: create(**again))[:2] == CONFLICT
    assert shop.refused(channelSubtypeConfig=shop.by_email(arn))[:2] == MISSING
    assert error_of(lambda: wisdom.activate_message_template(**named, versionNumber=1))[:2] == MISSING
    wrong = {**named, "messageTemplateContentSha256": "0" * 64}
    assert error_of(lambda: wisdom.create_message_template_version(**wrong))[:2] == INVALID

    version = wisdom.create_message_template_version(**named)["messageTemplate"]
    assert shop.refused(channelSubtypeConfig=shop.by_email(arn))[:2] == MISSING
    wisdom.activate_message_template(**named, versionNumber=version["versionNumber"])

    for suffix in ("", ":1", ":$ACTIVE_VERSION"):
        shop.create(channelSubtypeConfig=shop.by_email(f"{arn}{suffix}"))
    read = wisdom.get_message_template(**{**named, "messageTemplateId": f"{made['messageTemplateId']}:1"})
    assert read["messageTemplate"]["isActive"] is True
    assert read["messageTemplate"]["content"] == EMAIL
    listed = wisdom.list_message_templates(**base)["messageTemplateSummaries"]
    assert {one["name"]: one["activeVersionNumber"] for one in listed} == {"hello": 1, "short": 1, "new": 1}
    wisdom.deactivate_message_template(**named, versionNumber=1)
    assert error_of(lambda: wisdom.deactivate_message_template(**named, versionNumber=1))[:2] == CONFLICT
    assert shop.refused(channelSubtypeConfig=shop.by_email(arn))[:2] == MISSING
    wisdom.delete_message_template(**named)
    assert error_of(lambda: wisdom.get_message_template(**named))[:2] == MISSING


def test_a_template_of_another_knowledge_base_is_refused(shop: Shop) -> None:
    wisdom = shop.client("qconnect")
    base = wisdom.create_knowledge_base(name="two", knowledgeBaseType="MESSAGE_TEMPLATES")["knowledgeBase"]
    named = {"knowledgeBaseId": base["knowledgeBaseId"]}
    made = wisdom.create_message_template(**named, name="new", channelSubtype="EMAIL", content=EMAIL)["messageTemplate"]
    wisdom.create_message_template_version(**named, messageTemplateId=made["messageTemplateId"])

    _, _, message = shop.refused(channelSubtypeConfig=shop.by_email(f"{made['messageTemplateArn']}:1"))

    assert "another knowledge base" in message


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{Attributes.Customer.FirstName}} {{Attributes.Customer.Attributes.plan}}", "Ada gold"),
        ("{{Attributes.Customer.Address.City}}", "Paris"),
        ("{{Attributes.Customer.LastName}} {{Attributes.Customer.Attributes.size}}", "Doe XL"),
        ("{{Attributes.shop}}", "Berlin"),
        ("[{{Attributes.Customer.Attributes.none}}{{Attributes.none}}{{FirstName}}]", "[]"),
        ("{{#if Attributes.Customer.Attributes.plan}}member{{else}}guest{{/if}}", "member"),
    ],
)
def test_variables_come_from_the_profile_or_the_defaults(text: str, expected: str) -> None:
    profile = {"FirstName": "Ada", "Address": {"City": "Paris"}, "Attributes": {"plan": "gold"}}
    defaults = {
        "customerProfileAttributes": {"firstName": "you", "lastName": "Doe", "custom": {"size": "XL", "plan": "none"}},
        "customAttributes": {"shop": "Berlin"},
    }
    template = {"content": {"sms": {"body": {"plainText": {"content": text}}}}, "defaultAttributes": defaults}

    assert content_for(profile, template).body == expected


def test_values_are_escaped_in_html_only() -> None:
    text = "{{Attributes.Customer.FirstName}}"
    body = {"plainText": {"content": text}, "html": {"content": text}}

    content = content_for({"FirstName": "<b>"}, {"content": {"email": {"subject": text, "body": body}}})

    assert (content.title, content.body, content.html) == ("<b>", "<b>", "&lt;b&gt;")
