"""Mint a token with which a browser may write customer data of one endpoint.

    python mint.py --keys keys.json --kid 2026-11 --audience APPLICATION_ID --endpoint-id ID [--seconds 3600]

Copy this file into your backend and call `mint`, or run it. It needs Python 3.9 or newer and nothing else.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import hmac
import json
import re
import sys
import time
from collections.abc import Mapping
from pathlib import Path

LONGEST_SECONDS = 24 * 60 * 60
SHORTEST_KEY_BYTES = 32


def mint(keys: Mapping[str, str], kid: str, audience: str, endpoint_id: str, expiry: int) -> str:
    """Make a token.

    Parameters
    ----------
    keys
        Base64 keys by key id: the field `keys` of the key document.
    kid
        Key to sign with.
    audience
        What the consumer expects: the Pinpoint project's ID unless `token.audience` says otherwise.
    endpoint_id
        The endpoint of the customer who is logged in, exactly as the tag will send it.
    expiry
        End of the token's life in Unix seconds.

    Returns
    -------
    str
        Value of the parameter `token`.

    Raises
    ------
    ValueError
        An argument cannot make a token that the consumer would take.
    """
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,32}", kid):
        raise ValueError("kid: use 1 to 32 letters, digits, _ and -")
    if kid not in keys:
        raise ValueError(f"kid: there is no key {kid}")
    if not audience or not endpoint_id:
        raise ValueError("audience, endpoint_id: must not be empty")
    key = base64.b64decode(keys[kid], validate=True)
    if len(key) < SHORTEST_KEY_BYTES:
        raise ValueError(f"key {kid}: use at least {SHORTEST_KEY_BYTES} random bytes")
    signed = f"v1\n{audience}\n{kid}\n{expiry:d}\n{endpoint_id}"
    digest = hmac.new(key, signed.encode(), hashlib.sha256).digest()
    return f"{kid}.{expiry:d}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


def main() -> None:
    """Print one token; keys come from a file or standard input, never from the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--keys", required=True, help="file with the key document, - for standard input")
    parser.add_argument("--kid", required=True, help="id of the key to sign with")
    parser.add_argument("--audience", required=True, help="the Pinpoint project's ID unless token.audience is set")
    parser.add_argument("--endpoint-id", required=True)
    parser.add_argument("--seconds", type=int, default=3600, help="life of the token, at most 86400 (default 3600)")
    arguments = parser.parse_args()
    if not 0 < arguments.seconds <= LONGEST_SECONDS:
        parser.error(f"--seconds must be between 1 and {LONGEST_SECONDS}")
    try:
        text = sys.stdin.read() if arguments.keys == "-" else Path(arguments.keys).read_text(encoding="utf-8")
        expiry = int(time.time()) + arguments.seconds
        token = mint(_keys(text), arguments.kid, arguments.audience, arguments.endpoint_id, expiry)
    except (OSError, TypeError, ValueError) as error:
        sys.exit(f"error: {error}")
    sys.stdout.write(f"{token}\n")


def _keys(text: str) -> Mapping[str, str]:
    document = json.loads(text)
    if isinstance(document, dict) and isinstance(document.get("keys"), dict):
        keys: Mapping[str, str] = document["keys"]
        return keys
    raise ValueError('the key document must be {"keys": {"<key id>": "<base64>"}}')


if __name__ == "__main__":
    main()
