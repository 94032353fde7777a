"""What the gateway put into the ingest queue."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote_plus

VERSION = 1

_TOKEN = re.compile(r"(?:^|(?<=[?&\"]))token=[^&\"]*&?")


class MessageError(ValueError):
    """The text is not a message of the gateway; the text of the error says which part and never holds a value."""


@dataclass(frozen=True, slots=True)
class Message:
    """One call of the pixel.

    Parameters
    ----------
    request_id
        The gateway's extended request id, which the caller cannot choose.
    request_time
        When the gateway took the call, in Unix milliseconds.
    parameters
        Decoded query parameters in the order of the call.
    """

    request_id: str
    request_time: int
    parameters: tuple[tuple[str, str], ...]

    @classmethod
    def parse(cls, body: str) -> Message:
        """Read the text of a queue message.

        Parameters
        ----------
        body
            JSON as the gateway's template writes it; every text in it is URL-encoded.

        Raises
        ------
        MessageError
            The text is not JSON, of another version, or lacks a field.
        """
        try:
            document = json.loads(body)
        except (ValueError, RecursionError):
            raise MessageError("body: not JSON") from None
        if not isinstance(document, dict):
            raise MessageError("body: not an object")
        if document.get("version") != VERSION:
            raise MessageError(f"version: not {VERSION}")
        if document.get("route") != "public":
            raise MessageError("route: not a known route")
        time = document.get("request_time")
        if not isinstance(time, str) or not re.fullmatch(r"[0-9]{1,15}", time):
            raise MessageError("request_time: not Unix milliseconds")
        request_id, query = document.get("request_id"), document.get("query")
        if not isinstance(request_id, str) or not isinstance(query, str):
            raise MessageError("request_id, query: not texts")
        return cls(unquote_plus(request_id), int(time), _parameters(query))


def without_token(body: str) -> str:
    """`body` without any `token` parameter: whoever reads a queue must not find a credential there."""
    return _TOKEN.sub("", body)


def _parameters(query: str) -> tuple[tuple[str, str], ...]:
    return tuple(parse_qsl(query, keep_blank_values=True, errors="replace"))
