from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable

import boto3
import pytest

from engagement.adapters.keys import FRESH_SECONDS, UNKNOWN_KEY_SECONDS, Keys
from engagement.domain.token import KeysUnavailableError
from tests import gateway
from tests.functional.conftest import REGION, Consumer
from tests.unit.test_token import KEYS, mint

SECONDS = gateway.REQUEST_TIME // 1000
ARN = f"arn:aws:ssm:{REGION}:123456789012:parameter/shop/token-keys"
DOCUMENT = json.dumps({"keys": {kid: base64.b64encode(key).decode() for kid, key in KEYS.items()}})
TOKENS = {"TOKEN_AUDIENCE": "shop", "USER_ATTRIBUTES_AUTHENTICATED": '["tier"]'}


def login(**parameters: str) -> str:
    return gateway.body({"event": "login", "endpoint_id": "anna", "usat_tier": "gold"} | parameters)


@pytest.mark.environment(TOKEN_KEYS_ARN=ARN, **TOKENS)
def test_a_valid_token_writes_customer_data_with_keys_of_a_parameter(consumer: Consumer) -> None:
    boto3.client("ssm", region_name=REGION).put_parameter(Name="/shop/token-keys", Value=DOCUMENT, Type="SecureString")

    assert consumer.receive(login(token=mint("anna", expiry=SECONDS + 60))) == set()

    assert consumer.user_attributes("anna") == {"tier": "gold"}


@pytest.mark.environment(TOKEN_KEYS_ARN=ARN, **TOKENS)
def test_a_backlog_of_hours_does_not_void_a_good_token(consumer: Consumer) -> None:
    # GIVEN a token that ended a minute after its call, and a call that has waited for more than six hours
    boto3.client("ssm", region_name=REGION).put_parameter(Name="/shop/token-keys", Value=DOCUMENT, Type="SecureString")
    expiry = SECONDS + 60
    assert time.time() - expiry > 6 * 3600

    consumer.receive(login(token=mint("anna", expiry=expiry)))

    assert consumer.user_attributes("anna") == {"tier": "gold"}


@pytest.mark.environment(TOKEN_KEYS_ARN=ARN, **TOKENS)
def test_a_message_waits_while_its_token_cannot_be_judged(consumer: Consumer) -> None:
    # GIVEN a parameter that does not exist yet
    returned = consumer.receive(
        login(token=mint("anna", expiry=SECONDS + 60)), gateway.body({"event": "x", "endpoint_id": "b"})
    )

    assert len(returned) == 1
    assert [event.endpoint_id for event in consumer.events()] == ["b"]


@pytest.mark.environment(TOKEN_KEYS_ARN=ARN, REQUIRE_TOKEN="true", **TOKENS)
def test_a_rejected_call_keeps_no_token(consumer: Consumer) -> None:
    boto3.client("ssm", region_name=REGION).put_parameter(Name="/shop/token-keys", Value=DOCUMENT, Type="SecureString")
    token = mint("ben", expiry=SECONDS + 60)

    consumer.receive(login(token=token))

    ((reason, body),) = consumer.rejects()
    assert reason == "token_required"
    assert token.rpartition(".")[2] not in body
    assert "token_forged" in body


class Source:
    """A parameter that changes and fails."""

    def __init__(self) -> None:
        self.text = DOCUMENT
        self.reads = 0
        self.now = 0.0

    def __call__(self) -> str:
        self.reads += 1
        if not self.text:
            raise ValueError
        return self.text


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def keys(source: Source) -> Callable[[str], bytes | None]:
    return Keys(source, lambda: source.now)


def test_keys_are_read_once_in_five_minutes(source: Source, keys: Keys) -> None:
    for source.now in (0.0, 1.0, FRESH_SECONDS - 1):
        assert keys("k1") == KEYS["k1"]
    assert source.reads == 1

    source.now = FRESH_SECONDS
    assert keys("k1") == KEYS["k1"]
    assert source.reads == 2


def test_a_new_key_counts_within_a_minute_and_made_up_ones_cost_no_more(source: Source, keys: Keys) -> None:
    assert keys("k3") is None
    source.text = json.dumps({"keys": {"k3": base64.b64encode(b"new").decode()}})
    for _ in range(100):
        assert keys("k3") is None
    assert source.reads == 1

    source.now = UNKNOWN_KEY_SECONDS
    assert keys("k3") == b"new"


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"keys": {"k1": "not base64!"}}', '{"keys": 1}'])
def test_keys_of_before_stay_while_they_cannot_be_read(source: Source, keys: Keys, text: str) -> None:
    assert keys("k1") == KEYS["k1"]
    source.text, source.now = text, FRESH_SECONDS

    assert keys("k1") == KEYS["k1"]


def test_without_any_keys_nothing_is_judged(source: Source, keys: Keys) -> None:
    source.text = ""

    with pytest.raises(KeysUnavailableError):
        keys("k1")
