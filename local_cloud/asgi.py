"""Types and helpers of the ASGI interface between the web server, MiniStack and this package."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from contextvars import ContextVar
from typing import Any, TypeAlias

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Application: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

# The request being served: MiniStack passes on its decoded path and lower-cased headers only.
current_scope: ContextVar[Scope] = ContextVar("local_cloud_scope")


class NotFoundError(Exception):
    """Nothing has this path."""


class DisconnectedError(Exception):
    """The client went away before its request was complete."""


async def read_body(receive: Receive) -> bytes:
    """Read a whole request body.

    Parameters
    ----------
    receive
        The ASGI channel.

    Returns
    -------
    bytes
        The body.

    Raises
    ------
    DisconnectedError
        If the client goes away.
    """
    chunks = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise DisconnectedError
        chunks.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(chunks)


async def answer(send: Send, status: int, headers: Iterable[tuple[str, str]], body: bytes) -> None:
    """Send a whole answer.

    Parameters
    ----------
    send
        The ASGI channel.
    status, headers, body
        The answer; its length is added.
    """
    encoded = [(name.encode("latin-1"), value.encode("utf-8")) for name, value in headers]
    encoded.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": encoded})
    await send({"type": "http.response.body", "body": body, "more_body": False})
