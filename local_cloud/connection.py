"""The TCP connection on which a request came, so that a fault can really cut it."""

from __future__ import annotations

from asyncio import StreamWriter
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any

from hypercorn.asyncio.tcp_server import TCPServer

from local_cloud import patching

# Set in the task that reads the connection; the tasks that answer its requests are made there and inherit it.
_writer: ContextVar[StreamWriter] = ContextVar("local_cloud_connection")


def cut() -> None:
    """Reset the connection of the current request: the client sees it break, not an answer."""
    _writer.get().transport.abort()


def install() -> None:
    """Remember the connection while its requests are served."""
    patching.replace("connections can be cut", TCPServer, "run", "await self._read_data()", by=_remembering)


def _remembering(run: Callable[[TCPServer], Awaitable[None]]) -> Callable[..., Any]:
    async def remembered(server: TCPServer) -> None:
        _writer.set(server.writer)
        await run(server)

    return remembered
