"""The console's page, and what it asks for."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

from local_cloud import asgi, same_site
from local_cloud.asgi import NotFoundError
from local_cloud.console import endpoints, journeys
from local_cloud.console.arrivals import Arrivals
from local_cloud.console.feed import Feed
from local_cloud.console.hits import Hits
from local_cloud.console.replay import ReplayError, replay
from local_cloud.pages import Pages
from local_cloud.pinpoint import Pinpoint
from local_cloud.profiles import Profiles

PREFIX: Final = "/_local/console/"
_FOLDER: Final = Path(__file__).parent / "page"
# Values are written as text nodes only: no script may even try to parse one as HTML.
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
# Of an e-mail: its own styles and images that it holds; nothing runs, nothing is fetched, wherever it is opened.
_MAIL_POLICY: Final = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'"
)
_MAIL: Final = re.compile(re.escape(PREFIX) + r"messages/(\d{1,15})\.html")


class Console:
    """Serves the page.

    Parameters
    ----------
    pinpoint, profiles
        The emulators to look into.

    Attributes
    ----------
    hits
        Wants to hear of every answer of an API.
    """

    def __init__(self, pinpoint: Pinpoint, profiles: Profiles) -> None:
        self.hits = Hits()
        self._pinpoint = pinpoint
        self._profiles = profiles
        self._arrivals = Arrivals(pinpoint, profiles)
        self._feed = Feed(pinpoint, profiles, self.hits, self._arrivals)
        self._pages = Pages(PREFIX, _FOLDER, _POLICY)

    async def serve(self, scope: asgi.Scope, send: asgi.Send) -> bool:
        """Answer a request for the page, one of its files or the HTML of an e-mail.

        Parameters
        ----------
        scope, send
            ASGI.

        Returns
        -------
        bool
            Whether it was one, and is answered.
        """
        if scope["path"] == PREFIX.rstrip("/"):
            await _redirect(send)
            return True
        mail = _MAIL.fullmatch(scope["path"])
        message = self._pinpoint.outbox.find(int(mail[1])) if mail and scope["method"] == "GET" else None
        if message is None:
            return await self._pages.serve(scope, send)
        headers = [
            ("content-type", "text/html; charset=utf-8"),
            ("content-security-policy", _MAIL_POLICY),
            ("x-content-type-options", "nosniff"),
            ("x-dns-prefetch-control", "off"),
            ("referrer-policy", "no-referrer"),
            ("cache-control", "no-store"),
        ]
        await asgi.answer(send, 200, headers, message.html.encode(errors="replace"))
        return True

    async def welcome(self, scope: asgi.Scope, send: asgi.Send) -> bool:
        """Send a browser that opens the cloud's address to the page.

        Parameters
        ----------
        scope, send
            ASGI.

        Returns
        -------
        bool
            False for everything else: a call of AWS's API at the same path is not a browser's.
        """
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        if (
            (scope["method"], scope["path"], scope["query_string"]) != ("GET", "/", b"")
            or "text/html" not in headers.get("accept", "")
            or any(name == "authorization" or name.startswith("x-amz-") for name in headers)
            or not same_site.is_loopback(headers.get("host", ""))
        ):
            return False
        await _redirect(send)
        return True

    def handle(self, method: str, parts: list[str], query: dict[str, list[str]], document: Any) -> Any:  # noqa: ANN401
        """Answer a request for data.

        Parameters
        ----------
        method, parts, query, document
            The request: HTTP method, path below the page's, parameters, body.

        Returns
        -------
        object
            A JSON document.

        Raises
        ------
        NotFoundError
            If nothing has this path.
        ReplayError
            If a queue cannot be sent back.
        """
        match method, parts:
            case "GET", ["feed"]:
                return self._feed.document(_one(query, "since"))
            case "GET", ["applications", application_id, "endpoints"]:
                emulators = (self._pinpoint, self._profiles)
                if "id" in query:
                    return endpoints.described(*emulators, self._arrivals, application_id, _one(query, "id"))
                return endpoints.listed(*emulators, application_id, _one(query, "text"))
            case "GET", ["journeys", application_id, journey_id]:
                return journeys.described(self._pinpoint, application_id, journey_id)
            case "POST", ["replay"]:
                if not isinstance(document, dict) or not isinstance(document.get("queue"), str):
                    raise ReplayError("queue must be the ARN of a queue")
                return replay(document["queue"])
        raise NotFoundError


async def _redirect(send: asgi.Send) -> None:
    await asgi.answer(send, 302, [("location", PREFIX), ("cache-control", "no-store")], b"")


def _one(query: dict[str, list[str]], name: str) -> str:
    return query.get(name, [""])[-1]
