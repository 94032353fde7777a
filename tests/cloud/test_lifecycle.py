"""Apply, plan again, apply elsewhere, destroy."""

from __future__ import annotations

import base64
import json
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from local_cloud.process import LocalCloud
from tests.cloud.deployment import Deployment, client_settings, wait_for
from tools.stack import Stack

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse

AUTHORIZER = """
def handler(event, context):
    caller = event["headers"]["Authorization"].removeprefix("Bearer ")
    effect = "Deny" if caller == "stranger" else "Allow"
    statement = {"Action": "execute-api:Invoke", "Effect": effect, "Resource": event["methodArn"]}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    return {"principalId": caller, "policyDocument": policy, "context": {"endpoint_id": caller}}
"""
HERE, ELSEWHERE = "000000000000", "111111111111"


def test_a_second_plan_changes_nothing(shop: Deployment, stack: Stack) -> None:
    assert shop.call({"event": "page.view", "endpoint_id": "before-the-plan"}).status == 200

    assert stack.changes() == []


@pytest.fixture(scope="module")
def two_pixels(cloud: LocalCloud, roots: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Stack]:
    """Two pixels beside the example in its account, and the same two in another account."""
    archive = tmp_path_factory.mktemp("authorizer") / "authorizer.zip"
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("authorizer.py", AUTHORIZER)
    variables = {"authorizer_zip": str(archive)}
    stacks = {
        account: Stack(cloud, tmp_path_factory.mktemp(account), variables, roots / "two_pixels", account)
        for account in (HERE, ELSEWHERE)
    }
    # At once: what takes its time is the provider, which waits for queues.
    with ThreadPoolExecutor() as pool:
        list(pool.map(Stack.apply, stacks.values()))
    return stacks


def deployments(cloud: LocalCloud, applied: Stack, account: str) -> dict[str, Deployment]:
    outputs = applied.outputs()
    return {
        name: Deployment(cloud, pixel, outputs["application_id"], account) for name, pixel in outputs["pixels"].items()
    }


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("account", [HERE, ELSEWHERE])
def test_several_pixels_in_an_account_work_side_by_side(
    cloud: LocalCloud, two_pixels: dict[str, Stack], account: str
) -> None:
    for name, pixel in deployments(cloud, two_pixels[account], account).items():
        since = pixel.mark()
        assert pixel.call({"event": "page.view", "endpoint_id": name}).status == 200
        ((endpoint_id, _, _),) = pixel.wait_for_events(1, since)
        assert endpoint_id == name


def assert_writes_for(pixel: Deployment, authorization: str, endpoint_id: str) -> None:
    """A caller of the trusted route may write for one endpoint and for no other."""
    rejects = pixel.pixel["rejects_queue_url"]
    pixel.drain(rejects)
    since = pixel.mark()
    calls = [{"event": "login", "endpoint_id": name, "usat_tier": "gold"} for name in (endpoint_id, "somebody-else")]

    answer = call_trusted(pixel, json.dumps(calls), authorization)

    assert answer.status == 200, answer.data
    assert [name for name, _, _ in pixel.wait_for_events(1, since)] == [endpoint_id]
    assert pixel.endpoints()[endpoint_id]["User"]["UserAttributes"] == {"tier": ["gold"]}
    wait_for("a reject", lambda: pixel.depth(rejects) == 1)
    (message,) = pixel.drain(rejects)
    assert message["MessageAttributes"]["reason"]["StringValue"] == "identity_mismatch"


def call_trusted(pixel: Deployment, body: str, authorization: str | None) -> BaseHTTPResponse:
    headers = {"Content-Type": "application/json"} | ({"Authorization": authorization} if authorization else {})
    return pixel.http.request("POST", pixel.cloud.local_url(pixel.pixel["trusted_url"]), body=body, headers=headers)


def test_a_user_of_a_pool_writes_for_the_own_endpoint(cloud: LocalCloud, two_pixels: dict[str, Stack]) -> None:
    # GIVEN a user who has signed in
    users = two_pixels[HERE].outputs()["users"]
    cognito = boto3.client("cognito-idp", **client_settings(cloud, HERE))
    who = {"UserPoolId": users["pool_id"], "Username": "ada"}
    cognito.admin_create_user(**who)
    cognito.admin_set_user_password(**who, Password="Correct-horse-1", Permanent=True)
    token = cognito.admin_initiate_auth(
        UserPoolId=users["pool_id"],
        ClientId=users["client_id"],
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "ada", "PASSWORD": "Correct-horse-1"},
    )["AuthenticationResult"]["IdToken"]
    payload = token.split(".")[1]
    endpoint_id = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["sub"]
    first = deployments(cloud, two_pixels[HERE], HERE)["first"]

    # THEN
    assert_writes_for(first, token, endpoint_id)
    assert call_trusted(first, "{}", None).status == 401
    assert call_trusted(first, "{}", f"{token}x").status == 401


def test_a_function_says_for_whom_a_caller_writes(cloud: LocalCloud, two_pixels: dict[str, Stack]) -> None:
    second = deployments(cloud, two_pixels[HERE], HERE)["second"]

    assert_writes_for(second, "Bearer grace", "grace")
    assert call_trusted(second, "{}", None).status == 401
    assert call_trusted(second, "{}", "Bearer stranger").status == 403


def test_the_stage_name_gives_the_urls_of_its_predecessor(cloud: LocalCloud, two_pixels: dict[str, Stack]) -> None:
    pixel = deployments(cloud, two_pixels[HERE], HERE)["first"]

    assert pixel.pixel["url"].endswith(".amazonaws.com/Api-PinpointEvents/events")
    assert pixel.pixel["gtm_image_url"] == pixel.pixel["url"] + "?event={{Event}}&endpoint_id={{endpoint_id}}"


def test_the_other_image_is_a_gif_of_text(cloud: LocalCloud, two_pixels: dict[str, Stack]) -> None:
    answer = deployments(cloud, two_pixels[HERE], HERE)["first"].call({"event": "x", "endpoint_id": "y"})

    assert answer.headers["Content-Type"] == "image/gif"
    assert answer.data[:6] == b"GIF89a"
    assert len(answer.data) == 29
    assert max(answer.data) < 0x80


def test_logs_need_the_role_of_the_account(cloud: LocalCloud, two_pixels: dict[str, Stack]) -> None:
    # GIVEN an account where the module was asked to make the role
    role = _account(cloud, HERE)["cloudwatchRoleArn"]

    assert role

    # WHEN a call with somebody's address is logged
    first = deployments(cloud, two_pixels[HERE], HERE)["first"]
    call = {"event": "page.view", "endpoint_id": "logged", "evat_mail": "jane@example.com"}
    assert first.call(call, {"User-Agent": "janes-browser"}).status == 200
    lines = wait_for("a line of the access log", lambda: _lines(first))

    # THEN the line tells how it went, and nothing of the query string, the caller's address or browser
    assert json.loads(lines[-1])["status"] == "200"
    for private in ("jane", "logged", "127.0.0.1"):
        assert private not in "".join(lines)


def test_destroy_leaves_nothing_but_the_accounts_logging_role(cloud: LocalCloud, two_pixels: dict[str, Stack]) -> None:
    # WHEN
    two_pixels[ELSEWHERE].destroy()

    # THEN
    assert _left(cloud, ELSEWHERE) == {}
    assert _account(cloud, ELSEWHERE)["cloudwatchRoleArn"]


def _lines(pixel: Deployment) -> list[str]:
    found = pixel.logs.filter_log_events(logGroupName=pixel.pixel["access_log_group_name"])
    return [event["message"] for event in found["events"]]


def _account(cloud: LocalCloud, account: str) -> dict[str, Any]:
    return dict(boto3.client("apigateway", **client_settings(cloud, account)).get_account())


def _left(cloud: LocalCloud, account: str) -> dict[str, list[str]]:
    """What is still there in an account, by kind, but for the account-wide role and its stack."""
    keys = client_settings(cloud, account)
    found = {
        "apis": [api["id"] for api in boto3.client("apigateway", **keys).get_rest_apis()["items"]],
        "queues": boto3.client("sqs", **keys).list_queues().get("QueueUrls", []),
        "functions": [item["FunctionArn"] for item in boto3.client("lambda", **keys).list_functions()["Functions"]],
        "layers": [item["LayerArn"] for item in boto3.client("lambda", **keys).list_layers()["Layers"]],
        "mappings": [
            item["UUID"] for item in boto3.client("lambda", **keys).list_event_source_mappings()["EventSourceMappings"]
        ],
        "logs": [item["logGroupName"] for item in boto3.client("logs", **keys).describe_log_groups()["logGroups"]],
        "alarms": [item["AlarmName"] for item in boto3.client("cloudwatch", **keys).describe_alarms()["MetricAlarms"]],
        "projects": [
            item["Id"] for item in boto3.client("pinpoint", **keys).get_apps()["ApplicationsResponse"]["Item"]
        ],
        "roles": [
            item["RoleName"]
            for item in boto3.client("iam", **keys).list_roles()["Roles"]
            if not _account(cloud, account)["cloudwatchRoleArn"].endswith(item["RoleName"])
        ],
    }
    return {kind: items for kind, items in found.items() if items}
