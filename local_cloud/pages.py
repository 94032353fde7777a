"""Folders of static files that are served under a path, each with its content security policy."""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from local_cloud import asgi

INDEX = "index.html"


@dataclass(frozen=True)
class Pages:
    """One folder.

    Parameters
    ----------
    prefix
        Path under which it is served, with a slash at both ends.
    folder
        Its files; `index.html` answers for the prefix itself.
    policy
        `Content-Security-Policy` of every answer.
    """

    prefix: str
    folder: Path
    policy: str

    async def serve(self, scope: asgi.Scope, send: asgi.Send) -> bool:
        """Answer a request for one of the files.

        Parameters
        ----------
        scope, send
            ASGI.

        Returns
        -------
        bool
            Whether it was one, and is answered.
        """
        path = scope["path"]
        if scope["method"] not in ("GET", "HEAD") or not path.startswith(self.prefix):
            return False
        file = (self.folder / (unquote(path[len(self.prefix) :]) or INDEX)).resolve()
        if not file.is_file() or not file.is_relative_to(self.folder.resolve()):
            return False
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        headers = [
            ("content-type", f"{kind}; charset=utf-8" if kind.startswith("text/") else kind),
            ("content-security-policy", self.policy),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cache-control", "no-store"),
        ]
        await asgi.answer(send, 200, headers, b"" if scope["method"] == "HEAD" else file.read_bytes())
        return True
