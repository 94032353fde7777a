"""Keeping other web pages out of `/_local/`: it needs no signature, and every page in a browser can reach loopback."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from local_cloud import asgi

_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_SAFE: Final = frozenset({"GET", "HEAD"})
# What a browser says of its own pages and of an address that a person typed.
_OWN: Final = frozenset({"same-origin", "none"})


def is_loopback(host: str) -> bool:
    """Tell whether a Host header names this machine; another name that leads here is an attack by DNS.

    Parameters
    ----------
    host
        The header.
    """
    try:
        return urlsplit(f"//{host}").hostname in _LOOPBACK
    except ValueError:
        return False


def refusal(scope: asgi.Scope) -> str | None:
    """Tell why a request is refused.

    Parameters
    ----------
    scope
        ASGI.

    Returns
    -------
    str or None
        None for a request of a program, of a page of this cloud, or of a person. Reading needs no check of the
        origin: no answer allows another one to see it.
    """
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    host = headers.get("host", "")
    if not is_loopback(host):
        return "the Host header must be 127.0.0.1 or localhost"
    if scope["method"] in _SAFE:
        return None
    if headers.get("sec-fetch-site", "none") not in _OWN or headers.get("origin", f"http://{host}") != f"http://{host}":
        return "pages of another origin cannot change anything here"
    return None
