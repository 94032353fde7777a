"""Python functions as Lambda runs them: AWS's runtime client, declared Python, clean environment, read-only code."""

from __future__ import annotations

import array
import contextlib
import fcntl
import hashlib
import io
import logging
import os
import queue
import select
import shlex
import signal
import tempfile
import termios
import threading
import time
import uuid
import zipfile
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from pathlib import Path
from typing import IO, Any, Final
from weakref import WeakValueDictionary

from ministack.core import lambda_runtime
from ministack.services import iam as ministack_iam
from ministack.services import lambda_svc

from local_cloud import patching
from local_cloud.service_roles import trusts

_Response = tuple[int, dict[str, str], bytes]
# What MiniStack puts into a process of its own and a function needs; everything else is written out below.
_PASSED_ON: Final = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_RUNTIME_API",
)
_SYSTEM_PATH: Final = "/usr/local/bin:/usr/bin:/bin"
_EXECUTABLE: Final = 0o755 << 16
_WRITE_BITS: Final = 0o222
# AWS gives the initialisation 10 s of a processor of its own. A machine that does much else takes longer, and to begin
# anew after 10 s would never end.
_INIT_SECONDS: Final = 120.0
# How long the log of an invocation may take to arrive after its answer, and how often it is looked for.
_LOG_SECONDS: Final = 30.0
_LOG_LOOK_SECONDS: Final = 0.0005
_LIFE_LOOK_SECONDS: Final = 0.05
_CHUNK_BYTES: Final = 64 * 1024
# As Go's runtime, in which Lambda's is written, names them.
_SIGNALS: Final = {
    signal.SIGABRT: "aborted",
    signal.SIGKILL: "killed",
    signal.SIGSEGV: "segmentation fault",
    signal.SIGTERM: "terminated",
}
_EXITED: Final = "Runtime.ExitError"
_PLATFORM_ERRORS: Final = frozenset({_EXITED, "Sandbox.Timedout"})

log = logging.getLogger("local_cloud.lambda")


# Whose process is being started, and the environments by the access key of their session.
_spawning: ContextVar[Environment | None] = ContextVar("local_cloud_environment", default=None)
_environments: WeakValueDictionary[str, Environment] = WeakValueDictionary()


def environment_of(access_key: str) -> Environment | None:
    """Return the execution environment that makes its calls with an access key.

    Parameters
    ----------
    access_key
        As the call was signed.

    Returns
    -------
    Environment or None
        None if no function of the runtime client has it.
    """
    return _environments.get(access_key)


def install(pythons: Mapping[str, Path], folder: Path, endpoint: str) -> None:
    """Run Python functions with AWS's runtime client.

    Parameters
    ----------
    pythons
        Interpreter per Lambda runtime, with awslambdaric and boto3 installed.
    folder
        Where code and layers are unpacked.
    endpoint
        Where the functions' own AWS calls go.
    """
    if not pythons:
        return
    runtimes = _Runtimes(pythons, folder, endpoint)
    worker = lambda_runtime.ProvidedWorker
    patching.guard("AWS's runtime client", worker, "_spawn", "_provided_runtime_code_dir(self.code_zip)")
    patching.guard("AWS's runtime client", worker, "_await_init", "self._init_error is not None")
    patching.guard("AWS's runtime client", worker, "invoke", "self._drain_stderr_bounded()", "self._teardown()")
    patching.guard("AWS's runtime client", worker, "_record_result", "self._response_ready.set()")
    patching.guard("AWS's runtime client", worker, "_pump_output", "log_queue.put_nowait(line)", "stream.close()")
    patching.replace(
        "AWS's runtime client",
        lambda_runtime,
        "_worker_class_for",
        "return ProvidedWorker",
        by=lambda choose: lambda config: runtimes.worker if _is_python(config) else choose(config),
    )
    patching.replace(
        "each environment has a session of its own",
        lambda_svc,
        "execution_credentials",
        'config.get("FunctionArn", "")',
        by=_identifying,
    )
    patching.guard("each environment has a session of its own", lambda_svc, "_provided_worker_env", "execution_credent")
    patching.replace(
        "errors are those of the runtime client", lambda_svc, "_execute_function_warm", "worker.invoke(", by=_executing
    )
    patching.replace(
        "Lambda must be able to assume the role", lambda_svc, "_create_function", "validate_role_arn", by=_creating
    )


class _Runtimes:
    """Prepares execution environments."""

    def __init__(self, pythons: Mapping[str, Path], folder: Path, endpoint: str) -> None:
        self._pythons = pythons
        self._folder = folder
        self._endpoint = endpoint
        self._lock = threading.Lock()

    def worker(self, name: str, config: Mapping[str, Any], code: bytes) -> Any:  # noqa: ANN401 - MiniStack's own class
        """Make the execution environment of a function."""
        task = self._unpacked([code])
        layers = self._unpacked([lambda_svc._resolve_layer_zip(layer) or b"" for layer in config.get("Layers", [])])
        environment = self._environment(name, config, task, layers)
        return Environment(name, config, _bootstrap(self._python(config["Runtime"]), task, environment))

    def _python(self, runtime: str) -> Path:
        if runtime in self._pythons:
            return self._pythons[runtime]
        other, python = next(iter(self._pythons.items()))
        log.warning("%s is not prepared here: the function runs on %s", runtime, other)
        return python

    def _unpacked(self, archives: Sequence[bytes]) -> Path:
        """Unpack archives over each other into one read-only folder, once per content."""
        digest = hashlib.sha256(b"".join(hashlib.sha256(archive).digest() for archive in archives)).hexdigest()
        target = self._folder / digest[:32]
        with self._lock:
            if not target.exists():
                self._folder.mkdir(parents=True, exist_ok=True)
                partial = Path(tempfile.mkdtemp(dir=self._folder))
                for archive in filter(None, archives):
                    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
                        opened.extractall(partial)
                _make_read_only(partial)
                partial.rename(target)
        return target

    def _environment(self, name: str, config: Mapping[str, Any], task: Path, layers: Path) -> dict[str, str]:
        runtime = config["Runtime"]
        _, region = lambda_runtime._account_region_from_function_config(config)
        logging_config = config.get("LoggingConfig") or {}
        log_format = logging_config.get("LogFormat", "Text")
        scratch = tempfile.mkdtemp(prefix=f"function-{name}-")
        return {
            "AWS_REGION": region,
            "AWS_DEFAULT_REGION": region,
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{runtime}",
            "AWS_LAMBDA_FUNCTION_NAME": name,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(config.get("MemorySize", 128)),
            "AWS_LAMBDA_FUNCTION_VERSION": config.get("Version", "$LATEST"),
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_GROUP_NAME": logging_config.get("LogGroup") or f"/aws/lambda/{name}",
            "AWS_LAMBDA_LOG_FORMAT": log_format,
            "AWS_LAMBDA_LOG_LEVEL": logging_config.get("ApplicationLogLevel")
            or ("INFO" if log_format == "JSON" else ""),
            "_HANDLER": config["Handler"],
            "LAMBDA_TASK_ROOT": str(task),
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "PATH": _SYSTEM_PATH,
            # A person's own AWS profile must not reach a function.
            "HOME": scratch,
            "TMPDIR": scratch,
            "PYTHONPATH": os.pathsep.join(
                str(path) for path in (task, layers / "python" / "lib" / runtime / "site-packages", layers / "python")
            ),
            # Lambda's code is read-only, and each start compiles it. Here the first start does so for all that follow.
            "PYTHONPYCACHEPREFIX": str(self._folder / "byte-code"),
            "AWS_ENDPOINT_URL": self._endpoint,
            **(config.get("Environment") or {}).get("Variables", {}),
        }


class Environment(lambda_runtime.ProvidedWorker):  # type: ignore[misc]
    """MiniStack's execution environment for custom runtimes, without its two delays per invocation."""

    def __init__(self, func_name: str, config: Mapping[str, Any], code_zip: bytes) -> None:
        super().__init__(func_name, config, code_zip)
        self._polled = threading.Event()
        self._exit_code: int | None = None
        # Held while what left the pipe is not in the queue yet.
        self._pumping = threading.Lock()

    @property
    def function(self) -> str:
        """Name of the function."""
        return str(self.func_name)

    def end(self) -> None:
        """Kill the process and return when it is gone; an invocation that it works on fails."""
        process = self._proc
        if process is not None:
            process.kill()
            process.wait()

    def _spawn(self, init_timeout: float | None = None) -> None:
        token = _spawning.set(self)
        try:
            super()._spawn(init_timeout or _INIT_SECONDS)
        finally:
            _spawning.reset(token)

    def invoke(self, event: object, request_id: str, **details: str | None) -> Any:  # noqa: ANN401 - MiniStack's own
        self._exit_code = None
        result = super().invoke(event, request_id, **details)
        payload = result.get("error_payload")
        # What Lambda itself reports names the request; what the function raised does not.
        if isinstance(payload, dict) and payload.get("errorType") in _PLATFORM_ERRORS:
            exited = payload["errorType"] == _EXITED
            message = _exit_message(self._exit_code) if exited else payload["errorMessage"]
            result["error_payload"] = {**payload, "errorMessage": f"RequestId: {request_id} Error: {message}"}
        return result

    def _teardown(self) -> None:
        process = self._proc
        if process is not None:
            self._exit_code = process.poll()
        super()._teardown()

    def _await_init(self, init_timeout: float | None = None) -> None:
        try:
            super()._await_init(init_timeout)
        except RuntimeError as error:
            if not isinstance(self._init_error, dict):
                raise
            message, kind = self._init_error["errorMessage"], self._init_error["errorType"]
            raise lambda_runtime.ProvidedRuntimeError(message, kind) from error

    def _build_handler_class(self, generation: int, pending: queue.Queue[Any]) -> type:
        base: type = super()._build_handler_class(generation, pending)
        # One packet per answer: the client's delayed acknowledgement costs 40 ms otherwise.
        return type("RuntimeApi", (base,), {"disable_nagle_algorithm": True, "wbufsize": 64 * 1024})

    def _record_result(self, generation: int, *answer: Any) -> bool:  # noqa: ANN401 - MiniStack's own
        if generation == self._generation:
            # The client asks for the next event after this.
            self._polled.clear()
        recorded: bool = super()._record_result(generation, *answer)
        return recorded

    def _mark_first_poll(self, generation: int) -> bool:
        marked: bool = super()._mark_first_poll(generation)
        if marked:
            self._polled.set()
        return marked

    def _pump_output(self, stream: IO[bytes], log_queue: queue.Queue[str]) -> None:
        ready, line = select.poll(), b""
        ready.register(stream)
        is_open = True
        while is_open:
            ready.poll()
            with self._pumping:
                chunk = os.read(stream.fileno(), _CHUNK_BYTES)
                *lines, line = (line + chunk).split(b"\n")
                is_open = bool(chunk)
                if not is_open:
                    lines = [line] if line else []
                    stream.close()
                for text in lines:
                    _put(log_queue, text.decode("utf-8", errors="replace").rstrip("\r\n"))

    def _drain_stderr_bounded(self, *_: float, **__: float) -> str:
        """Collect the invocation's whole log: all of it is in the pipe once the client asks for the next event."""
        deadline = time.monotonic() + _LOG_SECONDS
        # A client that is gone, or never began, asks for nothing.
        while (
            self._first_poll.is_set()
            and not self._polled.wait(_LIFE_LOOK_SECONDS)
            and self._lives()
            and time.monotonic() < deadline
        ):
            pass
        while self._unread() and time.monotonic() < deadline:
            time.sleep(_LOG_LOOK_SECONDS)
        drained: str = self._drain_stderr()
        return drained

    def _lives(self) -> bool:
        process = self._proc
        return process is not None and process.poll() is None

    def _unread(self) -> bool:
        process = self._proc
        with self._pumping:
            if process is None or process.stdout.closed:
                return False
            size = array.array("i", [0])
            fcntl.ioctl(process.stdout.fileno(), termios.FIONREAD, size)
            return size[0] > 0


def _put(lines: queue.Queue[str], line: str) -> None:
    """Put a line into a queue; the oldest one makes room for it."""
    while True:
        try:
            lines.put_nowait(line)
        except queue.Full:
            with contextlib.suppress(queue.Empty):
                lines.get_nowait()
        else:
            return


def _exit_message(code: int | None) -> str:
    if not code:
        return "Runtime exited without providing a reason"
    if code > 0:
        return f"Runtime exited with error: exit status {code}"
    return f"Runtime exited with error: signal: {_SIGNALS.get(signal.Signals(-code), str(-code))}"


def _is_python(config: Mapping[str, Any]) -> bool:
    return str(config.get("Runtime", "")).startswith("python")


def _identifying(give: Callable[[Mapping[str, Any]], dict[str, str]]) -> Callable[..., dict[str, str]]:
    def execution_credentials(config: Mapping[str, Any]) -> dict[str, str]:
        environment = _spawning.get()
        if environment is None:
            return give(config)
        # Keys are derived from the ARN: what follows it tells the environments of one function apart.
        credentials = give({**config, "FunctionArn": f"{config['FunctionArn']}:{uuid.uuid4().hex}"})
        _environments[credentials["AWS_ACCESS_KEY_ID"]] = environment
        return credentials

    return execution_credentials


def _executing(execute: Callable[..., Any]) -> Callable[..., Any]:
    def execute_function(function: Mapping[str, Any], event: object, request_id: str) -> object:
        python = _is_python(function.get("config") or function)
        return (lambda_svc._execute_function_provided_warm if python else execute)(function, event, request_id)

    return execute_function


def _bootstrap(python: Path, task: Path, environment: Mapping[str, str]) -> bytes:
    """Make the archive of a custom runtime whose only file starts AWS's client."""
    passed_on = [f'{name}="${name}"' for name in _PASSED_ON]
    written = [shlex.quote(f"{name}={value}") for name, value in environment.items()]
    command = ["exec", "env", "-i", *passed_on, *written, shlex.quote(str(python)), "-m", "awslambdaric", '"$_HANDLER"']
    script = f"#!/bin/sh\ncd {shlex.quote(str(task))}\n" + " \\\n  ".join(command) + "\n"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        entry = zipfile.ZipInfo("bootstrap")
        entry.external_attr = _EXECUTABLE
        archive.writestr(entry, script)
    return packed.getvalue()


def _make_read_only(folder: Path) -> None:
    for parent, _, files in os.walk(folder, topdown=False):
        for path in (*(Path(parent, name) for name in files), Path(parent)):
            path.chmod(path.stat().st_mode & ~_WRITE_BITS)


def _creating(create: Callable[..., _Response]) -> Callable[..., _Response]:
    def create_function(data: Mapping[str, Any]) -> _Response:
        name = str(data.get("Role", "")).rpartition("/")[2]
        role = ministack_iam._roles.get(name)
        if role is not None and not trusts(role, "lambda.amazonaws.com"):
            refused: _Response = lambda_svc.error_response_json(
                "InvalidParameterValueException",
                "The role defined for the function cannot be assumed by Lambda.",
                400,
            )
            return refused
        return create(data)

    return create_function
