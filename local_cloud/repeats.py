"""Requests that Terraform's provider sends again although they were answered.

On a busy machine its SDK now and then repeats a request whose answer went out whole, and a create that is repeated
fails. The same attempt gets the same answer; requests of everybody else, whose repeats are tested, are left alone.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, Final

from local_cloud import asgi

_KEPT: Final = 500
_INVOCATION: Final = b"amz-sdk-invocation-id"
_AGENT: Final = b"user-agent"

_Serve = Callable[[asgi.Scope, asgi.Receive, asgi.Send], Awaitable[None]]


class Answers:
    """The last answers that Terraform got, by the invocation that asked."""

    def __init__(self) -> None:
        self._kept: OrderedDict[bytes, list[Any]] = OrderedDict()

    async def serve(self, scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send, serve: _Serve) -> None:
        """Serve a request, or answer it as before."""
        invocation = _invocation(scope)
        if invocation is None:
            await serve(scope, receive, send)
        elif invocation in self._kept:
            for message in self._kept[invocation]:
                await send(message)
        else:
            await serve(scope, receive, self._keeping(invocation, send))

    def _keeping(self, invocation: bytes, send: asgi.Send) -> asgi.Send:
        messages: list[Any] = []

        async def sending(message: Any) -> None:  # noqa: ANN401 - ASGI
            messages.append(message)
            await send(message)
            whole = message["type"] == "http.response.body" and not message.get("more_body", False)
            if whole and HTTPStatus.OK <= messages[0]["status"] < HTTPStatus.MULTIPLE_CHOICES:
                self._kept[invocation] = messages
                while len(self._kept) > _KEPT:
                    self._kept.popitem(last=False)

        return sending


def _invocation(scope: asgi.Scope) -> bytes | None:
    headers = {name.lower(): value for name, value in scope["headers"]}
    return headers.get(_INVOCATION) if b"Terraform/" in headers.get(_AGENT, b"") else None
