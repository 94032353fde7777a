"""The process behind the port: MiniStack, patched, with our data plane and controls in front.

`python -m local_cloud` prepares the environment, which MiniStack reads while it is imported, and then runs this module.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
from contextlib import suppress
from pathlib import Path
from typing import Final

from hypercorn.asyncio import serve
from hypercorn.config import Config
from ministack import app as ministack
from ministack.core import lambda_runtime as ministack_lambda

from local_cloud import (
    asgi,
    cloudformation,
    cloudwatch,
    connection,
    decryption,
    dynamodb,
    event_source,
    eventbridge,
    function_kills,
    iam,
    kinesis,
    lambda_runtime,
    message_moves,
    patching,
    persistence,
    pinpoint_neighbours,
    profiles_neighbours,
    scheduler,
    service_endpoint,
    service_roles,
    sqs,
    states,
    waf,
)
from local_cloud.amazon_connect import AmazonConnect
from local_cloud.apigateway import account, deployments, domains, json_patch, method_settings, openapi, templates
from local_cloud.apigateway.access_logs import AccessLogs
from local_cloud.apigateway.data_plane import DataPlane
from local_cloud.cloudformation.outbound_types import outbound_types
from local_cloud.cloudformation.pinpoint_types import pinpoint_types
from local_cloud.cloudformation.profiles_types import profiles_types
from local_cloud.console import Console
from local_cloud.control import PREFIX, Control
from local_cloud.demo import Demo
from local_cloud.faults import Faults
from local_cloud.layout import Layout
from local_cloud.monitoring import Monitor
from local_cloud.pinpoint import Pinpoint
from local_cloud.repeats import Answers

_KEEP_ALIVE_SECONDS: Final = 75
# Above API Gateway's own limit, which the data plane answers itself.
_MOST_HEADER_BYTES: Final = 64 * 1024
_PARENT_CHECK_SECONDS: Final = 1.0

log = logging.getLogger("local_cloud")


class Server:
    """The whole cloud in one process.

    Parameters
    ----------
    layout
        The cloud's folders.
    port
        Loopback port.
    pythons
        Interpreter per Lambda runtime.
    """

    def __init__(self, layout: Layout, port: int, pythons: dict[str, Path]) -> None:
        self._layout = layout
        self._port = port
        self._faults = Faults()
        self._pinpoint = Pinpoint(faults=self._faults, neighbours=pinpoint_neighbours.neighbours())
        self._connect = AmazonConnect(
            faults=self._faults,
            neighbours=profiles_neighbours.neighbours(),
            time_factor=self._time_factor,
            outbox=self._pinpoint.outbox,
        )
        self._emulated: dict[str, persistence.Emulated] = {
            "pinpoint": self._pinpoint,
            "profiles": self._connect.profiles,
            "outbound": self._connect.outbound,
        }
        self._monitor = Monitor()
        self._console = Console(self._pinpoint, self._connect.profiles)
        self._data_plane = DataPlane(self._faults, self._monitor, AccessLogs(), self._console.hits)
        self._control = Control(self._pinpoint, self._connect, self._faults, self._monitor, self._console, Demo())
        self._answers = Answers()
        self._install(pythons)

    def run(self, parent: int | None) -> None:
        """Serve until a signal comes or the parent process is gone, then save everything.

        Parameters
        ----------
        parent
            Process to stop with, if any.
        """
        watch = persistence.FailureWatch()
        restored = persistence.restore(self._layout, self._emulated)
        log.info("local cloud on http://127.0.0.1:%d (%s)", self._port, "state restored" if restored else "empty")
        config = Config()
        config.bind = [f"127.0.0.1:{self._port}"]
        config.keep_alive_timeout = _KEEP_ALIVE_SECONDS
        config.errorlog = logging.getLogger("hypercorn.error")
        config.h11_pass_raw_headers = True
        config.h11_max_incomplete_size = _MOST_HEADER_BYTES
        workers = [self._pinpoint.worker(), *self._connect.workers()]
        for worker in workers:
            worker.start()
        try:
            asyncio.run(self._serve(config, parent))
        finally:
            for worker in workers:
                worker.stop()
            states.halt()
            ministack_lambda.reset()
            self._layout.clean()
        persistence.save(self._layout, self._port, self._emulated, watch)

    async def application(self, scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
        """Serve one connection event of the web server: the ASGI application.

        Parameters
        ----------
        scope, receive, send
            ASGI.
        """
        if scope["type"] == "http":
            asgi.current_scope.set(scope)
            with suppress(asgi.DisconnectedError):
                await self._answers.serve(scope, receive, send, self._serve_request)
        else:
            await ministack.app(scope, receive, send)

    async def _serve_request(self, scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
        if scope["path"].startswith(PREFIX):
            await self._control.serve(scope, receive, send)
        elif not (await self._console.welcome(scope, send) or await self._data_plane.serve(scope, receive, send)):
            await ministack.app(scope, receive, send)

    def _install(self, pythons: dict[str, Path]) -> None:
        patching.check_versions()
        persistence.install()
        connection.install()
        iam.install()
        service_roles.install()
        templates.install()
        domains.install()
        openapi.install()
        json_patch.install()
        method_settings.install()
        deployments.install()
        account.install()
        sqs.install(self._faults)
        decryption.install()
        message_moves.install()
        event_source.install()
        kinesis.install()
        lambda_runtime.install(pythons, self._layout.functions, f"http://127.0.0.1:{self._port}")
        dynamodb.install()
        eventbridge.install()
        states.install(self._time_factor)
        scheduler.install(self._time_factor)
        cloudwatch.install()
        waf.install()
        self._monitor.install()
        types = (pinpoint_types(self._pinpoint), profiles_types(self._connect.profiles))
        cloudformation.install(*types, outbound_types(self._connect.outbound))
        fronts = [self._pinpoint.front, *self._connect.fronts]
        service_endpoint.install(fronts)
        function_kills.install(self._faults, fronts)

    def _time_factor(self) -> float:
        return self._pinpoint.settings["time_factor"]

    async def _serve(self, config: Config, parent: int | None) -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        tasks = [asyncio.create_task(self._monitor.run())]
        if parent:
            tasks.append(asyncio.create_task(_stop_with(parent, stop)))
        await serve(self.application, config, shutdown_trigger=stop.wait)  # type: ignore[arg-type]
        for task in tasks:
            task.cancel()


async def _stop_with(parent: int, stop: asyncio.Event) -> None:
    while os.getppid() == parent and not stop.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), _PARENT_CHECK_SECONDS)
    stop.set()


def main() -> None:
    """Run the cloud that the environment describes."""
    log.setLevel(logging.INFO)
    settings = json.loads(os.environ.pop("LOCAL_CLOUD"))
    pythons = {runtime: Path(python) for runtime, python in settings["pythons"].items()}
    layout = Layout(Path(settings["directory"]))
    Server(layout, settings["port"], pythons).run(settings["parent"])


if __name__ == "__main__":
    main()
