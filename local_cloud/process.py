"""Starting and stopping the local cloud as a process of its own."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from local_cloud.__main__ import REGION, ROOT_KEY
from local_cloud.layout import Layout

_START_SECONDS: Final = 240.0
_STOP_SECONDS: Final = 240.0
_POLL_SECONDS: Final = 0.05
# Never through a proxy of the person's environment.
_direct: Final = urllib.request.build_opener(urllib.request.ProxyHandler({}))
_INVOKE_URL: Final = re.compile(r"https://(\w+)\.execute-api\.[\w-]+\.amazonaws\.com(/.*)?", re.DOTALL)


class LocalCloudError(RuntimeError):
    """The local cloud did not start or stop."""


class LocalCloud:
    """A local cloud in a process of its own.

    Parameters
    ----------
    directory
        Where it keeps its state, which the next start takes up, and its log.
    port
        Loopback port; by default the one of the saved state, else a free one.
    pythons
        Interpreter per Lambda runtime, such as `{"python3.13": Path(...)}`.
    """

    def __init__(
        self, directory: Path | str, port: int | None = None, pythons: Mapping[str, Path | str] | None = None
    ) -> None:
        self.directory = Path(directory).absolute()
        self.port = port or Layout(self.directory).saved_port() or _free_port()
        self._pythons = {runtime: str(python) for runtime, python in (pythons or {}).items()}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The endpoint of every service."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        """What the process printed."""
        return Layout(self.directory).log

    @property
    def environment(self) -> dict[str, str]:
        """Variables with which Terraform and the SDKs talk to this cloud as the root of its default account."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": ROOT_KEY,
            "AWS_SECRET_ACCESS_KEY": ROOT_KEY,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_PROXY": ",".join(filter(None, (os.environ.get("NO_PROXY"), "127.0.0.1"))),
        }

    def local_url(self, url: str) -> str:
        """Turn the URL of a deployed API into one that is served here.

        Parameters
        ----------
        url
            `https://<id>.execute-api.<region>.amazonaws.com/...`

        Returns
        -------
        str
            The loopback URL.

        Raises
        ------
        ValueError
            If it is another kind of URL.
        """
        found = _INVOKE_URL.fullmatch(url)
        if found is None:
            raise ValueError(f"not the URL of an API: {url}")
        return f"{self.url}/_aws/execute-api/{found[1]}{found[2] or ''}"

    def start(self) -> Self:
        """Start the process and wait until it answers.

        Returns
        -------
        LocalCloud
            This.

        Raises
        ------
        LocalCloudError
            If its port is taken, or it does not start; with what it printed.
        """
        if not _is_free(self.port):
            raise LocalCloudError(
                f"port {self.port} is taken, and what is saved in {self.directory} needs the port it was saved with: "
                "stop what uses it, or delete that folder"
            )
        self.directory.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "local_cloud", "--port", str(self.port), "--directory", str(self.directory)]
        command += ["--pythons", json.dumps(self._pythons), "--parent", str(os.getpid())]
        with self.log.open("wb") as output:
            # A group of its own: Ctrl-C reaches the caller only, which then stops this cloud. No session of its own:
            # Linux gives every session the same share of the processors, however much work each of them has.
            self._process = subprocess.Popen(  # noqa: S603 - this very program
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                process_group=0,
                cwd=Path(__file__).parent.parent,
            )
        deadline = time.monotonic() + _START_SECONDS
        # What answers at the port may be somebody else who was given it meanwhile: the process is gone then.
        while not self._answers() or self._process.poll() is not None:
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise LocalCloudError(f"the local cloud did not start:\n{self.log.read_text()[-4000:]}")
            time.sleep(_POLL_SECONDS)
        return self

    def stop(self) -> None:
        """Stop the process; it saves its state.

        Raises
        ------
        LocalCloudError
            If it does not stop cleanly; with what it printed.
        """
        if self._process is None:
            return
        process = self._process
        process.terminate()
        try:
            code = process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            code = -1
        self._process = None
        if code != 0:
            raise LocalCloudError(f"the local cloud did not stop cleanly:\n{self.log.read_text()[-4000:]}")

    def kill(self) -> None:
        """End the process at once, without saving anything."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def _answers(self) -> bool:
        try:
            with _direct.open(f"{self.url}/_ministack/health", timeout=5) as response:
                return bool(response.status == 200)
        except OSError:
            return False


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As the server binds: a connection of the last run that still fades away does not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
