"""The real SDK, whose requests go to an emulator without sockets."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import boto3
from botocore import UNSIGNED
from botocore.awsrequest import AWSResponse
from botocore.config import Config

from local_cloud.service.messages import Request

ACCOUNT: Final = "123456789012"
REGION: Final = "eu-west-1"


class _Body:
    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, **_: object) -> list[bytes]:
        return [self._body]


Handle = Callable[[Request], Any]


@dataclass
class _Sender:
    """Sends the requests of an SDK client to the emulator of the moment."""

    account: str
    handle: Handle | None = None

    def __call__(self, request: Any, **_: object) -> AWSResponse:
        path, _, query = request.url.removeprefix("http://emulator").partition("?")
        body = request.body or b""
        body = body.encode() if isinstance(body, str) else body
        assert self.handle
        answer = self.handle(Request(request.method, path, query, body, self.account, REGION))
        return AWSResponse(request.url, answer.status, answer.headers, _Body(answer.body))


@functools.cache
def _shared(model: str, account: str) -> tuple[Any, _Sender]:
    """Making a client takes longer than most tests."""
    client: Any = boto3.client(  # type: ignore[call-overload]
        model,
        endpoint_url="http://emulator",
        region_name=REGION,
        # No signature is made, for the emulator never sees one.
        config=Config(retries={"total_max_attempts": 1}, parameter_validation=False, signature_version=UNSIGNED),
    )
    sender = _Sender(account)
    client.meta.events.register(f"before-send.{model}", sender)
    return client, sender


class Client:
    """An SDK client whose requests go to an emulator straight away."""

    def __init__(self, handle: Handle, model: str, account: str = ACCOUNT) -> None:
        self._handle = handle
        self._client, self._sender = _shared(model, account)

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        def call(**parameters: Any) -> Any:
            self._sender.handle = self._handle
            return getattr(self._client, operation)(**parameters)

        return call
