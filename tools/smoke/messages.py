"""Questions that only the message in the ingest queue settles; read while the consumer is paused."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from tools.smoke.calls import CHOSEN_REQUEST_ID, MANY, TEXT, Call

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

MOST_MESSAGES = 1_000
PATIENCE_SECONDS = 20.0
# Longer than looking for all of them takes; then everything is put back.
_HIDE_SECONDS = 60
_BATCH = 10


def read(client: SQSClient, url: str, calls: Sequence[Call]) -> dict[str, str]:
    """Look for the messages of calls and leave everything in the queue.

    Parameters
    ----------
    client
        SQS client.
    url
        The ingest queue.
    calls
        Calls that were queued.

    Returns
    -------
    dict
        Bodies by the name of their call, as far as they were found.
    """
    found: dict[str, str] = {}
    handles: list[str] = []
    deadline = time.monotonic() + PATIENCE_SECONDS
    try:
        while len(found) < len(calls) and len(handles) < MOST_MESSAGES and time.monotonic() < deadline:
            answer = client.receive_message(
                QueueUrl=url, MaxNumberOfMessages=_BATCH, VisibilityTimeout=_HIDE_SECONDS, WaitTimeSeconds=1
            )
            messages = answer.get("Messages", [])
            if messages:
                deadline = time.monotonic() + PATIENCE_SECONDS
            for message in messages:
                handles.append(message["ReceiptHandle"])
                found.update({call.name: message["Body"] for call in calls if call.mark in message["Body"]})
    finally:
        for start in range(0, len(handles), _BATCH):
            client.change_message_visibility_batch(
                QueueUrl=url,
                Entries=[
                    {"Id": str(number), "ReceiptHandle": handle, "VisibilityTimeout": 0}
                    for number, handle in enumerate(handles[start : start + _BATCH])
                ],
            )
    return found


def observe(bodies: Mapping[str, str]) -> dict[str, str]:
    """What the messages, by the name of their call, say to each question."""
    return {
        question: _look(bodies[call], look) if call in bodies else "no message"
        for question, (call, look) in _QUESTIONS.items()
    }


def _look(body: str, look: Callable[[Mapping[str, Any]], str]) -> str:
    try:
        return look(json.loads(body))
    except (ValueError, KeyError, AttributeError) as error:
        return f"not as the template writes it ({type(error).__name__})"


def _pairs(message: Mapping[str, Any]) -> list[tuple[str, str]]:
    pairs = [pair.partition("=") for pair in message["query"].split("&") if pair]
    return [(unquote_plus(name), unquote_plus(value)) for name, _, value in pairs]


def _value(name: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda message: json.dumps([value for known, value in _pairs(message) if known == name], ensure_ascii=False)


def _privacy(message: Mapping[str, Any]) -> str:
    return f"signal {unquote_plus(message['global_privacy_control'])!r}"


def _request_id(message: Mapping[str, Any]) -> str:
    return "the client's" if unquote_plus(message["request_id"]) == CHOSEN_REQUEST_ID else "the gateway's own"


def _count(message: Mapping[str, Any]) -> str:
    return f"{len(_pairs(message))} of {MANY}"


def _json_body(message: Mapping[str, Any]) -> str:
    event = json.loads(unquote_plus(message["body"]))
    return f"{message['content_type']}, {_same(event['evat_text'])}"


def _form_body(message: Mapping[str, Any]) -> str:
    values = dict(_pairs({"query": unquote_plus(message["body"])}))
    return f"{message['content_type']}, {_same(values['evat_text'])}"


def _same(text: str) -> str:
    return "text as sent" if text == TEXT else f"text changed: {text}"


_QUESTIONS: Mapping[str, tuple[str, Callable[[Mapping[str, Any]], str]]] = {
    "queued_percent": ("plain", _value("evat_percent")),
    "queued_blank": ("plain", _value("evat_blank")),
    "queued_plus": ("plain", _value("evat_plus")),
    "queued_twice": ("plain", _value("evat_twice")),
    "queued_text": ("plain", lambda message: _same(dict(_pairs(message))["evat_text"])),
    "queued_not_utf_8": ("not-utf-8", _value("evat_bytes")),
    "queued_request_id": ("request-id", _request_id),
    "queued_header_lower": ("header-sec-gpc", _privacy),
    "queued_header_title": ("header-Sec-GPC", _privacy),
    "queued_header_upper": ("header-SEC-GPC", _privacy),
    "queued_many": ("many", _count),
    "queued_json": ("json", _json_body),
    "queued_post_text": ("text", _json_body),
    "queued_form": ("form", _form_body),
}
CALLS = frozenset(call for call, _ in _QUESTIONS.values())
"""Calls whose messages are looked for."""
