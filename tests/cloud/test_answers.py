"""What a caller gets: the image only for a queued event."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.cloud.deployment import Deployment

CALL = {"event": "page.view", "endpoint_id": "answers"}


def test_a_queued_event_is_answered_by_an_image_that_nobody_keeps(shop: Deployment) -> None:
    answer = shop.call(CALL, {"Accept": "image/avif,image/webp,*/*;q=0.8"})

    assert answer.status == 200
    assert answer.headers["Content-Type"] == "image/svg+xml"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.data == b'<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("event=page.view", "endpoint_id"),
        ("endpoint_id=e", "event"),
        ("event=page.view&endpoint_id=", "endpoint_id"),
        ("event=&endpoint_id=e", "event"),
    ],
)
def test_a_missing_or_blank_parameter_is_named(shop: Deployment, text: str, missing: str) -> None:
    answer = shop.call(text)

    assert answer.status == 400
    assert f"[{missing}]" in answer.json()["message"]


def assert_refused(shop: Deployment, status: int) -> None:
    answer = shop.call(CALL)
    assert answer.status == status
    assert "image" not in answer.headers["Content-Type"]
    assert answer.json()["message"]


@pytest.mark.parametrize("status", [400, 403, 500, 503])
def test_a_queue_that_refuses_makes_an_error(shop: Deployment, status: int) -> None:
    shop.put_faults({"target": "sqs.SendMessage", "kind": "refuse", "status": status, "code": "Fault", "times": 1})

    assert_refused(shop, 503)


def test_a_throttled_call_gets_an_error(shop: Deployment) -> None:
    shop.put_faults({"target": "apigateway.stage", "kind": "throttle", "times": 1})

    assert_refused(shop, 429)


@pytest.fixture
def gateway_role(shop: Deployment) -> Iterator[str]:
    """Name of the gateway's role, whose policy and trust are put back."""
    name = shop.pixel["gateway_role_arn"].rpartition("/")[2]
    (policy,) = shop.iam.list_role_policies(RoleName=name)["PolicyNames"]
    document = shop.iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
    trust = shop.iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]
    yield name
    shop.iam.put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=json.dumps(document))
    shop.iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(trust))


def test_a_gateway_without_permission_makes_an_error_and_a_refusal(shop: Deployment, gateway_role: str) -> None:
    (policy,) = shop.iam.list_role_policies(RoleName=gateway_role)["PolicyNames"]
    shop.iam.delete_role_policy(RoleName=gateway_role, PolicyName=policy)

    assert_refused(shop, 503)
    assert any(refusal["action"] == "sqs:SendMessage" for refusal in shop.refusals())


def test_a_role_that_the_gateway_cannot_take_makes_an_error(shop: Deployment, gateway_role: str) -> None:
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
        ],
    }
    shop.iam.update_assume_role_policy(RoleName=gateway_role, PolicyDocument=json.dumps(trust))

    assert_refused(shop, 500)


def test_other_paths_and_methods_do_not_exist(shop: Deployment) -> None:
    for method in ("HEAD", "PUT", "DELETE"):
        assert shop.call(CALL, method=method).status == 403


def test_a_request_id_that_a_client_chose_names_no_event(shop: Deployment) -> None:
    # GIVEN two clients that choose the same id
    since = shop.mark()
    for page in ("/a", "/b"):
        answer = shop.call(CALL | {"evat_page": page}, {"X-Amzn-RequestId": "chosen"})
        assert answer.status == 200

    # THEN both events arrive, under ids of the gateway's
    arrived = shop.wait_for_events(2, since)
    assert {event["Attributes"]["page"] for _, _, event in arrived} == {"/a", "/b"}
    assert "chosen" not in {event_id for _, event_id, _ in arrived}


def test_a_repeated_event_id_suppresses_nobodys_event(shop: Deployment) -> None:
    since = shop.mark()
    for page in ("/a", "/b", "/b"):
        assert shop.call(CALL | {"event_id": "mine", "evat_page": page}).status == 200

    shop.wait_until_settled()
    assert {event["Attributes"]["page"] for _, _, event in shop.events(since)} == {"/a", "/b"}
