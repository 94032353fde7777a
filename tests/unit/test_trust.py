from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from engagement.domain.destinations import DestinationName
from engagement.domain.interpretation import Interpretation, interpret
from engagement.domain.reasons import DropReason, RejectReason
from engagement.domain.rules import Rules
from engagement.domain.token import KeysUnavailableError
from engagement.domain.trust import Trust
from tests import gateway
from tests.unit.builders import PINPOINT
from tests.unit.test_token import KEYS, mint

SECONDS = gateway.REQUEST_TIME // 1000
RULES = Rules.of(anonymous=["city"], authenticated=["plan"], reserved_user_attributes=["engagement_*"])
CALL = {"event": "login", "endpoint_id": "anna", "usat_plan": "gold", "usat_city": "Bonn", "usat_engagement_x": "1"}


def read(body: str, **changes: Any) -> Interpretation:
    trust = Trust(**{"audience": "shop", "max_age_seconds": 86_400, "key_of": KEYS.get} | changes)
    return interpret([("m-1", body)], RULES, trust, PINPOINT)


def written(body: str, **changes: Any) -> dict[str, str]:
    (event,) = read(body, **changes).events
    return dict(event.user_attributes)


@pytest.mark.parametrize("form", [gateway.body, gateway.post, lambda call: gateway.post([call])])
def test_a_valid_token_opens_what_the_customer_may_write_and_nothing_reserved(form: Any) -> None:
    body = form(CALL | {"token": mint("anna", expiry=SECONDS + 60)})

    assert written(body) == {"plan": "gold", "city": "Bonn"}


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        ("", None),
        ("undefined", None),
        ("k1.1790000000.x", DropReason.TOKEN_MALFORMED),
        (mint("ben", expiry=SECONDS + 60), DropReason.TOKEN_FORGED),
        (mint("anna", expiry=SECONDS + 60, audience="staging"), DropReason.TOKEN_FORGED),
        (mint("anna", expiry=SECONDS - 1), DropReason.TOKEN_EXPIRED),
        (mint("anna", expiry=SECONDS + 90_000), DropReason.TOKEN_TOO_LONG),
        (mint("anna", "k9", SECONDS + 60, key=b"x"), DropReason.TOKEN_UNKNOWN_KEY),
    ],
)
def test_without_a_valid_token_nobody_writes_customer_attributes(token: str, reason: DropReason | None) -> None:
    result = read(gateway.body(CALL | {"token": token}))

    (event,) = result.events
    assert event.user_attributes == {"city": "Bonn"}
    expected = Counter({DropReason.USER_ATTRIBUTE_NOT_ALLOWED: 1, DropReason.USER_ATTRIBUTE_RESERVED: 1})
    assert result.dropped == expected + Counter({reason: 1} if reason else {})


def test_where_no_keys_are_a_token_is_worth_nothing() -> None:
    result = read(gateway.body(CALL | {"token": mint("anna", expiry=SECONDS + 60)}), key_of=None)

    assert result.events[0].user_attributes == {"city": "Bonn"}
    assert result.dropped[DropReason.TOKEN_IGNORED] == 1


@pytest.mark.parametrize("token", ["", "x", mint("ben", expiry=SECONDS + 60)])
def test_a_required_token_that_is_missing_or_bad_rejects_the_event(token: str) -> None:
    (rejection,) = read(gateway.body(CALL | {"token": token}), token_required=True).rejections

    assert rejection.reason is RejectReason.TOKEN_REQUIRED


def test_a_required_token_lets_its_customer_through_and_concerns_no_server() -> None:
    good = gateway.body(CALL | {"token": mint("anna", expiry=SECONDS + 60)})

    assert len(read(good, token_required=True).events) == 1
    assert len(read(gateway.trusted(CALL, "iam", "arn:aws:iam::1:role/x"), token_required=True).events) == 1


@pytest.mark.parametrize(
    ("authorizer", "identity", "accepted"),
    [
        ("iam", "arn:aws:iam::123456789012:role/shop", True),
        ("cognito", "anna", True),
        ("cognito", "Anna", True),
        ("cognito", "ben", False),
        ("cognito", "*", False),
        ("cognito", "", False),
        ("lambda", "anna", True),
        ("lambda", "*", True),
        ("lambda", "ben", False),
        ("lambda", "", False),
    ],
)
def test_the_trusted_route_speaks_for_the_endpoint_that_its_authorizer_names(
    authorizer: str, identity: str, accepted: bool
) -> None:
    result = read(gateway.trusted(CALL, authorizer, identity))

    if accepted:
        assert result.events[0].user_attributes == {"plan": "gold", "city": "Bonn"}
    else:
        assert [rejection.reason for rejection in result.rejections] == [RejectReason.IDENTITY_MISMATCH]


def test_a_message_whose_token_cannot_be_judged_now_comes_back_and_holds_up_no_other() -> None:
    def unavailable(_kid: str) -> bytes | None:
        raise KeysUnavailableError

    trust = Trust("shop", 86_400, unavailable)
    with_token = gateway.post([CALL, CALL | {"token": mint("anna")}])
    result = interpret([("m-1", with_token), ("m-2", gateway.body(CALL))], RULES, trust, PINPOINT)

    assert result.undecided == ["m-1"]
    assert [event.message_id for event in result.events] == ["m-2"]
    assert result.received(DestinationName.PINPOINT) == 3


def test_a_verdict_of_an_earlier_attempt_stands_though_the_token_is_gone() -> None:
    first = read(gateway.post([CALL | {"token": mint("anna", expiry=SECONDS + 60)}, CALL]))
    message = first.messages["m-1"]

    text = message.only({0: first.verdicts["m-1", 0], 1: first.verdicts["m-1", 1]}, 1).text()
    again = read(text, key_of=lambda _: None)

    assert [dict(event.user_attributes) for event in again.events] == [
        {"plan": "gold", "city": "Bonn"},
        {"city": "Bonn"},
    ]
