"""Who may write customer data: servers that sign, customers with a token, and nobody else."""

from __future__ import annotations

import json

import pytest

from tests.cloud.deployment import Deployment, wait_for
from tests.cloud.tokens import KEYS, mint

CALL = {"event": "login", "usat_tier": "gold", "usat_secret": "x", "usat_engagement_role": "company"}


def user_attributes(shop: Deployment, endpoint_id: str) -> dict[str, list[str]]:
    return dict((shop.endpoints()[endpoint_id].get("User") or {}).get("UserAttributes", {}))


def test_a_server_that_signs_writes_what_is_allowed_and_nothing_reserved(
    shop: Deployment, server: tuple[str, str]
) -> None:
    since = shop.mark()

    answer = shop.trusted([CALL | {"endpoint_id": "by-server"}], *server)

    assert answer.status == 200, answer.data
    shop.wait_for_events(1, since)
    assert user_attributes(shop, "by-server") == {"tier": ["gold"]}


def test_reserved_names_are_refused_on_the_trusted_route_too(shop: Deployment, server: tuple[str, str]) -> None:
    shop.drain(shop.pixel["rejects_queue_url"])
    calls = [{"event": "release_2", "endpoint_id": "x"}, {"event": "login", "endpoint_id": "Company-1"}]

    assert shop.trusted(calls, *server).status == 200

    wait_for("two rejects", lambda: shop.depth(shop.pixel["rejects_queue_url"]) == 2)
    reasons = [m["MessageAttributes"]["reason"]["StringValue"] for m in shop.drain(shop.pixel["rejects_queue_url"])]
    assert sorted(reasons) == ["endpoint_id_reserved", "event_reserved"]


def test_without_a_signature_or_a_right_the_trusted_route_is_closed(shop: Deployment, server: tuple[str, str]) -> None:
    url = shop.cloud.local_url(shop.pixel["trusted_url"])
    body = json.dumps(CALL | {"endpoint_id": "x"})
    assert shop.http.request("POST", url, body=body, headers={"Content-Type": "application/json"}).status == 403

    elsewhere = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": shop.pixel["trusted_arn"] + "/x"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [elsewhere]})
    shop.iam.put_user_policy(UserName="server", PolicyName="call", PolicyDocument=policy)
    assert shop.trusted(CALL | {"endpoint_id": "x"}, *server).status == 403


@pytest.mark.usefixtures("keys")
@pytest.mark.parametrize("kid", list(KEYS))
def test_a_customers_token_opens_the_customers_own_attributes(shop: Deployment, kid: str) -> None:
    since = shop.mark()
    endpoint_id = f"customer-{kid}"

    answer = shop.call(CALL | {"endpoint_id": endpoint_id, "token": mint(endpoint_id, kid)})

    assert answer.status == 200
    shop.wait_for_events(1, since)
    assert user_attributes(shop, endpoint_id) == {"tier": ["gold"]}


@pytest.mark.usefixtures("keys")
@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"life": -1},
        {"life": 90_000},
        {"key": b"guessed." * 4},
        {"kid": "2025-01", "key": b"retired." * 4},
        {"audience": "staging"},
        {"endpoint_id": "somebody-else"},
    ],
    ids=str,
)
def test_no_other_token_changes_a_customer_attribute(shop: Deployment, wrong: dict[str, object]) -> None:
    since = shop.mark()
    token = mint(**{"endpoint_id": "victim", **wrong}) if wrong else ""  # type: ignore[arg-type]

    assert shop.call(CALL | {"endpoint_id": "victim", "token": token}).status == 200

    ((_, _, event),) = shop.wait_for_events(1, since)
    assert user_attributes(shop, "victim") == {}
    assert "token" not in event["Attributes"]
    shop.wait_until_settled()
    assert not token or token.rpartition(".")[2] not in "\n".join(shop.log_lines())
