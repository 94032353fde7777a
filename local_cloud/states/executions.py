"""Executions: their names, what a second start with the same name means, and an end that ends."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from contextvars import ContextVar
from typing import Any, Final

from ministack.core.responses import get_account_id, get_region
from ministack.services import stepfunctions

from local_cloud import patching

_Response = tuple[int, dict[str, str], bytes]
_Execution = dict[str, Any]

# Step Functions API reference, StartExecution: what a name must not hold, and the quota of input and output.
_NAME: Final = re.compile(r"[^\s<>{}\[\]?*\"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f]{1,80}")
MOST_PAYLOAD_BYTES: Final = 262_144
_RUNNING: Final = "RUNNING"
# What is written about an execution that has ended already, besides a state that begins or ends.
_LAST_EVENTS: Final = frozenset({"ExecutionAborted", "ExecutionFailed", "ExecutionSucceeded"})

# Set in the thread that walks an execution, and in those that run its tasks.
_current: ContextVar[_Execution] = ContextVar("local_cloud_execution")
_ended: dict[str, threading.Event] = {}
# Set when the cloud stops: what goes wrong from then on is not the executions' fault.
_halted = threading.Event()


class StoppedError(BaseException):
    """The execution was stopped: nothing may catch this on the way out of its thread."""


def install() -> None:
    """Change how executions start and end."""
    patching.replace(
        "executions have AWS's names",
        stepfunctions,
        "_start_execution",
        "Reject duplicate execution names",
        by=_starting,
    )
    patching.replace("a stop wakes the execution", stepfunctions, "_stop_execution", '"ABORTED"', by=_stopping)
    patching.replace(
        "executions end with their machine", stepfunctions, "_delete_state_machine", "_executions.pop", by=_deleting
    )
    patching.replace(
        "an execution knows itself", stepfunctions, "_run_execution", "_executions.get(exec_arn)", by=_running
    )
    patching.replace("no state begins after the end", stepfunctions, "_add_event", '["events"].append', by=_adding)
    patching.replace("what has ended cannot fail", stepfunctions, "_fail_execution", '"FAILED"', by=_failing)


def halt() -> None:
    """Let no execution go on: the cloud stops, and its functions are ended."""
    _halted.set()
    for ended in list(_ended.values()):
        ended.set()


def current() -> _Execution:
    """Return the execution that this thread works for.

    Returns
    -------
    dict
        MiniStack's record.
    """
    return _current.get()


def pause(seconds: float) -> None:
    """Wait, unless the execution is stopped meanwhile.

    Parameters
    ----------
    seconds
        How long, by the clock.

    Raises
    ------
    StoppedError
        If it is stopped.
    """
    execution = current()
    if _ended[execution["executionArn"]].wait(seconds) or execution["status"] != _RUNNING:
        raise StoppedError


def _starting(start: Callable[[Mapping[str, Any]], _Response]) -> Callable[[Mapping[str, Any]], _Response]:
    def start_execution(data: Mapping[str, Any]) -> _Response:
        name, text = data.get("name"), data.get("input", "{}")
        if name is not None and not _NAME.fullmatch(str(name)):
            return _error("InvalidName", f"Invalid Name: '{name}'")
        problem = _input_problem(text)
        if problem:
            return problem
        earlier = _earlier(data["stateMachineArn"], name) if name else None
        if earlier and earlier["status"] == _RUNNING and earlier["input"] == text:
            answer = {"executionArn": earlier["executionArn"], "startDate": earlier["startDate"]}
            again: _Response = stepfunctions.json_response(answer)
            return again
        return start(data)

    return start_execution


def _input_problem(text: str) -> _Response | None:
    try:
        json.loads(text)
    except ValueError as error:
        return _error("InvalidExecutionInput", f"Invalid State Machine Execution Input: '{error}'")
    if len(text.encode()) > MOST_PAYLOAD_BYTES:
        return _error(
            "ValidationException",
            "1 validation error detected: Value at 'input' failed to satisfy constraint: "
            f"Member must have length less than or equal to {MOST_PAYLOAD_BYTES}",
        )
    return None


def _earlier(machine_arn: str, name: str) -> _Execution | None:
    base = stepfunctions._resolve_state_machine_arn(machine_arn)
    machine = stepfunctions._state_machines.get(base) if base else None
    if machine is None:
        return None
    arn = f"arn:aws:states:{get_region()}:{get_account_id()}:execution:{machine['name']}:{name}"
    found: _Execution | None = stepfunctions._executions.get(arn)
    return found


def _stopping(stop: Callable[[Mapping[str, Any]], _Response]) -> Callable[[Mapping[str, Any]], _Response]:
    def stop_execution(data: Mapping[str, Any]) -> _Response:
        answer = stop(data)
        _wake(str(data.get("executionArn")))
        return answer

    return stop_execution


def _deleting(delete: Callable[[Mapping[str, Any]], _Response]) -> Callable[[Mapping[str, Any]], _Response]:
    def delete_state_machine(data: Mapping[str, Any]) -> _Response:
        arn = data.get("stateMachineArn")
        running = [
            execution
            for execution in stepfunctions._executions.values()
            if execution["stateMachineArn"] == arn and execution["status"] == _RUNNING
        ]
        for execution in running:
            stepfunctions._stop_execution({"executionArn": execution["executionArn"]})
        return delete(data)

    return delete_state_machine


def _running(run: Callable[[str], None]) -> Callable[[str], None]:
    def run_execution(arn: str) -> None:
        execution = stepfunctions._executions.get(arn)
        if execution is None:
            return
        _current.set(execution)
        _ended[arn] = threading.Event()
        try:
            with suppress(StoppedError):
                pause(0)
                run(arn)
        finally:
            del _ended[arn]

    return run_execution


def _adding(add: Callable[..., Any]) -> Callable[..., Any]:
    def add_event(execution: _Execution, event_type: str, details: Mapping[str, Any] | None = None) -> object:
        if _halted.is_set() or (execution["status"] != _RUNNING and event_type not in _LAST_EVENTS):
            raise StoppedError
        return add(execution, event_type, details)

    return add_event


def _failing(fail: Callable[..., None]) -> Callable[..., None]:
    def fail_execution(execution: _Execution, error: str, cause: str) -> None:
        if execution["status"] == _RUNNING and not _halted.is_set():
            fail(execution, error, cause)

    return fail_execution


def _wake(arn: str) -> None:
    ended = _ended.get(arn)
    if ended:
        ended.set()


def _error(code: str, message: str) -> _Response:
    refused: _Response = stepfunctions.error_response_json(code, message, 400)
    return refused
