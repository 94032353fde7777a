"""Outbound campaigns in the whole cloud: IAM, stacks, the control interface, a restart."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from local_cloud.outbound.setting_up import ReadyInstance, create_template, set_up_instance
from local_cloud.process import LocalCloud
from tests.local_cloud.aws import REGION, Aws, Document, statement, wait_for
from tests.local_cloud.test_cloudformation import Stack
from tools.stack import pythons

UNLIMITED = {
    f"{name}_rate": 0 for name in ("campaign_change", "campaign_look", "describe_campaign", "other", "template")
}


class Shop:
    """A domain with one profile and a segment of it, and an instance that is ready."""

    def __init__(self, aws: Aws) -> None:
        self.aws = aws
        aws.local("outbound/settings", "PUT", UNLIMITED)
        aws.local("profiles/settings", "PUT", {"change_rate": 0, "other_rate": 0})
        self.campaigns = aws.client("connectcampaignsv2")
        profiles = aws.client("customer-profiles")
        profiles.create_domain(DomainName=aws.name, DefaultExpirationDays=30)
        address = f"{aws.name}@shop.example"
        profiles.create_profile(DomainName=aws.name, AccountNumber=aws.name, EmailAddress=address, FirstName="Ada")
        made = {"Dimensions": [{"ProfileAttributes": {"AccountNumber": _is(aws.name)}}], "SourceType": "ALL"}
        segment = profiles.create_segment_definition(
            DomainName=aws.name,
            SegmentDefinitionName="everybody",
            DisplayName="everybody",
            SegmentGroups={"Groups": [{**made, "Type": "ALL"}], "Include": "ALL"},
        )
        self.segment = segment["SegmentDefinitionArn"]
        self.instance: ReadyInstance = set_up_instance(aws.client, aws.name)
        self.template = create_template(
            aws.client,
            self.instance.knowledge_base_id,
            "hello",
            "EMAIL",
            subject="Hi {{Attributes.Customer.FirstName}}",
            text="Hello",
        )

    @property
    def domain(self) -> str:
        return self.segment.partition("/segment-definitions")[0]

    def request(self, **changes: Any) -> Document:
        outbound = {"connectSourceEmailAddress": "shop@shop.example", "wisdomTemplateArn": self.template}
        start = datetime.now(UTC) + timedelta(hours=1)
        return {
            "name": self.aws.name,
            "connectInstanceId": self.instance.instance_id,
            "channelSubtypeConfig": {"email": {"outboundMode": {"agentless": {}}, "defaultOutboundConfig": outbound}},
            "source": {"customerProfilesSegmentArn": self.segment},
            "connectCampaignFlowArn": self.instance.campaign_flow_arn,
            "schedule": {"startTime": start, "endTime": start + timedelta(days=1)},
            **changes,
        }

    def messages(self) -> list[Document]:
        found: list[Document] = self.aws.local("pinpoint/outbox")
        return [message for message in found if message["application_id"] == self.instance.instance_id]


def _is(value: str) -> Document:
    return {"DimensionType": "INCLUSIVE", "Values": [value]}


@pytest.fixture
def shop(aws: Aws) -> Shop:
    return Shop(aws)


@pytest.fixture
def fast(aws: Aws) -> Iterator[None]:
    """An hour passes in a second."""
    aws.local("pinpoint/settings", "PUT", {"time_factor": 3600})
    yield
    aws.local("pinpoint/settings", "PUT", {"time_factor": 1})


@pytest.mark.usefixtures("fast")
def test_a_started_campaign_reaches_the_members_of_a_segment(shop: Shop) -> None:
    identifier = shop.campaigns.create_campaign(**shop.request())["id"]
    shop.campaigns.start_campaign(id=identifier)

    [message] = wait_for("a message", shop.messages)

    assert (message["destination"], message["title"], message["endpoint_id"]) == ("connect", "Hi Ada", shop.aws.name)
    wait_for(
        "the end of the campaign", lambda: shop.campaigns.get_campaign_state(id=identifier)["state"] == "Completed"
    )
    [told] = [one for one in shop.aws.local("outbound/campaigns") if one["id"] == identifier]
    assert (told["state"], told["sent"]) == ("Completed", 1)
    calls = shop.aws.local("outbound/requests")["requests"]
    assert any(call["operation"] == "StartCampaign" and call["id"] == identifier for call in calls)


class Caller:
    """A user who may do with campaigns what two tags allow."""

    def __init__(self, shop: Shop, own: str) -> None:
        iam, name = shop.aws.iam, f"{shop.aws.name}-caller"
        made = statement(
            "connect-campaigns:CreateCampaign",
            Resource="*",
            Condition={"StringEquals": {"aws:RequestTag/engagement:environment": own}},
        )
        campaign = f"arn:aws:connect-campaigns:{REGION}:{shop.aws.account}:campaign/*"
        made["Statement"].append(
            {
                "Effect": "Allow",
                "Action": ["connect-campaigns:StartCampaign", "connect-campaigns:DeleteCampaign"],
                "Resource": campaign,
                "Condition": {"StringEquals": {"aws:ResourceTag/engagement:environment": own}},
            }
        )
        iam.create_user(UserName=name)
        iam.put_user_policy(UserName=name, PolicyName="campaigns", PolicyDocument=json.dumps(made))
        key = iam.create_access_key(UserName=name)["AccessKey"]
        make: Any = boto3.client
        self.campaigns = make(
            "connectcampaignsv2",
            endpoint_url=shop.aws.cloud.url,
            region_name=REGION,
            aws_access_key_id=key["AccessKeyId"],
            aws_secret_access_key=key["SecretAccessKey"],
            config=Config(retries={"total_max_attempts": 1}),
        )


def refusal(call: Any, **parameters: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    error = caught.value.response["Error"]
    return f"{error['Code']}: {error['Message']}"


def test_permissions_hold_by_tags_of_request_and_campaign(shop: Shop) -> None:
    caller = Caller(shop, "one").campaigns
    tags = {"engagement:environment": "one"}

    made = caller.create_campaign(**shop.request(tags=tags))
    caller.start_campaign(id=made["id"])

    said = refusal(caller.create_campaign, **shop.request())
    assert said.startswith("AccessDeniedException: ")
    assert "connect-campaigns:CreateCampaign" in said
    assert "AccessDenied" in refusal(caller.create_campaign, **shop.request(tags={"engagement:environment": "two"}))
    other = shop.campaigns.create_campaign(**shop.request(tags={"engagement:environment": "two"}))["id"]
    assert "AccessDenied" in refusal(caller.start_campaign, id=other)
    assert "AccessDenied" in refusal(caller.stop_campaign, id=made["id"])
    assert "AccessDenied" in refusal(caller.list_campaigns)


@pytest.fixture
def stack(aws: Aws) -> Stack:
    return Stack(aws)


def campaign_resource(shop: Shop, **changes: Any) -> Document:
    outbound = {"ConnectSourceEmailAddress": "shop@shop.example", "WisdomTemplateArn": shop.template}
    properties = {
        "Name": shop.aws.name,
        "ConnectInstanceId": shop.instance.instance_id,
        "ChannelSubtypeConfig": {
            "Email": {"OutboundMode": {"AgentlessConfig": {}}, "DefaultOutboundConfig": outbound},
        },
        "Source": {"EventTrigger": {"CustomerProfilesDomainArn": shop.domain}},
        "ConnectCampaignFlowArn": shop.instance.campaign_flow_arn,
        "Schedule": {"StartTime": "2095-01-01T00:00:00Z", "EndTime": "2096-01-01T00:00:00Z"},
        "EntryLimitsConfig": {"MaxEntryCount": 1, "MinEntryInterval": "PT0S"},
        "CommunicationLimitsOverride": {
            "AllChannelsSubtypes": {
                "CommunicationLimitList": [{"MaxCountPerRecipient": 1, "Frequency": 1, "Unit": "DAY"}]
            },
            "InstanceLimitsHandling": "OPT_OUT",
        },
        "CommunicationTimeConfig": {
            "LocalTimeZoneConfig": {"DefaultTimeZone": "Europe/Berlin"},
            "Email": {
                "OpenHours": {
                    "DailyHours": [{"Key": "MONDAY", "Value": [{"StartTime": "T08:00", "EndTime": "T20:00"}]}]
                }
            },
        },
        "Tags": [{"Key": "engagement:environment", "Value": "one"}],
        **changes,
    }
    known = {name: value for name, value in properties.items() if value is not None}
    return {"Type": "AWS::ConnectCampaignsV2::Campaign", "Properties": known}


def only_campaign(shop: Shop) -> Document:
    wanted = {"instanceIdFilter": {"value": shop.instance.instance_id, "operator": "Eq"}}
    [found] = shop.campaigns.list_campaigns(filters=wanted)["campaignSummaryList"]
    campaign: Document = shop.campaigns.describe_campaign(id=found["id"])["campaign"]
    return campaign


def test_a_stack_makes_a_campaign_changes_it_and_removes_it(shop: Shop, stack: Stack) -> None:
    assert stack.create(Campaign=campaign_resource(shop)) == "CREATE_COMPLETE", stack.reasons()

    made = only_campaign(shop)
    assert made["communicationLimitsOverride"]["instanceLimitsHandling"] == "OPT_OUT"
    [limit] = made["communicationLimitsOverride"]["allChannelSubtypes"]["communicationLimitsList"]
    assert limit["maxCountPerRecipient"] == 1
    hours = made["communicationTimeConfig"]["email"]["openHours"]["dailyHours"]
    assert hours == {"MONDAY": [{"startTime": "T08:00", "endTime": "T20:00"}]}
    assert made["tags"] == {"engagement:environment": "one"}
    assert shop.campaigns.get_campaign_state(id=made["id"])["state"] == "Initialized"
    [resource] = stack.client.describe_stack_resources(StackName=stack.name)["StackResources"]
    assert resource["PhysicalResourceId"] == made["arn"]

    changed = campaign_resource(
        shop,
        Name="new",
        EntryLimitsConfig=None,
        CommunicationLimitsOverride=None,
        Tags=[{"Key": "team", "Value": "crm"}],
    )
    assert stack.update(Campaign=changed) == "UPDATE_COMPLETE", stack.reasons()

    after = only_campaign(shop)
    assert (after["id"], after["name"], after["tags"]) == (made["id"], "new", {"team": "crm"})
    assert "entryLimitsConfig" not in after
    assert "communicationLimitsOverride" not in after
    assert stack.delete() == "DELETED"
    with pytest.raises(ValueError, match="not enough"):
        only_campaign(shop)


def test_a_stack_does_not_delete_a_campaign_that_is_under_way(shop: Shop, stack: Stack) -> None:
    assert stack.create(Campaign=campaign_resource(shop)) == "CREATE_COMPLETE", stack.reasons()
    identifier = only_campaign(shop)["id"]
    shop.campaigns.start_campaign(id=identifier)

    assert stack.delete() == "DELETE_FAILED"
    assert "stop it first" in stack.reasons()
    shop.campaigns.stop_campaign(id=identifier)
    assert stack.delete() == "DELETED"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"Sender": "x"}, "unsupported property Sender"),
        ({"Name": None}, "Property Name cannot be empty"),
        ({"Source": {"eventTrigger": {}}}, "unsupported property eventTrigger"),
        ({"CommunicationLimitsOverride": {"AllChannelSubtypes": {}}}, "unsupported property AllChannelSubtypes"),
        ({"EntryLimitsConfig": {"MaxEntries": 1}}, "unsupported property maxEntries"),
        ({"ConnectInstanceId": "gone"}, "Connect instance does not exist"),
    ],
)
def test_a_stack_with_a_campaign_that_breaks_a_rule_fails(
    shop: Shop, stack: Stack, changes: Document, said: str
) -> None:
    assert stack.create(Campaign=campaign_resource(shop, **changes)) != "CREATE_COMPLETE"
    assert said in stack.reasons()


def test_a_stack_makes_flows_and_templates_and_their_versions(shop: Shop, stack: Stack) -> None:
    end = {"Identifier": "end", "Type": "EndFlowExecution", "Parameters": {}, "Transitions": {}}
    flow = {"Version": "2019-10-30", "StartAction": "end", "Actions": [end]}
    body = {"PlainText": {"Content": "Hi {{Attributes.Customer.Attributes.Plan}}"}}

    def resources(text: str, metadata: Document) -> Document:
        content = {"EmailMessageTemplateContent": {"Subject": text, "Body": body, "Headers": []}}
        defaults = {"CustomerProfileAttributes": {"FirstName": "you", "Custom": {"Plan": "gold"}}}
        return {
            "Flow": {
                "Type": "AWS::Connect::ContactFlow",
                "Properties": {
                    "InstanceArn": shop.instance.instance_arn,
                    "Name": shop.aws.name + "-flow",
                    "Type": "CAMPAIGN",
                    "Content": json.dumps({**flow, "Metadata": metadata}),
                },
            },
            "FlowVersion": {
                "Type": "AWS::Connect::ContactFlowVersion",
                "Properties": {"ContactFlowId": {"Ref": "Flow"}, "Description": text},
            },
            "Base": {
                "Type": "AWS::Wisdom::KnowledgeBase",
                "Properties": {"Name": shop.aws.name + "-base", "KnowledgeBaseType": "MESSAGE_TEMPLATES"},
            },
            "Template": {
                "Type": "AWS::Wisdom::MessageTemplate",
                "Properties": {
                    "KnowledgeBaseArn": {"Fn::GetAtt": ["Base", "KnowledgeBaseArn"]},
                    "ChannelSubtype": "EMAIL",
                    "Name": "hello",
                    "Content": content,
                    "DefaultAttributes": defaults,
                },
            },
            "TemplateVersion": {
                "Type": "AWS::Wisdom::MessageTemplateVersion",
                "Properties": {
                    "MessageTemplateArn": {"Fn::GetAtt": ["Template", "MessageTemplateArn"]},
                    "MessageTemplateContentSha256": {"Fn::GetAtt": ["Template", "MessageTemplateContentSha256"]},
                },
            },
        }

    def made() -> dict[str, str]:
        listed = stack.client.describe_stack_resources(StackName=stack.name)["StackResources"]
        return {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in listed}

    assert stack.create(**resources("Hi", {})) == "CREATE_COMPLETE", stack.reasons()
    first = made()
    assert first["FlowVersion"] == f"{first['Flow']}:1"
    assert first["TemplateVersion"] == f"{first['Template']}:1"
    wisdom = shop.aws.client("qconnect")
    read = wisdom.get_message_template(knowledgeBaseId=first["Base"], messageTemplateId=first["Template"])
    assert read["messageTemplate"]["defaultAttributes"]["customerProfileAttributes"] == {
        "firstName": "you",
        "custom": {"Plan": "gold"},
    }

    assert stack.update(**resources("Hello", {"new": True})) == "UPDATE_COMPLETE", stack.reasons()
    second = made()
    assert (second["Flow"], second["Template"]) == (first["Flow"], first["Template"])
    assert second["FlowVersion"] == f"{first['Flow']}:2"
    assert second["TemplateVersion"] == f"{first['Template']}:2"
    assert stack.delete() == "DELETED"


def test_campaigns_go_on_after_a_restart(tmp_path: Path) -> None:
    with LocalCloud(tmp_path, pythons=pythons()) as cloud:
        shop = Shop(Aws(cloud, "saved", account="999900000031"))
        start = datetime.now(UTC) + timedelta(seconds=20)
        schedule = {"startTime": start, "endTime": start + timedelta(days=1)}
        identifier = shop.campaigns.create_campaign(**shop.request(schedule=schedule))["id"]
        shop.campaigns.start_campaign(id=identifier)

    with LocalCloud(tmp_path, pythons=pythons()) as cloud:
        shop.aws = Aws(cloud, "saved", account="999900000031")
        [message] = wait_for("a message", shop.messages)
        assert message["campaign_id"] == identifier
