"""What Pinpoint needs in the whole cloud: functions that let it in, buckets that its role may write to."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local_cloud.aws import LAMBDA, REGION, Aws, statement, wait_for

PINPOINT = "pinpoint.amazonaws.com"
REGIONAL = f"pinpoint.{REGION}.amazonaws.com"
FORWARD = """
import boto3, json, os
sqs = boto3.client("sqs")
def handler(event, context):
    sqs.send_message(QueueUrl=os.environ["QUEUE"], MessageBody=json.dumps(event))
    return {"anything": "goes"}
"""
BOB_ONLY = """
def handler(event, context):
    bob = event["Endpoints"]["bob"]
    bob.setdefault("Attributes", {})["code"] = ["X7"]
    return {"bob": bob}
"""
BROKEN = "def handler(event, context): raise ValueError('no')"


@pytest.fixture
def app(aws: Aws) -> str:
    """An application with two endpoints and an e-mail channel."""
    client = aws.client("pinpoint")
    identifier: str = client.create_app(CreateApplicationRequest={"Name": aws.name})["ApplicationResponse"]["Id"]
    client.update_email_channel(
        ApplicationId=identifier,
        EmailChannelRequest={
            "FromAddress": "shop@example.com",
            "Identity": f"arn:aws:ses:{REGION}:{aws.account}:identity/example.com",
        },
    )
    # PutEvents has the largest rate of those that make endpoints.
    events = {"1": {"EventType": "signup", "Timestamp": "2026-11-22T00:00:00Z"}}
    batch = {
        name: {"Endpoint": {"ChannelType": "EMAIL", "Address": f"{name}@example.com"}, "Events": events}
        for name in ("ada", "bob")
    }
    client.put_events(ApplicationId=identifier, EventsRequest={"BatchItem": batch})
    return identifier


def function(aws: Aws, source: str, **options: Any) -> str:
    return aws.function(source, aws.role("function", LAMBDA, {"*": ["sqs:SendMessage"]}), **options)


def permit(aws: Aws, function_arn: str, app: str, **changes: Any) -> None:
    given = {
        "Principal": REGIONAL,
        "SourceArn": f"arn:aws:mobiletargeting:{REGION}:{aws.account}:apps/{app}/*",
        "SourceAccount": aws.account,
        **changes,
    }
    aws.functions.add_permission(
        FunctionName=function_arn,
        StatementId="pinpoint",
        Action="lambda:InvokeFunction",
        **{name: value for name, value in given.items() if value},
    )


def create(aws: Aws, app: str, **members: Any) -> str:
    client = aws.client("pinpoint")
    everybody = {"Attributes": {"nobody": {"AttributeType": "EXCLUSIVE", "Values": ["x"]}}}
    segment = client.create_segment(ApplicationId=app, WriteSegmentRequest={"Name": aws.name, "Dimensions": everybody})[
        "SegmentResponse"
    ]["Id"]
    request = {"Name": aws.name, "SegmentId": segment, "Schedule": {"StartTime": "IMMEDIATE"}, **members}
    made = client.create_campaign(ApplicationId=app, WriteCampaignRequest=request)["CampaignResponse"]
    return str(made["Id"])


def custom(aws: Aws, app: str, function_arn: str) -> str:
    return create(
        aws,
        app,
        MessageConfiguration={"CustomMessage": {"Data": "stamp"}},
        CustomDeliveryConfiguration={"DeliveryUri": function_arn, "EndpointTypes": ["EMAIL"]},
    )


def ended(aws: Aws, app: str, campaign: str) -> dict[str, Any]:
    """What the control interface says of a campaign that has run."""

    def completed() -> dict[str, Any] | None:
        found: list[dict[str, Any]] = aws.local(f"pinpoint/apps/{app}/campaigns")
        return next((one for one in found if one["id"] == campaign and one["status"] == "COMPLETED"), None)

    return wait_for("the campaign", completed)


def test_the_custom_channel_calls_a_function_that_lets_it_in(aws: Aws, app: str) -> None:
    queue = aws.queue()
    called = function(aws, FORWARD, Environment={"Variables": {"QUEUE": queue.url}})
    permit(aws, called, app)

    campaign = custom(aws, app, called)

    event = json.loads(aws.receive(queue))
    assert (event["ApplicationId"], event["CampaignId"], event["Data"]) == (app, campaign, "stamp")
    assert set(event["Endpoints"]) == {"ada", "bob"}
    [activity] = ended(aws, app, campaign)["activities"]
    assert (activity["SuccessfulEndpointCount"], activity["Result"]) == (2, "SUCCESS")


def test_a_hook_chooses_and_adds(aws: Aws, app: str) -> None:
    called = function(aws, BOB_ONLY)
    permit(aws, called, app)

    campaign = create(
        aws,
        app,
        Hook={"LambdaFunctionName": called, "Mode": "FILTER"},
        MessageConfiguration={"EmailMessage": {"Title": "{{Attributes.code}}"}},
    )

    assert ended(aws, app, campaign)["skipped"] == {"filtered": 1}
    sent = [message for message in aws.local("pinpoint/outbox") if message["campaign_id"] == campaign]
    assert [(message["address"], message["title"]) for message in sent] == [("bob@example.com", "X7")]


def test_a_function_that_raises_reaches_nobody(aws: Aws, app: str) -> None:
    called = function(aws, BROKEN)
    permit(aws, called, app)

    found = ended(aws, app, custom(aws, app, called))

    assert found["skipped"] == {"delivery_failed": 2}
    assert "no" in found["errors"][0]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"Principal": PINPOINT}, "does not let"),
        ({"SourceArn": "arn:aws:mobiletargeting:us-east-1:000000000000:apps/other/*"}, "does not let"),
        ({"SourceArn": "arn:aws:mobiletargeting:us-east-1:000000000000:/apps/*"}, "does not let"),
        ({"SourceAccount": "111122223333"}, "does not let"),
        ({"SourceAccount": None}, "without aws:SourceAccount"),
        (None, "does not let"),
    ],
)
def test_a_function_that_does_not_let_it_in_cannot_be_named(
    aws: Aws, app: str, changes: dict[str, Any] | None, reason: str
) -> None:
    called = function(aws, BROKEN)
    if changes is not None:
        permit(aws, called, app, **changes)

    with pytest.raises(ClientError, match=reason) as refused:
        custom(aws, app, called)

    assert refused.value.response["Error"]["Code"] == "BadRequestException"
    [refusal] = aws.refusals()
    assert (refusal["principal"], refusal["action"], refusal["resource"]) == (
        REGIONAL,
        "lambda:InvokeFunction",
        called,
    )


def test_a_function_must_exist(aws: Aws, app: str) -> None:
    with pytest.raises(ClientError, match="does not exist"):
        custom(aws, app, f"{aws.name}-nobody")


@pytest.fixture
def fast(aws: Aws) -> Iterator[None]:
    """A cloud in which the five minutes of publishing pass quickly."""
    aws.local("pinpoint/settings", "PUT", {"time_factor": 3600})
    yield
    aws.local("pinpoint/settings", "PUT", {"time_factor": 1})


def test_a_journey_calls_a_function_that_lets_it_in(aws: Aws, app: str, fast: None) -> None:
    del fast
    queue = aws.queue()
    called = function(aws, FORWARD, Environment={"Variables": {"QUEUE": queue.url}})
    client = aws.client("pinpoint")
    event_type = {"DimensionType": "INCLUSIVE", "Values": ["cart.left"]}
    event_filter = {"FilterType": "ENDPOINT", "Dimensions": {"EventType": event_type}}
    request = {
        "Name": aws.name,
        "State": "ACTIVE",
        "StartCondition": {"EventStartCondition": {"EventFilter": event_filter}},
        "StartActivity": "first",
        "Activities": {
            "first": {"CUSTOM": {"DeliveryUri": called, "EndpointTypes": ["EMAIL"], "NextActivity": "pause"}},
            "pause": {"Wait": {"WaitTime": {"WaitFor": "P365D"}}},
        },
    }
    with pytest.raises(ClientError, match="does not let"):
        client.create_journey(ApplicationId=app, WriteJourneyRequest=request)
    permit(aws, called, app)
    journey = client.create_journey(ApplicationId=app, WriteJourneyRequest=request)["JourneyResponse"]["Id"]

    def status() -> bool:
        answer = client.get_journey_runs(ApplicationId=app, JourneyId=journey)["JourneyRunsResponse"]
        return bool(answer["Item"][0]["Status"] == "RUNNING")

    wait_for("the journey to begin", status)
    events = {"1": {"EventType": "cart.left", "Timestamp": "2026-11-22T00:00:00Z"}}
    client.put_events(ApplicationId=app, EventsRequest={"BatchItem": {"ada": {"Endpoint": {}, "Events": events}}})

    event = json.loads(aws.receive(queue))
    assert (event["JourneyId"], event["ActivityId"], set(event["Endpoints"])) == (journey, "first", {"ada"})

    def standing() -> bool:
        found = next(one for one in aws.local("pinpoint/journeys") if one["journey"]["Id"] == journey)
        return bool(found["standing"] == {"pause": ["ada"]})

    wait_for("the participant to wait", standing)
    client.update_journey_state(ApplicationId=app, JourneyId=journey, JourneyStateRequest={"State": "CANCELLED"})


def bucket(aws: Aws) -> str:
    aws.client("s3").create_bucket(Bucket=aws.name)
    return aws.name


def export(aws: Aws, app: str, role: str, client: Any = None) -> dict[str, Any]:
    client = client or aws.client("pinpoint")
    request = {"RoleArn": role, "S3UrlPrefix": f"s3://{aws.name}/counts/"}
    made = client.create_export_job(ApplicationId=app, ExportJobRequest=request)["ExportJobResponse"]

    def done() -> dict[str, Any] | None:
        job = client.get_export_job(ApplicationId=app, JobId=made["Id"])["ExportJobResponse"]
        return job if job["JobStatus"] in {"COMPLETED", "FAILED"} else None

    return wait_for("the job", done)


def test_an_export_job_writes_with_the_role_that_it_was_given(aws: Aws, app: str) -> None:
    role = aws.role("export", PINPOINT, {f"arn:aws:s3:::{bucket(aws)}/counts/*": ["s3:PutObject"]})

    job = export(aws, app, role)

    assert (job["JobStatus"], job["TotalProcessed"]) == ("COMPLETED", 2)
    written = aws.client("s3").get_object(Bucket=aws.name, Key=f"counts/{job['Id']}.json.gz")["Body"].read()
    lines = [json.loads(line) for line in gzip.decompress(written).splitlines()]
    assert {line["Id"] for line in lines} == {"ada", "bob"}


@pytest.mark.parametrize(
    ("service", "prefix"), [(PINPOINT, "other"), (LAMBDA, "counts")], ids=["another prefix", "no trust"]
)
def test_an_export_job_fails_without_the_right(aws: Aws, app: str, service: str, prefix: str) -> None:
    role = aws.role("export", service, {f"arn:aws:s3:::{bucket(aws)}/{prefix}/*": ["s3:PutObject"]})

    assert export(aws, app, role)["JobStatus"] == "FAILED"
    assert [refusal["action"] for refusal in aws.refusals()] == ["s3:PutObject"]


def test_a_bucket_that_does_not_exist_fails_the_job(aws: Aws, app: str) -> None:
    role = aws.role("export", PINPOINT, {"*": ["s3:PutObject"]})

    job = export(aws, app, role)

    assert "NoSuchBucket" in job["Failures"][0]


def test_who_orders_an_export_must_be_allowed_to_pass_the_role_on(aws: Aws, app: str) -> None:
    bucket(aws)
    role = aws.role("export", PINPOINT, {"*": ["s3:PutObject"]})
    caller = aws.role("caller", LAMBDA, {"*": ["mobiletargeting:*"]})
    trust = statement("sts:AssumeRole", Principal={"AWS": f"arn:aws:iam::{aws.account}:root"})
    aws.iam.update_assume_role_policy(RoleName=f"{aws.name}-caller", PolicyDocument=json.dumps(trust))
    keys = aws.client("sts").assume_role(RoleArn=caller, RoleSessionName="test")["Credentials"]
    client = aws.client(
        "pinpoint",
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )

    with pytest.raises(ClientError, match="not authorized to perform: iam:PassRole"):
        export(aws, app, role, client)

    condition = {"StringEquals": {"iam:PassedToService": PINPOINT}}
    policy = json.dumps(statement("iam:PassRole", Resource=role, Condition=condition))
    aws.iam.put_role_policy(RoleName=f"{aws.name}-caller", PolicyName="pass", PolicyDocument=policy)
    assert export(aws, app, role, client)["JobStatus"] == "COMPLETED"
