"""Logging configurations of web ACLs."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local_cloud.aws import REGION, Aws


@pytest.fixture
def acl(aws: Aws) -> str:
    visibility = {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": True, "MetricName": "acl"}
    made = aws.client("wafv2").create_web_acl(
        Name=aws.name, Scope="REGIONAL", DefaultAction={"Allow": {}}, VisibilityConfig=visibility
    )
    arn: str = made["Summary"]["ARN"]
    return arn


def group(aws: Aws, name: str) -> str:
    return f"arn:aws:logs:{REGION}:{aws.account}:log-group:{name}"


def test_a_logging_configuration_is_kept_and_removed(aws: Aws, acl: str) -> None:
    client: Any = aws.client("wafv2")
    wanted = {
        "ResourceArn": acl,
        "LogDestinationConfigs": [group(aws, "aws-waf-logs-x")],
        "RedactedFields": [{"QueryString": {}}, {"SingleHeader": {"Name": "authorization"}}],
    }

    client.put_logging_configuration(LoggingConfiguration=wanted)
    assert client.get_logging_configuration(ResourceArn=acl)["LoggingConfiguration"] == wanted
    client.delete_logging_configuration(ResourceArn=acl)

    with pytest.raises(client.exceptions.WAFNonexistentItemException):
        client.get_logging_configuration(ResourceArn=acl)


@pytest.mark.parametrize("names", [["other"], ["aws-waf-logs-a", "aws-waf-logs-b"]])
def test_a_destination_must_be_one_with_the_prefix(aws: Aws, acl: str, names: list[str]) -> None:
    client: Any = aws.client("wafv2")

    with pytest.raises(ClientError) as caught:
        client.put_logging_configuration(
            LoggingConfiguration={"ResourceArn": acl, "LogDestinationConfigs": [group(aws, name) for name in names]}
        )

    assert caught.value.response["Error"]["Code"] == "WAFInvalidParameterException"
