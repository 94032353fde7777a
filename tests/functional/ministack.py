"""DynamoDB in this process: the local cloud's own, since moto takes ten times as long for a call."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from ministack.services import dynamodb

if TYPE_CHECKING:
    from botocore.hooks import HierarchicalEmitter

_LOCK = threading.Lock()


class Body(io.BytesIO):
    """A body as botocore reads it."""

    def stream(self, **_: object) -> Iterator[bytes]:
        yield self.read()


def use_dynamodb(events: HierarchicalEmitter) -> None:
    """Let the calls of DynamoDB of a session, or of a client, end here; moto must let them pass."""
    events.register("before-send.dynamodb", _answer)


def _answer(request: AWSPreparedRequest, **_: object) -> AWSResponse:
    headers = {
        name.lower(): value.decode() if isinstance(value, bytes) else value for name, value in request.headers.items()
    }
    with _LOCK:
        status, headers, body = _finished(dynamodb.handle_request(request.method, "/", headers, request.body, {}))
    return AWSResponse(request.url, status, headers, Body(body if isinstance(body, bytes) else body.encode()))


def _finished(work: Any) -> Any:
    """What a coroutine that waits for nothing returns."""
    try:
        work.send(None)
    except StopIteration as end:
        return end.value
    raise AssertionError("DynamoDB waits for something")
