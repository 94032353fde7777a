"""AWS/Lambda: what becomes of functions, whoever calls them. MiniStack counts those only that Invoke calls."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from ministack.services import lambda_svc

from local_cloud import patching
from local_cloud.monitoring import points

_NAMESPACE: Final = "AWS/Lambda"


def install() -> None:
    """Count in MiniStack's Lambda."""
    patching.replace(
        "every invocation is counted", lambda_svc, "_execute_function_dispatch", "request_id: str", by=_counting
    )
    patching.replace("no invocation is counted twice", lambda_svc, "_emit_lambda_metrics", "Throttles", by=_throttling)


def _counting(execute: Callable[..., Any]) -> Callable[..., Any]:
    def execute_function(
        function: Mapping[str, Any], config: Mapping[str, Any], event: object, request_id: str, started: float
    ) -> object:
        result = execute(function, config, event, request_id, started)
        dimensions = {"FunctionName": str(config["FunctionName"])}
        failed = float(isinstance(result, Mapping) and bool(result.get("error")))
        points.put(_NAMESPACE, "Invocations", dimensions, {1.0: 1})
        points.put(_NAMESPACE, "Errors", dimensions, {failed: 1})
        points.put(_NAMESPACE, "Throttles", dimensions, {0.0: 1})
        points.put(_NAMESPACE, "Duration", dimensions, {(time.time() - started) * 1000: 1}, unit="Milliseconds")
        return result

    return execute_function


def _throttling(_: Callable[..., None]) -> Callable[..., None]:
    def emit_lambda_metrics(function_name: str, duration_ms: float, error: bool, throttle: bool) -> None:  # noqa: ARG001
        # Invoke tells again, with its duration, what was told where it happened.
        if throttle and not duration_ms:
            points.put(_NAMESPACE, "Throttles", {"FunctionName": function_name}, {1.0: 1})

    return emit_lambda_metrics
