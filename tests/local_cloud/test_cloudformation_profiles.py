"""CloudFormation's types of Customer Profiles."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.local_cloud.aws import REGION, Aws, Document
from tests.local_cloud.stacks import Stack

IDS = {"StandardIdentifiers": ["UNIQUE"], "FieldNames": ["customerId", "eventId"]}
ACCOUNT_KEY = {"StandardIdentifiers": ["PROFILE", "LOOKUP_ONLY"], "FieldNames": ["customerId"]}


class Shop:
    """A domain and the resources of a stack in it."""

    def __init__(self, aws: Aws) -> None:
        self.aws, self.name = aws, aws.name
        self.campaign = f"arn:aws:connect-campaigns:{REGION}:{aws.account}:campaign/c1"
        self.client = aws.client("customer-profiles")

    def get(self, operation: str, **parameters: str) -> Any:
        """What a resource is; None if there is none."""
        try:
            return getattr(self.client, operation)(DomainName=self.name, **parameters)
        except self.client.exceptions.ResourceNotFoundException:
            return None

    def resource(self, kind: str, depends: str | None = None, **properties: Any) -> Document:
        document: Document = {
            "Type": f"AWS::CustomerProfiles::{kind}",
            "Properties": {"DomainName": self.name, **properties},
        }
        return {**document, "DependsOn": depends} if depends else document

    def domain(self, **properties: Any) -> Document:
        return self.resource("Domain", **{"DefaultExpirationDays": 30, **properties})

    def object_type(self, name: str = "events", **properties: Any) -> Document:
        fields = [
            {"Name": field, "ObjectTypeField": {"Source": f"_source.{field}"}}
            for field in ("customerId", "eventId", "eventType")
        ]
        keys = [
            {"Name": "_account", "ObjectTypeKeyList": [ACCOUNT_KEY]},
            {"Name": f"{name}-id", "ObjectTypeKeyList": [IDS]},
        ]
        given = {"Description": "events", "Fields": fields, "Keys": keys, **properties}
        return self.resource("ObjectType", "Domain", ObjectTypeName=name, **given)

    def segment(self, display: str = "Gold", **properties: Any) -> Document:
        gold = {"ProfileAttributes": {"Attributes": {"tier": {"DimensionType": "INCLUSIVE", "Values": ["true"]}}}}
        given = {"DisplayName": display, "SegmentGroups": {"Groups": [{"Dimensions": [gold]}]}, **properties}
        return self.resource("SegmentDefinition", "Domain", **{"SegmentDefinitionName": "gold", **given})

    def trigger(self, value: str = "buy", **properties: Any) -> Document:
        attribute = {"FieldName": "eventType", "ComparisonOperator": "INCLUSIVE", "Values": [value]}
        condition = {"LogicalOperator": "ALL", "EventTriggerDimensions": [{"ObjectAttributes": [attribute]}]}
        given = {"ObjectTypeName": "events", "EventTriggerConditions": [condition], **properties}
        return self.resource("EventTrigger", "Events", EventTriggerName="bought", **given)

    def all(self, **more: Document) -> dict[str, Document]:
        integration = self.resource("Integration", "Trigger", Uri=self.campaign, EventTriggerNames=["bought"])
        return {
            "Domain": self.domain(),
            "Events": self.object_type(),
            "Trusted": self.object_type("trusted"),
            "Segment": self.segment(),
            "Trigger": self.trigger(),
            "Integration": integration,
            **more,
        }


@pytest.fixture
def shop(aws: Aws) -> Shop:
    return Shop(aws)


@pytest.fixture
def stack(aws: Aws) -> Stack:
    return Stack(aws)


def test_a_stack_makes_changes_and_removes_everything_of_a_domain(shop: Shop, stack: Stack) -> None:
    assert stack.create(**shop.all()) == "CREATE_COMPLETE", stack.reasons()

    made = shop.get("get_profile_object_type", ObjectTypeName="events")
    assert made["Keys"] == {"_account": [ACCOUNT_KEY], "events-id": [IDS]}
    assert shop.get("get_segment_definition", SegmentDefinitionName="gold")["DisplayName"] == "Gold"
    assert shop.get("get_integration", Uri=shop.campaign)["EventTriggerNames"] == ["bought"]
    listed = stack.client.describe_stack_resources(StackName=stack.name)["StackResources"]
    assert {entry["LogicalResourceId"]: entry["PhysicalResourceId"] for entry in listed} == {
        "Domain": shop.name,
        "Events": f"{shop.name}|events",
        "Trusted": f"{shop.name}|trusted",
        "Segment": f"{shop.name}|gold",
        "Trigger": f"{shop.name}|bought",
        "Integration": f"{shop.name}|{shop.campaign}",
    }

    changed = shop.all(
        Domain=shop.domain(DefaultExpirationDays=60),
        Events=shop.object_type(ExpirationDays=7, Tags=[{"Key": "a", "Value": "b"}]),
        Trigger=shop.trigger("view"),
        Segment=shop.segment(Tags=[{"Key": "c", "Value": "d"}]),
    )
    assert stack.update(**changed) == "UPDATE_COMPLETE", stack.reasons()
    assert shop.get("get_domain")["DefaultExpirationDays"] == 60
    made = shop.get("get_profile_object_type", ObjectTypeName="events")
    assert (made["ExpirationDays"], made["Tags"]) == (7, {"a": "b"})
    conditions = shop.get("get_event_trigger", EventTriggerName="bought")["EventTriggerConditions"]
    assert '"view"' in json.dumps(conditions)
    assert shop.get("get_segment_definition", SegmentDefinitionName="gold")["Tags"] == {"c": "d"}

    assert stack.delete() == "DELETED"
    assert shop.get("get_domain") is None


def test_attributes_of_a_segment_can_be_asked_for(shop: Shop, stack: Stack) -> None:
    resources = {"Domain": shop.domain(), "Segment": shop.segment()}
    outputs = {"Arn": {"Value": {"Fn::GetAtt": ["Segment", "SegmentDefinitionArn"]}}}
    template = json.dumps({"Resources": resources, "Outputs": outputs})

    stack.client.create_stack(StackName=stack.name, TemplateBody=template)

    assert stack.settle() == "CREATE_COMPLETE", stack.reasons()
    [found] = stack.client.describe_stacks(StackName=stack.name)["Stacks"]
    arn = shop.get("get_segment_definition", SegmentDefinitionName="gold")["SegmentDefinitionArn"]
    assert [one["OutputValue"] for one in found["Outputs"]] == [arn]


def test_another_name_replaces_a_resource_and_a_segment_with_its_old_name_cannot_be_replaced(
    shop: Shop, stack: Stack
) -> None:
    stack.create(Domain=shop.domain(), Events=shop.object_type(), Segment=shop.segment())

    moved = {"Domain": shop.domain(), "Events": shop.object_type("others")}
    assert stack.update(**moved, Segment=shop.segment(SegmentDefinitionName="silver")) == "UPDATE_COMPLETE"
    assert shop.get("get_profile_object_type", ObjectTypeName="events") is None
    assert shop.get("get_profile_object_type", ObjectTypeName="others")
    assert shop.get("get_segment_definition", SegmentDefinitionName="gold") is None

    renamed = shop.segment("Silver", SegmentDefinitionName="silver")
    assert stack.update(**moved, Segment=renamed) == "UPDATE_ROLLBACK_COMPLETE"
    assert shop.get("get_segment_definition", SegmentDefinitionName="silver")["DisplayName"] == "Gold"


@pytest.mark.parametrize(
    ("maker", "properties", "reason"),
    [
        ("object_type", {"Fields": []}, "Status Code: 400"),
        ("object_type", {"Colour": "red"}, "Encountered unsupported property Colour"),
        ("object_type", {"Fields": [{"Name": "a.b", "ObjectTypeField": {}}]}, "Model validation failed"),
        ("segment", {"SegmentGroups": {"Groups": []}}, "Status Code: 400"),
        ("segment", {"SegmentSqlQuery": "SELECT 1"}, "SQL is not emulated"),
    ],
)
def test_what_is_refused_fails_the_stack(
    shop: Shop, stack: Stack, maker: str, properties: dict[str, Any], reason: str
) -> None:
    thing = getattr(shop, maker)(**properties)

    assert stack.create(Domain=shop.domain(), Thing=thing) in {"CREATE_FAILED", "ROLLBACK_COMPLETE"}
    assert reason in stack.reasons()


def test_periods_keep_to_the_schema_of_the_type(shop: Shop, stack: Stack) -> None:
    periods = [{"Unit": "MINUTES", "Value": 5, "MaxInvocationsPerProfile": 1}]
    trigger = shop.trigger(EventTriggerLimits={"Periods": periods})

    stack.create(Domain=shop.domain(), Events=shop.object_type(), Trigger=trigger)

    assert "Model validation failed" in stack.reasons()


def test_a_resource_that_exists_is_not_taken_over(shop: Shop, stack: Stack) -> None:
    shop.client.create_domain(DomainName=shop.name, DefaultExpirationDays=1)

    assert stack.create(Domain=shop.domain()) == "ROLLBACK_COMPLETE"

    assert "already exists" in stack.reasons()
    assert shop.get("get_domain")["DefaultExpirationDays"] == 1
