"""The calls that are made, each once."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

EVENT = "_smoke"
ENDPOINT_ID = "smoke"
CHOSEN_REQUEST_ID = "00000000-0000-4000-8000-000000000000"
FOREIGN_ORIGIN = "https://smoke.invalid"
TEXT = "1 + 1 = 2 & \"ä\" 'é' 100% 😀"
MANY = 1_001
"""One parameter more than API Gateway's limit for #foreach."""
TIMEOUT_SECONDS = 30
# What is left out after the limit is not known beforehand: the mark stands in more parameters than that.
_MARKS = 10


@dataclass(frozen=True)
class Call:
    """One request; `mark` is a text by which its message is known in the queue."""

    name: str
    mark: str
    query: str = ""
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | None = None


@dataclass(frozen=True)
class Answer:
    """What came back; status 0 stands for no answer, with the error as `body`."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def header(self, name: str) -> str:
        """A header's value, whatever its spelling; empty if it is absent."""
        return next((value for known, value in self.headers.items() if known.lower() == name.lower()), "")

    @property
    def media_type(self) -> str:
        """The Content-Type without its parameters."""
        return self.header("content-type").partition(";")[0]


def calls(run: str, origin: str) -> list[Call]:
    """Every call of a run.

    Parameters
    ----------
    run
        Digits and letters that no other run has.
    origin
        An origin that the deployment allows; empty if it allows none.

    Returns
    -------
    list of Call
        In the order in which they are to be made.
    """
    found = [*_gets(run), *_posts(run), *_origins(run, FOREIGN_ORIGIN, "foreign")]
    return [*found, *_origins(run, origin, "listed")] if origin else found


def make(url: str, call: Call) -> Answer:
    """Make one call, with header names and query string exactly as they are written."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.netloc, timeout=TIMEOUT_SECONDS)
    try:
        target = f"{parts.path}?{call.query}" if call.query else parts.path
        body = None if call.body is None else call.body.encode()
        connection.request(call.method, target, body, dict(call.headers))
        response = connection.getresponse()
        return Answer(response.status, dict(response.getheaders()), response.read())
    except (OSError, http.client.HTTPException) as error:
        return Answer(0, {}, type(error).__name__.encode())
    finally:
        connection.close()


def _gets(run: str) -> Iterator[Call]:
    # Decoded once this is %41, twice A; an unencoded plus is a blank to a form and a plus to a URI.
    values = f"evat_percent=%2541&evat_blank=a+b&evat_plus=a%2Bb&evat_twice=1&evat_twice=2&evat_text={quote(TEXT)}"
    yield _get(run, "plain", values, {"Accept": "image/avif,image/webp,*/*;q=0.8"})
    yield _get(run, "not-utf-8", "evat_bytes=a%FFb")
    yield _get(run, "request-id", "", {"X-Amzn-RequestId": CHOSEN_REQUEST_ID})
    for spelling in ("sec-gpc", "Sec-GPC", "SEC-GPC"):
        yield _get(run, f"header-{spelling}", "", {spelling: "1"})
    marks = [f"evat_mark{number}=smoke-{run}-many" for number in range(_MARKS)]
    more = [f"p{number}=" for number in range(MANY - _MARKS - 3)]
    yield _get(run, "many", "&".join([*marks, *more]))
    yield Call("missing", "", f"event={EVENT}")
    yield Call("blank", "", f"event={EVENT}&endpoint_id=")
    yield Call("head", "", f"event={EVENT}&endpoint_id={ENDPOINT_ID}", method="HEAD")


def _posts(run: str) -> Iterator[Call]:
    def event(name: str) -> dict[str, str]:
        return {
            "event": EVENT,
            "endpoint_id": ENDPOINT_ID,
            "event_id": f"smoke-{run}-{name}",
            "evat_text": TEXT,
        }

    yield _post(run, "json", "application/json", json.dumps(event("json"), ensure_ascii=False))
    yield _post(run, "text", "text/plain;charset=UTF-8", json.dumps(event("text"), ensure_ascii=False))
    form = "&".join(f"{name}={quote(value)}" for name, value in event("form").items())
    yield _post(run, "form", "application/x-www-form-urlencoded", form)
    yield _post(run, "incomplete", "application/json", json.dumps({"event": EVENT}))
    yield _post(run, "multipart", "multipart/form-data; boundary=x", "--x--")


def _origins(run: str, origin: str, name: str) -> Iterator[Call]:
    yield _get(run, f"{name}-origin", "", {"Origin": origin})
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }
    yield Call(f"{name}-preflight", "", method="OPTIONS", headers=asked)


def _get(run: str, name: str, values: str, headers: Mapping[str, str] | None = None) -> Call:
    mark = f"smoke-{run}-{name}"
    known = f"event={EVENT}&endpoint_id={ENDPOINT_ID}&event_id={mark}"
    return Call(name, mark, f"{known}&{values}" if values else known, headers=headers or {})


def _post(run: str, name: str, content_type: str, body: str) -> Call:
    return Call(name, f"smoke-{run}-{name}", method="POST", headers={"Content-Type": content_type}, body=body)
