"""What lies in the ingest queue: calls as the gateway wrote them down, or events that the consumer put back."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, TypeVar
from urllib.parse import unquote_to_bytes

from engagement.domain.reasons import RejectReason
from engagement.domain.token import Verdict

VERSION = 1

_Member = TypeVar("_Member", bound=StrEnum)

Parameters = dict[str, str | None]
"""Values by name, the last one of each; None stands for a value that is neither text, number nor boolean."""

_ENCODED_SPACE = r"(?:\+|%20|%09|%0A|%0D)*"
_SIGNATURE = re.compile(r"(\.[0-9]{1,12}\.)[A-Za-z0-9_-]{43}")
_TOKENS = (
    # In a query, in a body that holds a form, in a body that holds JSON.
    re.compile(r"((?:^|(?<=[?&\"])))token=[^&\"]*&?"),
    re.compile(r"((?:(?<=%26)|(?<=\"))token%3D).*?(?=%26|\"|$)"),
    re.compile(rf"(%22token%22{_ENCODED_SPACE}%3A{_ENCODED_SPACE}%22).*?(?=%22|\"|$)"),
)


class MessageError(ValueError):
    """The text is not a message that can be read; the text of the error never holds a value."""

    def __init__(self, detail: str, reason: RejectReason = RejectReason.MALFORMED_MESSAGE) -> None:
        super().__init__(detail)
        self.reason = reason


class Route(StrEnum):
    """The gateway's route, a literal of the route's own template."""

    PUBLIC = "public"
    TRUSTED = "trusted"


class Authorizer(StrEnum):
    """Who vouches for a caller of the trusted route."""

    IAM = "iam"
    COGNITO = "cognito"
    LAMBDA = "lambda"


@dataclass(frozen=True, slots=True)
class Call:
    """One event that a caller asked for.

    Parameters
    ----------
    index
        Place in the caller's array, from 0; None if the call was not an array.
    parameters
        What the caller said, without the token.
    token
        The token as the caller sent it, empty without one.
    verdict
        What an earlier attempt found of the token, which does not travel on; None at the first attempt.
    destinations
        Names of the destinations that are still open; None if none is done, so that all are that are configured.
    """

    index: int | None
    parameters: Parameters
    token: str = ""
    verdict: Verdict | None = None
    destinations: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the ingest queue.

    Parameters
    ----------
    request_id
        The gateway's extended request id, which the caller cannot choose.
    request_time
        When the gateway took the call, in Unix milliseconds.
    route, authorizer, identity
        How the caller came in, and on the trusted route as whom.
    privacy_signal
        Whether the browser sent Sec-GPC.
    attempt
        Receives that earlier messages with these events have used up.
    calls
        What is asked for, in order.
    """

    request_id: str
    request_time: int
    route: Route
    authorizer: Authorizer | None
    identity: str
    privacy_signal: bool
    attempt: int
    calls: tuple[Call, ...]

    @classmethod
    def parse(cls, body: str, most_calls: int) -> Message:
        """Read the text of a queue message.

        Parameters
        ----------
        body
            JSON as the gateway's templates write it, every text in it URL-encoded; or as `text` writes it.
        most_calls
            Events that one message may hold.

        Raises
        ------
        MessageError
            The text is not JSON, of another version, lacks a part, or holds too many events.
        """
        document = _object(body)
        if document.get("version") != VERSION:
            raise MessageError(f"version: not {VERSION}")
        calls = tuple(_calls(document))
        if len(calls) > most_calls:
            detail = f"body: more than {most_calls} events in one request (max_events_per_request)"
            raise MessageError(detail, RejectReason.TOO_MANY_EVENTS)
        route = _member(document, "route", Route)
        return cls(
            request_id=_text(document, "request_id"),
            request_time=_digits(document, "request_time"),
            route=route,
            authorizer=_member(document, "authorizer", Authorizer) if route is Route.TRUSTED else None,
            identity=_text(document, "identity") if route is Route.TRUSTED else "",
            # A client that spells the header in two ways gets both values here, one behind the other.
            privacy_signal="1" in _text(document, "global_privacy_control"),
            attempt=_digits(document, "attempt") if "attempt" in document else 0,
            calls=calls,
        )

    def only(
        self,
        calls: Mapping[int | None, Verdict],
        attempt: int,
        destinations: Mapping[int | None, tuple[str, ...]] | None = None,
    ) -> Message:
        """A message with some of the calls.

        Parameters
        ----------
        calls
            By index, what was found of their tokens.
        attempt
            Receives that the events have used up.
        destinations
            By index, what is still open of calls that are done in part; the others keep what they said.
        """
        still = destinations or {}
        kept = [
            replace(
                call,
                token="",
                verdict=calls[call.index],
                destinations=still.get(call.index, call.destinations),
            )
            for call in self.calls
            if call.index in calls
        ]
        return replace(self, calls=tuple(kept), attempt=attempt)

    def text(self) -> str:
        """The message as a text for a queue: plain ASCII, without any token."""
        document = {
            "version": VERSION,
            "route": self.route,
            "authorizer": self.authorizer,
            "identity": self.identity,
            "request_id": self.request_id,
            "request_time": str(self.request_time),
            "global_privacy_control": "1" if self.privacy_signal else "",
            "attempt": str(self.attempt),
            "events": [_written(call) for call in self.calls],
        }
        return json.dumps(document, separators=(",", ":"))


def without_token(body: str) -> str:
    """`body` without any token, for a text that could not be read: nobody shall find a credential in a queue."""
    for token in _TOKENS:
        body = token.sub(r"\1", body)
    return without_signature(body)


def without_signature(text: str) -> str:
    """`text` without what has the form of a token's signature, wherever a caller may have put it."""
    return _SIGNATURE.sub(r"\1", text)


def _object(text: str) -> dict[str, Any]:
    document = _json(text)
    if not isinstance(document, dict):
        raise MessageError("body: not an object")
    return document


def _json(text: str) -> Any:  # noqa: ANN401 (any JSON)
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise MessageError("body: not JSON") from None


def _calls(document: Mapping[str, Any]) -> Iterator[Call]:
    if "events" in document:
        settled = [_settled(element) for element in _list(document["events"])]
        if len({call.index for call in settled}) < len(settled):
            raise MessageError("events: an index twice")
        yield from settled
    elif "query" in document:
        yield _call(None, _pairs(_raw(document, "query")))
    else:
        kind, body = document.get("content_type"), _decoded(_raw(document, "body"))
        if kind == "form":
            yield _call(None, _pairs(body))
        elif kind in ("json", "text"):
            yield from _elements(_json(body))
        else:
            raise MessageError("content_type: not a known one")


def _elements(body: Any) -> Iterator[Call]:  # noqa: ANN401 (any JSON)
    if isinstance(body, dict):
        yield _call(None, _members(body))
        return
    for index, element in enumerate(_list(body)):
        if not isinstance(element, dict):
            raise MessageError(f"body: element {index} is not an object")
        yield _call(index, _members(element))


def _call(index: int | None, parameters: Parameters) -> Call:
    token = parameters.get("token")
    if token is None:
        return Call(index, parameters)
    del parameters["token"]
    return Call(index, parameters, token)


def _written(call: Call) -> dict[str, Any]:
    """An event as `_settled` reads it."""
    open_ones = {} if call.destinations is None else {"destinations": call.destinations}
    return {"index": call.index, "token": call.verdict, **open_ones, "parameters": call.parameters}


def _settled(element: Any) -> Call:  # noqa: ANN401 (any JSON)
    """An event of a message that `Message.text` wrote."""
    if not isinstance(element, dict) or not isinstance(element.get("parameters"), dict):
        raise MessageError("events: not a list of events")
    index = element.get("index")
    if not isinstance(index, int | None):
        raise MessageError("events: an index is missing")
    verdict = _member(element, "token", Verdict)
    # Here null is what had no text at the first attempt; there it was a text of its own.
    kept = {name: None if value is None else _flat(value) for name, value in element["parameters"].items()}
    return replace(_call(index, kept), token="", verdict=verdict, destinations=_destinations(element))


def _destinations(element: Mapping[str, Any]) -> tuple[str, ...] | None:
    names = element.get("destinations")
    if names is None:
        return None
    if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
        raise MessageError("events: destinations is not a list of names; leave it out for all that are configured")
    return tuple(dict.fromkeys(names))


def _list(value: Any) -> list[Any]:  # noqa: ANN401 (any JSON)
    if not isinstance(value, list) or not value:
        raise MessageError("body: neither an object nor an array of objects")
    return value


def _pairs(query: str) -> Parameters:
    """The pairs of a query string or a form, decoded once."""
    parameters: Parameters = {}
    for pair in filter(None, query.split("&")):
        name, _, value = pair.partition("=")
        parameters[_decoded(name)] = _decoded(value)
    return parameters


def _decoded(text: str) -> str:
    # Most names and many values are plain: looking for a sign first takes a third off the time of a message.
    if "%" not in text and "+" not in text:
        return text
    return unquote_to_bytes(_scalars(text.replace("+", " "))).decode(errors="replace")


def _members(element: Mapping[str, Any]) -> Parameters:
    """The pairs of a JSON object."""
    return {_scalars(name): _flat(value) for name, value in element.items()}


def _flat(value: Any) -> str | None:  # noqa: ANN401 (any JSON)
    """A value of a JSON object as the text that a query string would hold; None for what no query could hold."""
    if isinstance(value, str):
        return _scalars(value)
    return None if isinstance(value, list | dict) else json.dumps(value)


def _scalars(text: str) -> str:
    """`text` with halves of surrogate pairs replaced, which JSON can carry and no service takes."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _raw(document: Mapping[str, Any], name: str) -> str:
    value = document.get(name, "")
    if not isinstance(value, str):
        raise MessageError(f"{name}: not a text")
    return value


def _text(document: Mapping[str, Any], name: str) -> str:
    value = _raw(document, name)
    # What the gateway writes is URL-encoded; what this module writes says so by its events.
    return value if "events" in document else _decoded(value)


def _digits(document: Mapping[str, Any], name: str) -> int:
    value = _raw(document, name)
    # Milliseconds of 13 digits last until the year 2286.
    if not re.fullmatch(r"[0-9]{1,13}", value):
        raise MessageError(f"{name}: not a whole number")
    return int(value)


def _member(document: Mapping[str, Any], name: str, kind: type[_Member]) -> _Member:
    try:
        return kind(_raw(document, name))
    except ValueError:
        raise MessageError(f"{name}: not a known one") from None
