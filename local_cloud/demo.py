"""The demo page and what it needs of its cloud: what was applied, and a backend that logs visitors in."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from local_cloud import asgi
from local_cloud.asgi import NotFoundError
from local_cloud.pages import Pages
from recipes.token.mint import mint

PREFIX: Final = "/_local/demo/"
TOKEN_SECONDS: Final = 3600
_FOLDER: Final = Path(__file__).resolve().parent.parent / "gtm" / "demo"
# Scripts: the page's own, and Google's for ?gtm=. Images: the pixel, on this cloud by either name of the loopback host,
# and wherever the real container of ?gtm= has it.
_POLICY: Final = (
    "default-src 'none'; script-src 'self' https://www.googletagmanager.com; style-src 'self'; "
    "img-src 'self' data: http://127.0.0.1:* https:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class DemoError(ValueError):
    """The demo cannot do this; the text is for the person in front of the page."""


@dataclass(frozen=True)
class _Signing:
    """What the backend mints tokens with."""

    keys: Mapping[str, str]
    kid: str
    audience: str


class Demo:
    """Serves the page; its settings are empty until somebody has applied something."""

    def __init__(self) -> None:
        self._pages = Pages(PREFIX, _FOLDER, _POLICY)
        self._public: Mapping[str, Any] | None = None
        self._signing: _Signing | None = None

    async def serve(self, scope: asgi.Scope, send: asgi.Send) -> bool:
        """Answer a request for the page or one of its files.

        Parameters
        ----------
        scope, send
            ASGI.

        Returns
        -------
        bool
            Whether it was one, and is answered.
        """
        return await self._pages.serve(scope, send)

    def handle(self, method: str, parts: Sequence[str], document: Any) -> Any:  # noqa: ANN401 - JSON
        """Answer one request for data, below the page's address.

        Parameters
        ----------
        method, parts, document
            Method, parts of the path behind the prefix, and the body.

        Returns
        -------
        object
            JSON.

        Raises
        ------
        NotFoundError
            If there is nothing of that name.
        DemoError
            If it cannot be done.
        """
        match method, parts:
            case "GET", ["settings"]:
                return self._settings()
            case "PUT", ["settings"]:
                return self._configure(document)
            case "POST", ["login"]:
                return self._log_in(document)
        raise NotFoundError

    def _configure(self, document: Mapping[str, Any]) -> Mapping[str, Any]:
        """Take over `container`, `application_id`, `console` and, for the backend alone, `token`."""
        try:
            public = {name: document[name] for name in ("container", "application_id", "console")}
            signing = _Signing(**document["token"])
        except (KeyError, TypeError) as error:
            raise DemoError(f"settings of the demo: {error}") from error
        self._public, self._signing = public, signing
        return public

    def _settings(self) -> Mapping[str, Any]:
        """What was applied, without keys."""
        if self._public is None:
            raise _not_applied()
        return self._public

    def _log_in(self, document: Mapping[str, Any]) -> Mapping[str, Any]:
        """A token for the endpoint that the page names.

        A real backend takes the endpoint ID from the customer's session; this one believes the page, because it has
        no customers to protect.
        """
        if self._signing is None:
            raise _not_applied()
        endpoint_id = document.get("endpoint_id") if isinstance(document, Mapping) else None
        if not isinstance(endpoint_id, str) or not endpoint_id:
            raise DemoError("log in: endpoint_id must be a text that is not empty")
        expiry = int(time.time()) + TOKEN_SECONDS
        token = mint(self._signing.keys, self._signing.kid, self._signing.audience, endpoint_id, expiry)
        return {"token": token, "expires_in": TOKEN_SECONDS}


def _not_applied() -> DemoError:
    return DemoError("Nothing is applied on this local cloud yet: run make demo.")
