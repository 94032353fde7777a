"""The `/_local/` interface: what a test or a demo sets and looks at. It is not part of AWS and needs no signature."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any, Final
from urllib.parse import parse_qs

from local_cloud import asgi, same_site
from local_cloud.amazon_connect import AmazonConnect
from local_cloud.asgi import NotFoundError
from local_cloud.console import Console, runs
from local_cloud.demo import Demo
from local_cloud.faults import FaultRuleError, Faults
from local_cloud.monitoring import Monitor
from local_cloud.pinpoint import Pinpoint, SettingsError
from local_cloud.refusals import refusals

PREFIX: Final = "/_local/"


class Control:
    """Serves the interface.

    Parameters
    ----------
    pinpoint, connect
        The emulators to look into.
    faults
        The rules to change.
    monitor
        The monitoring to set.
    console, demo
        The pages to serve.
    """

    def __init__(
        self,
        pinpoint: Pinpoint,
        connect: AmazonConnect,
        faults: Faults,
        monitor: Monitor,
        console: Console,
        demo: Demo,
    ) -> None:
        self._pinpoint = pinpoint
        self._profiles = connect.profiles
        self._outbound = connect.outbound
        self._emulators = {
            "pinpoint": self._handle_pinpoint,
            "profiles": self._handle_profiles,
            "outbound": self._handle_outbound,
        }
        self._faults = faults
        self._monitor = monitor
        self._console = console
        self._demo = demo

    async def serve(self, scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
        """Answer one request.

        Parameters
        ----------
        scope, receive, send
            ASGI.
        """
        refused = same_site.refusal(scope)
        if refused:
            await _answer(send, 403, {"message": refused})
        elif not (await self._console.serve(scope, send) or await self._demo.serve(scope, send)):
            await _answer(send, *await self._respond(scope, receive))

    async def _respond(self, scope: asgi.Scope, receive: asgi.Receive) -> tuple[int, Any]:
        body = await asgi.read_body(receive)
        query = parse_qs(scope["query_string"].decode())
        try:
            document = json.loads(body) if body else None
            return 200, self._handle(scope["method"], scope["path"], query, document)
        except NotFoundError:
            return 404, {"message": f"there is no {scope['method']} {scope['path']}"}
        except (FaultRuleError, SettingsError, ValueError) as error:
            return 400, {"message": str(error)}

    def _handle(self, method: str, path: str, query: dict[str, list[str]], document: Any) -> Any:  # noqa: ANN401 - JSON
        match method, path.removeprefix(PREFIX).split("/"):
            case _, ["console", *parts]:
                return self._console.handle(method, parts, query, document)
            case _, [name, *parts] if name in self._emulators:
                return self._emulators[name](method, parts, query, document)
            case "GET", ["runs"]:
                return runs.listed()
            case "GET", ["runs", run]:
                return runs.described(run, query.get("ledger", [""])[-1])
            case _, ["demo", *parts]:
                return self._demo.handle(method, parts, document)
            case _, ["monitoring"]:
                return self._handle_monitoring(method, document)
            case _, ["faults"]:
                return self._handle_faults(method, document)
            case "GET", ["refusals"]:
                return refusals.documents()
        raise NotFoundError

    def _handle_monitoring(self, method: str, document: Any) -> Any:  # noqa: ANN401 - JSON
        match method:
            case "GET":
                return self._monitor.settings
            case "PUT":
                return self._monitor.configure(document)
        raise NotFoundError

    def _handle_faults(self, method: str, document: Any) -> Any:  # noqa: ANN401 - JSON
        match method:
            case "GET":
                return self._faults.rules()
            case "PUT":
                self._faults.put(document)
                return self._faults.rules()
            case "DELETE":
                self._faults.clear()
                return []
        raise NotFoundError

    def _handle_pinpoint(self, method: str, parts: list[str], query: dict[str, list[str]], document: Any) -> Any:  # noqa: ANN401
        match method, parts:
            case "GET", ["apps", app, "endpoints"]:
                return _known(self._pinpoint.endpoints(app))
            case "GET", ["apps", app, "campaigns"]:
                return _known(self._pinpoint.campaigns(app))
            case "GET", ["journeys"]:
                return self._pinpoint.journeys()
            case "GET", ["outbox"]:
                first = int(query.get("since", ["0"])[0])
                sent = [kept for kept in self._pinpoint.outbox.changed() if kept.number >= first]
                return [{"number": kept.number, **asdict(kept.message), "records": kept.records} for kept in sent]
            case "POST", ["interactions"]:
                return self._pinpoint.interact(document)
            case "GET", ["requests"]:
                return self._pinpoint.journal.since(int(query.get("since", ["0"])[0]))
            case "GET", ["settings"]:
                return self._pinpoint.settings
            case "PUT", ["settings"]:
                return self._pinpoint.configure(document)
        raise NotFoundError

    def _handle_profiles(self, method: str, parts: list[str], query: dict[str, list[str]], document: Any) -> Any:  # noqa: ANN401
        match method, parts:
            case "GET", ["domains"]:
                return self._profiles.domains()
            case "GET", ["profiles"]:
                return _known(self._profiles.profiles(query.get("domain", [""])[-1]))
            case "GET", ["requests"]:
                return self._profiles.journal.since(int(query.get("since", ["0"])[0]))
            case "GET", ["settings"]:
                return self._profiles.settings
            case "PUT", ["settings"]:
                return self._profiles.configure(document)
        raise NotFoundError

    def _handle_outbound(self, method: str, parts: list[str], query: dict[str, list[str]], document: Any) -> Any:  # noqa: ANN401
        match method, parts:
            case "GET", ["campaigns"]:
                return self._outbound.campaigns()
            case "GET", ["requests"]:
                return self._outbound.journal.since(int(query.get("since", ["0"])[0]))
            case "GET", ["settings"]:
                return self._outbound.settings
            case "PUT", ["settings"]:
                return self._outbound.configure(document)
        raise NotFoundError


def _known(found: Any) -> Any:  # noqa: ANN401 - JSON
    """What was found, if anything was."""
    if found is None:
        raise NotFoundError
    return found


async def _answer(send: asgi.Send, status: int, document: Any) -> None:  # noqa: ANN401 - JSON
    headers = [
        ("content-type", "application/json"),
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
        # A page of another origin cannot embed it either.
        ("cross-origin-resource-policy", "same-origin"),
    ]
    await asgi.answer(send, status, headers, json.dumps(document).encode())
