"""What a function's role lets the function do: every call is refused until a policy allows it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.local_cloud.aws import LAMBDA, REGION, Aws, statement

CALLS = """
import boto3
from botocore.exceptions import ClientError
def handler(event, context):
    client = boto3.client(event["service"])
    try:
        answer = getattr(client, event["method"])(**event["arguments"])
        return {"value": answer.get("SecretString") or answer.get("Parameter", {}).get("Value") or "done"}
    except ClientError as error:
        return {"refused": error.response["Error"]["Code"], "message": error.response["Error"]["Message"]}
"""


@pytest.fixture
def role(aws: Aws) -> str:
    return aws.role("function", LAMBDA, {})


@pytest.fixture
def function(aws: Aws, role: str) -> str:
    return aws.function(CALLS, role)


def allow(aws: Aws, *statements: Mapping[str, Any]) -> None:
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    aws.iam.put_role_policy(RoleName=f"{aws.name}-function", PolicyName="allowed", PolicyDocument=json.dumps(document))


def one(action: str, resource: str, **rest: Any) -> dict[str, Any]:
    found: dict[str, Any] = statement(action, Resource=resource, **rest)["Statement"][0]
    return found


def call(aws: Aws, function: str, service: str, method: str, **arguments: Any) -> Any:
    return aws.invoke(function, {"service": service, "method": method, "arguments": arguments})


def key(aws: Aws) -> str:
    arn: str = aws.client("kms").create_key(Description=aws.name)["KeyMetadata"]["Arn"]
    return arn


def test_a_parameter_needs_its_permission_and_that_of_its_key(aws: Aws, function: str) -> None:
    name, kms = f"/{aws.name}/keys", key(aws)
    aws.client("ssm").put_parameter(Name=name, Value="text", Type="SecureString", KeyId=kms)
    arn = f"arn:aws:ssm:{REGION}:{aws.account}:parameter{name}"
    read = one("ssm:GetParameter", arn)

    def get() -> Any:
        return call(aws, function, "ssm", "get_parameter", Name=name, WithDecryption=True)

    nothing = get()
    allow(aws, one("ssm:GetParameter", f"{arn}-other"))
    other = get()
    allow(aws, read)
    encrypted = get()
    via = {"StringEquals": {"kms:ViaService": f"secretsmanager.{REGION}.amazonaws.com"}}
    allow(aws, read, one("kms:Decrypt", kms, Condition=via))
    elsewhere = get()
    via["StringEquals"]["kms:ViaService"] = f"ssm.{REGION}.amazonaws.com"
    allow(aws, read, one("kms:Decrypt", kms, Condition=via))

    assert {refused["refused"] for refused in (nothing, other, encrypted, elsewhere)} == {"AccessDeniedException"}
    assert "ssm:GetParameter" in nothing["message"]
    assert "kms:Decrypt" in encrypted["message"]
    assert get() == {"value": "text"}


def test_a_parameter_under_the_key_of_aws_needs_no_permission_for_the_key(aws: Aws, function: str) -> None:
    name = f"/{aws.name}/keys"
    aws.client("ssm").put_parameter(Name=name, Value="text", Type="SecureString")
    allow(aws, one("ssm:GetParameter", f"arn:aws:ssm:{REGION}:{aws.account}:parameter{name}"))

    assert call(aws, function, "ssm", "get_parameter", Name=name, WithDecryption=True) == {"value": "text"}


def test_a_secret_needs_its_permission_and_that_of_its_key(aws: Aws, function: str) -> None:
    kms = key(aws)
    arn = aws.client("secretsmanager").create_secret(Name=aws.name, SecretString="text", KmsKeyId=kms)["ARN"]
    read = one("secretsmanager:GetSecretValue", arn)

    def get() -> Any:
        return call(aws, function, "secretsmanager", "get_secret_value", SecretId=arn)

    nothing = get()
    allow(aws, read)
    encrypted = get()
    allow(aws, read, one("kms:Decrypt", kms))

    assert (nothing["refused"], encrypted["refused"]) == ("AccessDeniedException", "AccessDeniedException")
    assert "secretsmanager:GetSecretValue" in nothing["message"]
    assert encrypted["message"] == "Access to KMS is not allowed"
    assert get() == {"value": "text"}


def test_sending_needs_the_permission_on_that_queue(aws: Aws, function: str) -> None:
    ingest, dlq = aws.queue("ingest"), aws.queue("dlq")

    def send(url: str) -> Any:
        return call(aws, function, "sqs", "send_message", QueueUrl=url, MessageBody="x")

    refused = send(ingest.url)
    allow(aws, one("sqs:SendMessage", ingest.arn))

    assert "sqs:SendMessage" in refused["message"]
    assert send(ingest.url) == {"value": "done"}
    assert "refused" in send(dlq.url)
    assert (aws.depth(ingest), aws.depth(dlq)) == (1, 0)
