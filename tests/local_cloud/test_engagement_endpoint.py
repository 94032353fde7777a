"""Pinpoint at the cloud's port: signatures, IAM, accounts, and faults that reach the client's socket."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

from tests.local_cloud.aws import LAMBDA, REGION, Aws, statement, wait_for

EVENT = {"Endpoint": {}, "Events": {"e-1": {"EventType": "click", "Timestamp": "2026-11-22T00:00:00Z"}}}


@pytest.fixture
def app(aws: Aws) -> str:
    made = aws.client("pinpoint").create_app(CreateApplicationRequest={"Name": aws.name})
    identifier: str = made["ApplicationResponse"]["Id"]
    return identifier


def put(client: Any, app: str, endpoint: str = "1") -> Any:
    return client.put_events(ApplicationId=app, EventsRequest={"BatchItem": {endpoint: EVENT}})


def role_client(aws: Aws, allowed: dict[str, list[str]], **changes: Any) -> Any:
    """A client that acts with a role, with a real signature."""
    role = aws.role("caller", LAMBDA, allowed)
    trust = statement("sts:AssumeRole", Principal={"AWS": f"arn:aws:iam::{aws.account}:root"})
    aws.iam.update_assume_role_policy(RoleName=f"{aws.name}-caller", PolicyDocument=json.dumps(trust))
    keys = aws.client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    options = {
        "aws_access_key_id": keys["AccessKeyId"],
        "aws_secret_access_key": keys["SecretAccessKey"],
        "aws_session_token": keys["SessionToken"],
        **changes,
    }
    return aws.client("pinpoint", **options)


def arn(aws: Aws, resource: str) -> str:
    return f"arn:aws:mobiletargeting:{REGION}:{aws.account}:{resource}"


def test_an_event_of_an_allowed_caller_arrives(aws: Aws, app: str) -> None:
    client = role_client(aws, {arn(aws, f"apps/{app}/events"): ["mobiletargeting:PutEvents"]})

    put(client, app, "customer 7/ü")

    assert set(aws.local(f"pinpoint/apps/{app}/endpoints")) == {"customer 7/ü"}


@pytest.mark.parametrize("resource", ["apps/{app}", "apps/{app}/*x", "apps/other/events"])
def test_a_right_on_another_resource_is_not_enough(aws: Aws, app: str, resource: str) -> None:
    client = role_client(aws, {arn(aws, resource.format(app=app)): ["mobiletargeting:*"]})

    with pytest.raises(ClientError, match="not authorized to perform: mobiletargeting:PutEvents") as refused:
        put(client, app)

    assert refused.value.response["Error"]["Code"] == "ForbiddenException"
    [refusal] = aws.refusals()
    assert (refusal["action"], refusal["resource"]) == ("mobiletargeting:PutEvents", arn(aws, f"apps/{app}/events"))
    assert aws.local(f"pinpoint/apps/{app}/endpoints") == {}


def test_a_wrong_signature_is_refused(aws: Aws, app: str) -> None:
    allowed = {"*": ["mobiletargeting:*"]}

    with pytest.raises(ClientError, match="signature"):
        put(role_client(aws, allowed, aws_secret_access_key="wrong"), app)


def test_an_endpoint_id_with_a_slash_is_one_part_of_the_path(aws: Aws, app: str) -> None:
    client = aws.client("pinpoint")

    client.update_endpoint(ApplicationId=app, EndpointId="a/b?c", EndpointRequest={"ChannelType": "CUSTOM"})

    assert client.get_endpoint(ApplicationId=app, EndpointId="a/b?c")["EndpointResponse"]["Id"] == "a/b?c"


def test_accounts_do_not_see_each_others_apps(aws: Aws, app: str) -> None:
    other = Aws(aws.cloud, aws.name, account="999900000003").client("pinpoint")

    with pytest.raises(ClientError) as missing:
        other.get_app(ApplicationId=app)
    with pytest.raises(ClientError):
        put(other, app)

    assert missing.value.response["Error"]["Code"] == "NotFoundException"
    assert other.get_apps()["ApplicationsResponse"]["Item"] == []


@pytest.mark.parametrize(("processed", "endpoints"), [(True, {"1"}), (False, set())])
def test_a_cut_connection_is_cut(aws: Aws, app: str, processed: bool, endpoints: set[str]) -> None:
    client = aws.client("pinpoint")
    aws.put_faults({"target": "pinpoint.PutEvents", "kind": "cut", "times": 1, "processed": processed})

    with pytest.raises(ConnectionClosedError):
        put(client, app)

    assert set(aws.local(f"pinpoint/apps/{app}/endpoints")) == endpoints
    put(client, app)


def test_a_hanging_call_says_nothing_until_the_client_gives_up(aws: Aws, app: str) -> None:
    impatient = aws.client("pinpoint", config=Config(read_timeout=0.5, retries={"total_max_attempts": 1}))
    aws.put_faults({"target": "pinpoint.PutEvents", "kind": "hang", "times": 1, "seconds": 30})

    started = time.monotonic()
    with pytest.raises(ReadTimeoutError):
        put(impatient, app)

    assert time.monotonic() - started > 0.4
    wait_for("the call that hangs", lambda: aws.local("faults")[0]["times"] == 0)
    # Nobody else has to wait.
    put(aws.client("pinpoint"), app)


def test_a_slow_call_is_answered_in_the_end(aws: Aws, app: str) -> None:
    aws.put_faults({"target": "pinpoint.PutEvents", "kind": "slow", "times": 1, "seconds": 0.6})

    started = time.monotonic()
    put(aws.client("pinpoint"), app)

    assert time.monotonic() - started > 0.6
