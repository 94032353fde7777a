"""The events that a call asks for, as far as a person wants to see them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qs

_MOST_EVENTS: Final = 100
_MOST_BODY_BYTES: Final = 256 * 1024
_MOST_CHARACTERS: Final = 200


@dataclass(frozen=True)
class Asked:
    """One event of a call.

    Attributes
    ----------
    index
        Place in the call's array, None if the call was not an array.
    event, endpoint_id, event_id
        What the call says, shortened for the eye; empty where it says nothing.
    """

    index: int | None
    event: str
    endpoint_id: str
    event_id: str

    def possible_ids(self, request_id: str) -> tuple[str, ...]:
        """Return the ids under which the event may arrive: a chosen one that the consumer accepts, or its own."""
        own = request_id if self.index is None else f"{request_id}-{self.index}"
        return (own, self.event_id) if self.event_id else (own,)


def asked(query: Mapping[str, Sequence[str]], body: bytes, content_type: str) -> tuple[Asked, ...]:
    """Read the events of a call.

    Parameters
    ----------
    query
        Values of each parameter of the query string.
    body, content_type
        The payload. One that is too large to be looked at, or no JSON and no form, holds nothing.

    Returns
    -------
    tuple of Asked
        At most 100.
    """
    if not body:
        return (_asked(None, _last(query)),) if query else ()
    if len(body) > _MOST_BODY_BYTES:
        return ()
    if "form" in content_type:
        return (_asked(None, _last(parse_qs(body.decode(errors="replace"), keep_blank_values=True))),)
    return tuple(_elements(body))


def _elements(body: bytes) -> Iterator[Asked]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return
    if isinstance(document, dict):
        yield _asked(None, document)
    elif isinstance(document, list):
        for index, element in enumerate(document[:_MOST_EVENTS]):
            yield _asked(index, element if isinstance(element, dict) else {})


def _last(query: Mapping[str, Sequence[str]]) -> dict[str, str]:
    return {name: values[-1] for name, values in query.items()}


def _asked(index: int | None, said: Mapping[str, Any]) -> Asked:
    return Asked(index, *(_text(said.get(name)) for name in ("event", "endpoint_id", "event_id")))


def _text(value: object) -> str:
    text = "" if value is None else value if isinstance(value, str) else json.dumps(value)
    return text[:_MOST_CHARACTERS]
