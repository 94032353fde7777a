"""Emulated services behind a loopback HTTP server, for tests that need nothing else."""

from __future__ import annotations

import contextlib
import re
import socket
import sys
import threading
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Final, Self

from local_cloud.service.front import Front
from local_cloud.service.messages import Request, Response, ServiceError, failure
from local_cloud.service.worker import Worker

_DEFAULT_ACCOUNT: Final = "000000000000"
_CREDENTIAL: Final = re.compile(r"Credential=([^/,\s]+)/\d{8}/([^/]+)/([^/]+)/aws4_request")
_UNSIGNED: Final = {403: "ForbiddenException"}


class ServiceServer:
    """Runs services on a free loopback port while the context lasts.

    The caller is known by its access key: one of twelve digits is the account, every other key belongs to the
    account 000000000000. Signatures are not verified, since nobody knows the secret.

    Parameters
    ----------
    fronts
        The services to serve, each for what is signed for it.
    workers
        What works in the background meanwhile.

    Attributes
    ----------
    url
        Endpoint URL for clients.
    """

    def __init__(self, fronts: Sequence[Front], workers: Sequence[Worker]) -> None:
        self._server = _Server(fronts)
        self._workers = workers
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="services", daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        for worker in self._workers:
            worker.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for worker in self._workers:
            worker.stop()
        self._server.shutdown()
        self._thread.join()
        self._server.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    # The default of 5 refuses connections as soon as a test starts more clients at once.
    request_queue_size = 128

    def __init__(self, fronts: Sequence[Front]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.fronts = {front.service.signing_name: front for front in fronts}
        self.stopping = threading.Event()
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()

    def opened(self, connection: socket.socket) -> None:
        """Remember a connection, or end it at once if the server is stopping."""
        with self._lock:
            if self.stopping.is_set():
                connection.shutdown(socket.SHUT_RDWR)
            else:
                self._connections.add(connection)

    def closed(self, connection: socket.socket) -> None:
        """Forget a connection."""
        with self._lock:
            self._connections.discard(connection)

    def close(self) -> None:
        """Close the port and every connection, and wait for their threads."""
        with self._lock:
            self.stopping.set()
            for connection in self._connections:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        self.server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing about clients that went away: with injected faults they often do."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    # Head and body of an answer leave in one piece.
    wbufsize = 65536
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.server.opened(self.connection)

    def finish(self) -> None:
        self.server.closed(self.connection)
        super().finish()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 the name that the base class gives it
        """Say nothing: the journal has every call."""

    def _respond(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self._send(self._response(body))

    do_GET = do_PUT = do_POST = do_DELETE = do_PATCH = _respond  # noqa: N815 the names that the base class looks for

    def _response(self, body: bytes) -> Response:
        credential = _CREDENTIAL.search(self.headers.get("Authorization", ""))
        front = self.server.fronts.get(credential[3]) if credential else None
        if credential is None or front is None:
            wanted = " or ".join(self.server.fronts)
            return failure(ServiceError(403, f"the request is not signed for {wanted}"), "unsigned", _UNSIGNED)
        key, region = credential[1], credential[2]
        path, _, query = self.path.partition("?")
        return front.handle(
            Request(
                method=self.command,
                path=path,
                query=query,
                body=body,
                account=key if re.fullmatch(r"\d{12}", key) else _DEFAULT_ACCOUNT,
                region=region,
            )
        )

    def _send(self, response: Response) -> None:
        if response.delay_seconds:
            self.server.stopping.wait(response.delay_seconds)
        if response.connection != "answer":
            self.close_connection = True
            return
        self.send_response_only(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        self.wfile.write(response.body)
