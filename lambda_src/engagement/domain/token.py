"""Tokens by which a site's backend vouches for the customer who is logged in.

`kid.expiry.signature`: the id of the key, the end of its life in Unix seconds, and the unpadded base64url
HMAC-SHA256 over version, audience, key id, expiry and endpoint id, joined by line feeds.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Callable
from enum import StrEnum

_FORM = re.compile(r"([A-Za-z0-9_-]{1,32})\.([0-9]{1,12})\.([A-Za-z0-9_-]{43})")

KeyOf = Callable[[str], bytes | None]
"""The key of a key id, None if there is none; raises `KeysUnavailableError`."""


class KeysUnavailableError(Exception):
    """The keys cannot be read now, so nobody can say what a token is worth."""


class Verdict(StrEnum):
    """What a token is worth."""

    VALID = "valid"
    ABSENT = "absent"
    IGNORED = "token_ignored"
    MALFORMED = "token_malformed"
    UNKNOWN_KEY = "token_unknown_key"
    EXPIRED = "token_expired"
    TOO_LONG = "token_too_long"
    FORGED = "token_forged"


def verify(
    token: str, endpoint_id: str, request_time: int, key_of: KeyOf, audience: str, max_age_seconds: int
) -> Verdict:
    """Judge a token.

    Parameters
    ----------
    token
        What the caller sent.
    endpoint_id
        The endpoint that the caller speaks for.
    request_time
        When the gateway took the call, in Unix milliseconds: a backlog must not void a good token.
    key_of
        The keys.
    audience
        The environment that the token must be made for.
    max_age_seconds
        The longest life that a token may have left.

    Returns
    -------
    Verdict
        Only `VALID` allows anything.
    """
    found = _FORM.fullmatch(token)
    if found is None:
        return Verdict.MALFORMED
    kid, expiry, given = found.groups()
    key = key_of(kid)
    if key is None:
        return Verdict.UNKNOWN_KEY
    if not hmac.compare_digest(signature(key, audience, kid, expiry, endpoint_id), given):
        return Verdict.FORGED
    left = int(expiry) - request_time / 1000
    if left < 0:
        return Verdict.EXPIRED
    return Verdict.VALID if left <= max_age_seconds else Verdict.TOO_LONG


def signature(key: bytes, audience: str, kid: str, expiry: str, endpoint_id: str) -> str:
    """The last part of a token."""
    signed = f"v1\n{audience}\n{kid}\n{expiry}\n{endpoint_id}".encode("utf-8", "surrogatepass")
    return base64.urlsafe_b64encode(hmac.new(key, signed, hashlib.sha256).digest()).rstrip(b"=").decode()
