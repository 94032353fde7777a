"""What the demo page needs of the cloud that serves it: what was applied, and a backend that logs visitors in."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from local_cloud.pages import Pages
from recipes.token.mint import mint

TOKEN_SECONDS: Final = 3600
_FOLDER: Final = Path(__file__).resolve().parent.parent / "gtm" / "demo"
# Scripts: the page's own, and Google's for ?gtm=. Images: the pixel, on this cloud by either name of the loopback host,
# and wherever the real container of ?gtm= has it.
_POLICY: Final = (
    "default-src 'none'; script-src 'self' https://www.googletagmanager.com; style-src 'self'; "
    "img-src 'self' data: http://127.0.0.1:* https:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

pages: Final = Pages(prefix="/_local/demo/", folder=_FOLDER, policy=_POLICY)


class DemoError(ValueError):
    """The demo cannot do this; the text is for the person in front of the page."""


@dataclass(frozen=True)
class _Signing:
    """What the backend mints tokens with."""

    keys: Mapping[str, str]
    kid: str
    audience: str


class Demo:
    """The demo's settings and its backend; nothing until somebody has applied something."""

    def __init__(self) -> None:
        self._public: Mapping[str, Any] | None = None
        self._signing: _Signing | None = None

    def configure(self, document: Mapping[str, Any]) -> Mapping[str, Any]:
        """Take over what was applied.

        Parameters
        ----------
        document
            `container` (as GTM exports it, with this cloud's address of the pixel), `application_id`, `console` (path
            of the console's page) and `token` with `keys` (base64 by key id), `kid` and `audience`.

        Returns
        -------
        Mapping
            What the page may know.

        Raises
        ------
        DemoError
            If something is missing or unknown.
        """
        try:
            public = {name: document[name] for name in ("container", "application_id", "console")}
            signing = _Signing(**document["token"])
        except (KeyError, TypeError) as error:
            raise DemoError(f"settings of the demo: {error}") from error
        self._public, self._signing = public, signing
        return public

    @property
    def settings(self) -> Mapping[str, Any]:
        """What was applied, without keys.

        Raises
        ------
        DemoError
            If nothing is applied yet.
        """
        if self._public is None:
            raise _not_applied()
        return self._public

    def log_in(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """Log a visitor in.

        A real backend takes the endpoint ID from the customer's session; this one believes the page, because it has
        no customers to protect.

        Parameters
        ----------
        document
            `endpoint_id`.

        Returns
        -------
        dict
            `token` for that endpoint, which ends `expires_in` seconds from now.

        Raises
        ------
        DemoError
            If nothing is applied yet, or the endpoint ID is missing.
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
