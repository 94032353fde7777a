"""The `/_local/` interface: what a test or a demo sets and looks at. It is not part of AWS and needs no signature."""

from __future__ import annotations

import json
from typing import Any, Final
from urllib.parse import parse_qs

from local_cloud import asgi
from local_cloud.demo import Demo
from local_cloud.faults import FaultRuleError, Faults
from local_cloud.monitoring import Monitor
from local_cloud.pinpoint import Pinpoint, SettingsError
from local_cloud.refusals import refusals

PREFIX: Final = "/_local/"


class _UnknownPathError(Exception):
    pass


class Control:
    """Serves the interface.

    Parameters
    ----------
    pinpoint
        The emulator to look into.
    faults
        The rules to change.
    monitor
        The monitoring to set.
    demo
        The demo page's settings and backend.
    """

    def __init__(self, pinpoint: Pinpoint, faults: Faults, monitor: Monitor, demo: Demo) -> None:
        self._pinpoint = pinpoint
        self._faults = faults
        self._monitor = monitor
        self._demo = demo

    async def serve(self, scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
        """Answer one request.

        Parameters
        ----------
        scope, receive, send
            ASGI.
        """
        body = await asgi.read_body(receive)
        query = parse_qs(scope["query_string"].decode())
        try:
            document = json.loads(body) if body else None
            status, answer = 200, self._handle(scope["method"], scope["path"], query, document)
        except _UnknownPathError:
            status, answer = 404, {"message": f"there is no {scope['method']} {scope['path']}"}
        except (FaultRuleError, SettingsError, ValueError) as error:
            status, answer = 400, {"message": str(error)}
        await asgi.answer(send, status, [("content-type", "application/json")], json.dumps(answer).encode())

    def _handle(self, method: str, path: str, query: dict[str, list[str]], document: Any) -> Any:  # noqa: ANN401 - JSON
        match method, path.removeprefix(PREFIX).split("/"):
            case _, ["pinpoint", *parts]:
                return self._handle_pinpoint(method, parts, query, document)
            case _, ["demo", part]:
                return self._handle_demo(method, part, document)
            case "GET", ["monitoring"]:
                return self._monitor.settings
            case "PUT", ["monitoring"]:
                return self._monitor.configure(document)
            case "GET", ["faults"]:
                return self._faults.rules()
            case "PUT", ["faults"]:
                self._faults.put(document)
                return self._faults.rules()
            case "DELETE", ["faults"]:
                self._faults.clear()
                return []
            case "GET", ["refusals"]:
                return refusals.documents()
        raise _UnknownPathError

    def _handle_pinpoint(self, method: str, parts: list[str], query: dict[str, list[str]], document: Any) -> Any:  # noqa: ANN401
        match method, parts:
            case "GET", ["apps", app, "endpoints"]:
                endpoints = self._pinpoint.endpoints(app)
                if endpoints is None:
                    raise _UnknownPathError
                return endpoints
            case "GET", ["requests"]:
                return self._pinpoint.journal.since(int(query.get("since", ["0"])[0]))
            case "GET", ["settings"]:
                return self._pinpoint.settings
            case "PUT", ["settings"]:
                return self._pinpoint.configure(document)
        raise _UnknownPathError

    def _handle_demo(self, method: str, part: str, document: Any) -> Any:  # noqa: ANN401
        match method, part:
            case "GET", "settings":
                return self._demo.settings
            case "PUT", "settings":
                return self._demo.configure(document)
            case "POST", "login":
                return self._demo.log_in(document)
        raise _UnknownPathError
