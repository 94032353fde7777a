"""Paths: what is not there is an error, not null."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from ministack.services import stepfunctions

from local_cloud import patching


def install() -> None:
    """Change how paths are followed."""
    patching.replace("missing paths fail", stepfunctions, "_resolve_path", "_parse_jsonpath_tokens", by=_resolving)
    patching.replace("IsPresent", stepfunctions, "_evaluate_rule", '"IsPresent" in rule', by=_evaluating)
    patching.replace(
        "a wait needs its value", stepfunctions, "_execute_wait", '"TimestampPath" in state_def', by=_waiting
    )


def found(path: str, data: object) -> bool:
    """Tell whether a path leads anywhere.

    Parameters
    ----------
    path
        A path that starts with `$`.
    data
        Where to follow it.

    Returns
    -------
    bool
        Whether it does, be it to null. A path with a wildcard always does: to a list.
    """
    for kind, value in stepfunctions._parse_jsonpath_tokens(path) or [("nothing", None)]:
        match kind, data:
            case "wildcard", _:
                return True
            case "field", dict() if value in data:
                data = data[value]
            case "index", list() if value < len(data):
                data = data[value]
            case _:
                return False
    return True


def _resolving(resolve: Callable[[str, object], Any]) -> Callable[[str, object], Any]:
    def resolve_path(path: str, data: object) -> object:
        result = resolve(path, data)
        if result is None and path != "$" and not found(path, data):
            _fail(f"The JSONPath '{path}' could not be found in the input '{json.dumps(data)}'")
        return result

    return resolve_path


def _evaluating(evaluate: Callable[..., bool]) -> Callable[..., bool]:
    def evaluate_rule(rule: Mapping[str, Any], data: object, context: Mapping[str, Any] | None = None) -> bool:
        if "IsPresent" not in rule:
            return evaluate(rule, data, context)
        path, root = rule["Variable"], data
        if path.startswith("$$."):
            path, root = path[1:], context
        return bool((path == "$" or found(path, root)) == rule["IsPresent"])

    return evaluate_rule


def _waiting(wait: Callable[..., Any]) -> Callable[..., Any]:
    def execute_wait(state: Mapping[str, Any], raw_input: object, context: Mapping[str, Any] | None = None) -> object:
        data = stepfunctions._apply_input_path(state, raw_input, context)
        if "TimestampPath" in state and not isinstance(stepfunctions._resolve_path(state["TimestampPath"], data), str):
            _fail(f"The TimestampPath parameter does not reference a valid ISO-8601 string: {state['TimestampPath']}")
        if "SecondsPath" in state:
            seconds = stepfunctions._resolve_path(state["SecondsPath"], data)
            if not isinstance(seconds, int) or isinstance(seconds, bool) or seconds < 0:
                _fail(f"The SecondsPath parameter does not reference an integer value: {state['SecondsPath']}")
        return wait(state, raw_input, context)

    return execute_wait


def _fail(cause: str) -> NoReturn:
    raise stepfunctions._ExecutionError("States.Runtime", cause)
