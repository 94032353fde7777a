"""Customer Profiles at the cloud's port: IAM, dead letters in a real queue, faults."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_cloud.process import LocalCloud
from tests.local_cloud.aws import LAMBDA, REGION, Aws, Queue, statement, wait_for
from tools.stack import pythons

TYPE = "shop-events"
TEXT = json.dumps({"customerId": "ada", "eventId": "e1"})


@pytest.fixture
def domain(aws: Aws, queue: Queue) -> str:
    """A domain with a type that makes no profiles."""
    # Tests follow each other faster than types may be put.
    aws.local("profiles/settings", "PUT", {"put_object_type_rate": 0})
    client = aws.client("customer-profiles")
    client.create_domain(DomainName=aws.name, DefaultExpirationDays=30, DeadLetterQueueUrl=queue.url)
    client.put_profile_object_type(
        DomainName=aws.name,
        ObjectTypeName=TYPE,
        Description="events",
        Fields={name: {"Source": f"_source.{name}"} for name in ("customerId", "eventId")},
        Keys={
            "_account": [{"StandardIdentifiers": ["PROFILE", "LOOKUP_ONLY"], "FieldNames": ["customerId"]}],
            "id": [{"StandardIdentifiers": ["UNIQUE"], "FieldNames": ["customerId", "eventId"]}],
        },
    )
    return aws.name


def arn(aws: Aws, below: str = "") -> str:
    return f"arn:aws:profile:{REGION}:{aws.account}:domains/{aws.name}{below}"


def role_client(aws: Aws, allowed: dict[str, list[str]]) -> Any:
    """A client that acts with a role."""
    role = aws.role("caller", LAMBDA, allowed)
    trust = statement("sts:AssumeRole", Principal={"AWS": f"arn:aws:iam::{aws.account}:root"})
    aws.iam.update_assume_role_policy(RoleName=f"{aws.name}-caller", PolicyDocument=json.dumps(trust))
    keys = aws.client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    return aws.client(
        "customer-profiles",
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )


def put(client: Any, domain: str) -> Any:
    return client.put_profile_object(DomainName=domain, ObjectTypeName=TYPE, Object=TEXT)


def test_a_caller_with_the_domain_and_the_type_puts_objects(aws: Aws, domain: str) -> None:
    actions = ["profile:PutProfileObject"]
    client = role_client(aws, {arn(aws): actions, arn(aws, f"/object-types/{TYPE}"): actions})
    aws.client("customer-profiles").create_profile(DomainName=domain, AccountNumber="ada")

    put(client, domain)

    def objects() -> list[Any]:
        return list(aws.local(f"profiles/profiles?domain={arn(aws)}")[0]["objects"])

    assert wait_for("the object", objects)[0]["type"] == TYPE


@pytest.mark.parametrize("below", ["", f"/object-types/{TYPE}", "/object-types/other", "x"])
def test_a_right_on_one_of_them_alone_is_not_enough(aws: Aws, domain: str, below: str) -> None:
    client = role_client(aws, {arn(aws, below): ["profile:*"]})

    with pytest.raises(ClientError, match="not authorized to perform: profile:PutProfileObject") as refused:
        put(client, domain)

    assert refused.value.response["Error"]["Code"] == "AccessDeniedException"
    assert [one["action"] for one in aws.refusals()] == ["profile:PutProfileObject"]


@pytest.mark.parametrize("is_open", [True, False])
def test_an_object_without_profile_is_in_the_queue_if_that_lets_the_service_in(
    aws: Aws, domain: str, queue: Queue, is_open: bool
) -> None:
    if is_open:
        principal = {"Principal": {"Service": "profile.amazonaws.com"}, "Resource": queue.arn}
        policy = json.dumps(statement("sqs:SendMessage", **principal))
        aws.client("sqs").set_queue_attributes(QueueUrl=queue.url, Attributes={"Policy": policy})

    put(aws.client("customer-profiles"), domain)

    if is_open:
        message = wait_for(
            "the dead letter", lambda: aws.client("sqs").receive_message(QueueUrl=queue.url).get("Messages")
        )
        assert json.loads(message[0]["Body"])["object"] == TEXT
    else:
        refusal = wait_for("the refusal", aws.refusals)[0]
        assert (refusal["principal"], refusal["action"]) == ("profile.amazonaws.com", "sqs:SendMessage")


def test_calls_and_domains_can_be_looked_into(aws: Aws, domain: str) -> None:
    put(aws.client("customer-profiles"), domain)

    assert domain in {one["name"] for one in aws.local("profiles/domains")}
    calls = [one for one in aws.local("profiles/requests")["requests"] if one["domain_name"] == domain]
    assert [one["operation"] for one in calls] == ["PutProfileObject"]


def test_a_fault_reaches_the_socket(aws: Aws, domain: str) -> None:
    aws.local("faults", "PUT", [{"target": "profiles.PutProfileObject", "kind": "throttle", "times": 1}])

    with pytest.raises(ClientError) as refused:
        put(aws.client("customer-profiles"), domain)

    assert refused.value.response["Error"]["Code"] == "ThrottlingException"


def snapshot(client: Any, aws: Aws, role: str) -> Any:
    """Take a snapshot of everybody with a tier; how it ended."""
    tier = {"ProfileAttributes": {"Attributes": {"tier": {"DimensionType": "EXCLUSIVE", "Values": ["none"]}}}}
    aws.client("customer-profiles").create_segment_definition(
        DomainName=aws.name,
        SegmentDefinitionName="all",
        DisplayName="all",
        SegmentGroups={"Groups": [{"Dimensions": [tier]}]},
    )
    names = {"DomainName": aws.name, "SegmentDefinitionName": "all"}
    made = client.create_segment_snapshot(
        **names, DataFormat="JSONL", RoleArn=role, DestinationUri=f"s3://{aws.name}/in"
    )

    def settled() -> Any:
        found = aws.client("customer-profiles").get_segment_snapshot(**names, SnapshotId=made["SnapshotId"])
        return None if found["Status"] == "IN_PROGRESS" else found

    return wait_for("the snapshot", settled)


def test_a_snapshot_is_written_with_the_role_that_was_given(aws: Aws, domain: str) -> None:
    s3 = aws.client("s3")
    s3.create_bucket(Bucket=aws.name)
    role = aws.role("snapshots", "profile.amazonaws.com", {f"arn:aws:s3:::{aws.name}/in/*": ["s3:PutObject"]})
    aws.client("customer-profiles").create_profile(DomainName=domain, AccountNumber="ada")

    assert snapshot(aws.client("customer-profiles"), aws, role)["Status"] == "COMPLETED"

    [file] = s3.list_objects_v2(Bucket=aws.name)["Contents"]
    rows = s3.get_object(Bucket=aws.name, Key=file["Key"])["Body"].read().decode().splitlines()
    assert [json.loads(row)["AccountNumber"] for row in rows] == ["ada"]


@pytest.mark.parametrize(
    ("service", "action"), [("pinpoint.amazonaws.com", "s3:PutObject"), ("profile.amazonaws.com", "s3:GetObject")]
)
@pytest.mark.usefixtures("domain")
def test_a_snapshot_fails_without_trust_or_permission(aws: Aws, service: str, action: str) -> None:
    aws.client("s3").create_bucket(Bucket=aws.name)
    role = aws.role("snapshots", service, {f"arn:aws:s3:::{aws.name}/in/*": [action]})

    assert snapshot(aws.client("customer-profiles"), aws, role)["Status"] == "FAILED"

    assert [one["action"] for one in aws.refusals()] == ["s3:PutObject"]


@pytest.mark.usefixtures("domain")
def test_a_role_is_passed_on_only_by_who_may(aws: Aws) -> None:
    role = aws.role("snapshots", "profile.amazonaws.com", {"*": ["s3:PutObject"]})
    client = role_client(aws, {arn(aws): ["profile:*"], arn(aws, "/*"): ["profile:*"]})

    with pytest.raises(ClientError, match="iam:PassRole"):
        snapshot(client, aws, role)


def test_profiles_outlast_a_restart_of_the_cloud(tmp_path: Path) -> None:
    with LocalCloud(tmp_path, pythons=pythons()) as cloud:
        client = Aws(cloud, "saved").client("customer-profiles")
        client.create_domain(DomainName="saved", DefaultExpirationDays=30)
        client.create_profile(DomainName="saved", AccountNumber="ada")

    with LocalCloud(tmp_path, pythons=pythons()) as cloud:
        client = Aws(cloud, "saved").client("customer-profiles")
        found = client.search_profiles(DomainName="saved", KeyName="_account", Values=["ada"])["Items"]

    assert len(found) == 1
