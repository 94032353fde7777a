"""AWS/States: executions that start and end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from ministack.services import stepfunctions

from local_cloud import patching
from local_cloud.monitoring import points

_NAMESPACE: Final = "AWS/States"
_COUNTED: Final = {
    "RUNNING": "ExecutionsStarted",
    "SUCCEEDED": "ExecutionsSucceeded",
    "FAILED": "ExecutionsFailed",
    "ABORTED": "ExecutionsAborted",
}


def install() -> None:
    """Count in MiniStack's Step Functions."""
    patching.replace(
        "executions are counted", stepfunctions, "_emit_execution_status_event", 'execution["status"]', by=_counting
    )


def _counting(emit: Callable[[Mapping[str, Any]], None]) -> Callable[[Mapping[str, Any]], None]:
    def emit_status_event(execution: Mapping[str, Any]) -> None:
        dimensions = {"StateMachineArn": str(execution["stateMachineArn"])}
        # A metric that alarms look at has a point at 0 for each execution that ends otherwise.
        for status, name in _COUNTED.items():
            if (execution["status"] == "RUNNING") == (status == "RUNNING"):
                points.put(_NAMESPACE, name, dimensions, {float(status == execution["status"]): 1})
        if execution["stopDate"]:
            began, ended = (datetime.fromisoformat(execution[name]) for name in ("startDate", "stopDate"))
            milliseconds = (ended - began).total_seconds() * 1000
            points.put(_NAMESPACE, "ExecutionTime", dimensions, {milliseconds: 1}, unit="Milliseconds")
        emit(execution)

    return emit_status_event
