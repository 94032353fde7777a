"""A tiny web server: the demo's files, a page without anything, and a pixel that notes its calls."""

from __future__ import annotations

import json
import mimetypes
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from tests.loopback import listening

DEMO = Path(__file__).parents[2] / "gtm" / "demo"
BLANK = b"<!doctype html><title>A page</title>"
IMAGE = b'<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'


class Stub:
    """The running server.

    Parameters
    ----------
    url
        Its address. `/pixel` answers with an image or as `answer` says, and notes its parameters in `calls`.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.reset()

    def reset(self) -> None:
        """Forget the calls, and answer with an image again."""
        self.calls: list[tuple[tuple[str, str], ...]] = []
        self.answer: tuple[int, str, bytes] = (200, "image/svg+xml", IMAGE)

    def refuse(self, status: int) -> None:
        """From now on answer as the gateway does when nothing was queued."""
        self.answer = (status, "application/json", json.dumps({"message": "no"}).encode())


@contextmanager
def serving() -> Iterator[Stub]:
    """Serve until the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            address = urlsplit(self.path)
            file = DEMO / address.path.removeprefix("/demo/")
            if address.path == "/":
                self._answer(200, "text/html", BLANK)
            elif address.path == "/pixel":
                stub.calls.append(tuple(parse_qsl(address.query, keep_blank_values=True)))
                self._answer(*stub.answer)
            elif address.path.startswith("/demo/") and file.is_file():
                self._answer(200, mimetypes.guess_type(file.name)[0] or "", file.read_bytes())
            else:
                self._answer(404, "application/json", b'{"message":"Missing Authentication Token"}')

        def _answer(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(body)

    with listening(Handler) as port:
        stub = Stub(f"http://127.0.0.1:{port}")
        yield stub
