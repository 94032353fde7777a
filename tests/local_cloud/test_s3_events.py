"""Events of objects on the default bus, versions, and buckets that demand TLS."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.local_cloud.aws import LAMBDA, Aws, Queue, statement
from tests.local_cloud.test_eventbridge import EVENTS, KEEP

READ = (
    "import boto3\ns3 = boto3.client('s3')\ndef handler(event, context):\n"
    "    answer = s3.get_object(Bucket=event['bucket'], Key=event['key'])\n"
    "    return [answer['VersionId'], answer['Body'].read().decode()]\n"
)


@pytest.fixture
def bucket(aws: Aws) -> str:
    """A versioned bucket that refuses plain HTTP and tells EventBridge of its objects."""
    s3 = aws.client("s3")
    s3.create_bucket(Bucket=aws.name)
    s3.put_bucket_versioning(Bucket=aws.name, VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_notification_configuration(
        Bucket=aws.name, NotificationConfiguration={"EventBridgeConfiguration": {}}
    )
    arn = f"arn:aws:s3:::{aws.name}"
    condition = {"Bool": {"aws:SecureTransport": "false"}}
    policy = statement("s3:*", Principal="*", Resource=[arn, f"{arn}/*"], Condition=condition)
    policy["Statement"][0]["Effect"] = "Deny"
    s3.put_bucket_policy(Bucket=aws.name, Policy=json.dumps(policy))
    return aws.name


@pytest.fixture
def rule(aws: Aws, bucket: str, queue: Queue) -> str:
    """A rule that calls a function for each change under plans/."""
    events = aws.client("events")
    role = aws.role("keep", LAMBDA, {queue.arn: ["sqs:SendMessage"]})
    function = aws.function(KEEP.format(queue.url), role, "keep")
    pattern = {
        "source": ["aws.s3"],
        "detail-type": ["Object Created", "Object Deleted"],
        "detail": {"bucket": {"name": [bucket]}, "object": {"key": [{"prefix": "plans/"}]}},
    }
    arn: str = events.put_rule(Name=aws.name, EventPattern=json.dumps(pattern))["RuleArn"]
    events.put_targets(Rule=aws.name, Targets=[{"Id": "t", "Arn": function}])
    aws.functions.add_permission(
        FunctionName=function, StatementId="rule", Action="lambda:InvokeFunction", Principal=EVENTS, SourceArn=arn
    )
    return arn


@pytest.mark.usefixtures("rule")
def test_a_function_hears_of_objects_that_come_and_go(aws: Aws, bucket: str, queue: Queue) -> None:
    s3 = aws.client("s3")

    def heard() -> Any:
        return json.loads(aws.receive(queue))

    s3.put_object(Bucket=bucket, Key="other/x.json", Body=b"{}")
    put = s3.put_object(Bucket=bucket, Key="plans/über uns.json", Body=b"{}")
    created = heard()
    deleted = s3.delete_object(Bucket=bucket, Key="plans/über uns.json")
    removed = heard()

    assert (created["source"], created["detail-type"]) == ("aws.s3", "Object Created")
    assert created["resources"] == [f"arn:aws:s3:::{bucket}"]
    assert created["detail"]["bucket"] == {"name": bucket}
    assert created["detail"]["object"]["key"] == "plans/über uns.json"
    assert created["detail"]["object"]["version-id"] == put["VersionId"]
    assert (removed["detail-type"], removed["detail"]["object"]["version-id"]) == (
        "Object Deleted",
        deleted["VersionId"],
    )
    assert removed["detail"]["deletion-type"] == "Delete Marker Created"
    assert aws.depth(queue) == 2


def test_a_function_reads_a_version_through_a_bucket_that_demands_tls(aws: Aws, bucket: str) -> None:
    s3 = aws.client("s3")
    versions = [s3.put_object(Bucket=bucket, Key="plans/a.json", Body=text)["VersionId"] for text in (b"1", b"2")]
    role = aws.role("read", LAMBDA, {f"arn:aws:s3:::{bucket}/*": ["s3:GetObject"]})

    assert aws.invoke(aws.function(READ, role, "read"), {"bucket": bucket, "key": "plans/a.json"}) == [
        versions[1],
        "2",
    ]
    old = s3.get_object(Bucket=bucket, Key="plans/a.json", VersionId=versions[0])
    assert (old["Body"].read(), old["VersionId"]) == (b"1", versions[0])
