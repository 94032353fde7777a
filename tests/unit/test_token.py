from __future__ import annotations

import base64
import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement.domain.token import KeysUnavailableError, Verdict, verify

KEYS = {"k1": b"first key", "k2": b"second key"}
NOW = 1_790_000_000
DAY = 86_400


def mint(
    endpoint_id: str, kid: str = "k1", expiry: int = NOW + 600, audience: str = "shop", key: bytes | None = None
) -> str:
    """A token made from its definition, apart from the code under test."""
    text = "\n".join(["v1", audience, kid, str(expiry), endpoint_id])
    digest = hmac.new(key or KEYS[kid], text.encode(), hashlib.sha256).digest()
    return f"{kid}.{expiry}.{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"


def judge(token: str, endpoint_id: str = "anna", now: int = NOW) -> Verdict:
    return verify(token, endpoint_id, now * 1000, KEYS.get, "shop", DAY)


@given(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=50), st.sampled_from(["k1", "k2"]), st.integers(0, DAY)
)
def test_a_token_counts_for_its_endpoint_until_it_ends(endpoint_id: str, kid: str, life: int) -> None:
    token = mint(endpoint_id, kid, NOW + life)

    assert judge(token, endpoint_id) is Verdict.VALID
    assert judge(token, endpoint_id, NOW + life + 1) is Verdict.EXPIRED
    assert judge(token, endpoint_id + "x") is Verdict.FORGED


def test_a_token_of_another_environment_or_key_is_forged() -> None:
    assert judge(mint("anna", audience="staging")) is Verdict.FORGED
    assert judge(mint("anna", key=b"guessed")) is Verdict.FORGED
    assert judge(mint("anna", "k2").replace("k2.", "k1.")) is Verdict.FORGED


def test_a_token_may_not_live_longer_than_allowed() -> None:
    assert judge(mint("anna", expiry=NOW + DAY + 1)) is Verdict.TOO_LONG


def test_a_key_that_was_retired_is_unknown() -> None:
    assert judge(mint("anna", "k3", key=b"x")) is Verdict.UNKNOWN_KEY


@given(st.text(max_size=80))
def test_any_other_text_is_malformed(text: str) -> None:
    assert judge(text) is Verdict.MALFORMED


@given(st.integers(0, 62), st.characters(exclude_categories=["Cs"]))
def test_no_changed_token_is_valid(position: int, character: str) -> None:
    token = mint("anna")
    changed = token[:position] + character + token[position + 1 :]

    assert changed == token or judge(changed) is not Verdict.VALID


def test_keys_that_cannot_be_read_are_said_to_be_so() -> None:
    def unavailable(_kid: str) -> bytes | None:
        raise KeysUnavailableError

    with pytest.raises(KeysUnavailableError):
        verify(mint("anna"), "anna", NOW * 1000, unavailable, "shop", DAY)
