"""A pixel's gateway in a few lines: answers and queues as the local cloud does, unless a quirk says otherwise."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING
from urllib.parse import quote_plus, unquote, unquote_plus, urlsplit

from tests.loopback import listening

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

ORIGIN = "https://shop.example"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'
FIXED = {
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
}
KINDS = {"application/json": "json", "text/plain": "text", "application/x-www-form-urlencoded": "form"}
LIMIT = 1_000


@dataclass
class Reply:
    """What a call gets, and the message that it queues."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    message: str | None = None


@dataclass
class Gateway:
    """The gateway of one pixel.

    Parameters
    ----------
    sqs, queue
        Where messages go; None: they are lost to whoever looks, as with a consumer that runs.
    quirks
        What is done otherwise than by the local cloud.
    """

    sqs: SQSClient | None = None
    queue: str = ""
    quirks: set[str] = field(default_factory=set)
    url: str = ""

    def handle(self, method: str, target: str, headers: list[tuple[str, str]], body: bytes) -> Reply:
        """Answer one call."""
        origin = next((value for name, value in headers if name == "Origin"), "")
        if method == "GET":
            reply = self._get(urlsplit(target).query, headers)
        elif method == "POST":
            reply = self._post(headers, body)
        elif method == "OPTIONS":
            reply = Reply(204 if "no OPTIONS" not in self.quirks else 403)
        else:
            reply = Reply(403 if "HEAD" not in self.quirks else 200)
        if reply.status in (200, 204):
            reply.headers |= {"Access-Control-Allow-Credentials": "true", "Vary": "Origin"}
            if origin == ORIGIN or "any origin" in self.quirks:
                reply.headers["Access-Control-Allow-Origin"] = origin
        chosen = next((value for name, value in headers if name == "X-Amzn-RequestId"), "")
        reply.headers["x-amzn-RequestId"] = chosen if chosen and "own id" not in self.quirks else "made"
        if reply.message and self.sqs:
            self.sqs.send_message(QueueUrl=self.queue, MessageBody=reply.message)
        return reply

    def _get(self, query: str, headers: list[tuple[str, str]]) -> Reply:
        values = self._decoded(query)
        missing = [name for name in ("event", "endpoint_id") if not values.get(name)]
        if missing:
            told = "a parameter" if "unnamed" in self.quirks else str(missing)
            return self._json(400, f"Missing required request parameters: {told}")
        if "%FF" in query and "strict UTF-8" in self.quirks:
            return self._json(400, "Bad Request")
        pairs = list(values.items()) if "no limit" in self.quirks else list(values.items())[:LIMIT]
        said = "".join(f"{quote_plus(name)}={quote_plus(value)}&" for name, value in pairs)
        kind, image = ("image/gif", b"GIF8") if "broken image" in self.quirks else ("image/svg+xml", SVG)
        fixed = {} if "no headers" in self.quirks else FIXED
        return Reply(200, {"Content-Type": kind, **fixed}, image, self._message(headers, {"query": said}))

    def _decoded(self, query: str) -> dict[str, str]:
        values: dict[str, str] = {}
        decode = unquote if "plus is plus" in self.quirks else unquote_plus
        for pair in query.split("&"):
            name, _, value = pair.partition("=")
            text = decode(value)
            value = unquote(text) if "decoded twice" in self.quirks else text
            if name not in values or "first wins" not in self.quirks:
                values[name] = value
        return values

    def _post(self, headers: list[tuple[str, str]], body: bytes) -> Reply:
        content_type = dict(headers)["Content-Type"]
        exact = "exact types" in self.quirks
        kind = KINDS.get(content_type if exact else content_type.partition(";")[0])
        if kind is None:
            return self._json(415, "Unsupported Media Type")
        if kind == "json" and "endpoint_id" not in json.loads(body):
            return self._json(400, "The body must be JSON")
        text = body.decode("latin-1" if "latin-1" in self.quirks else "utf-8")
        message = self._message(headers, {"content_type": kind, "body": quote_plus(text)})
        return Reply(200, {"Content-Type": "application/json"}, b"{}", message)

    def _message(self, headers: list[tuple[str, str]], parts: Mapping[str, str]) -> str:
        folded = "lower-case headers" in self.quirks
        signal = next((value for name, value in headers if (name if folded else name.lower()) == "sec-gpc"), "")
        chosen = next((value for name, value in headers if name == "X-Amzn-RequestId"), "")
        return json.dumps(
            {
                "version": 1,
                "route": "public",
                "request_id": chosen if "id in message" in self.quirks else "extended",
                "request_time": "1800000000000",
                "global_privacy_control": signal,
                **parts,
            }
        )

    @staticmethod
    def _json(status: int, message: str) -> Reply:
        return Reply(status, {"Content-Type": "application/json"}, json.dumps({"message": message}).encode())


@contextmanager
def serve(gateway: Gateway) -> Iterator[Gateway]:
    """Serve on a loopback port; `gateway.url` is the pixel's URL."""

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            reply = gateway.handle(self.command, self.path, list(self.headers.items()), body)
            self.send_response_only(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)

        do_GET = do_POST = do_HEAD = do_OPTIONS = _serve  # noqa: N815 (the names of the base class)

    with listening(Handler) as port:
        gateway.url = f"http://127.0.0.1:{port}/v1/events"
        yield gateway
