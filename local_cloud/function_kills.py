"""Functions that die at a call of AWS, to order: before the call takes effect, or just after."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

from ministack import app as ministack
from ministack.core import iam_actions
from ministack.core.router import detect_service, extract_access_key_id

from local_cloud import asgi, connection, lambda_runtime, patching
from local_cloud.faults import FUNCTION_CALL, Faults
from local_cloud.service.front import Front
from local_cloud.service_endpoint import signed_for

_Response = tuple[int, dict[str, str], bytes]
_Dispatch = Callable[..., Awaitable[_Response]]
_NO_ANSWER: Final[_Response] = (500, {}, b"")

log = logging.getLogger("local_cloud.faults")


def install(faults: Faults, fronts: Sequence[Front]) -> None:
    """Kill functions when a rule says so; to be installed last, around everything that answers calls.

    Parameters
    ----------
    faults
        The rules.
    fronts
        The emulated services, which know the names of their operations.
    """
    patching.guard(
        "functions can be killed", ministack, "app", "await _dispatch_service_request(", "method, path, headers, body"
    )
    dispatch: _Dispatch = ministack._dispatch_service_request
    ministack._dispatch_service_request = _dispatching(dispatch, faults, fronts)


def _dispatching(dispatch: _Dispatch, faults: Faults, fronts: Sequence[Front]) -> _Dispatch:
    async def dispatch_service_request(
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes,
        query_params: Mapping[str, Any],
        request_id: str,
    ) -> _Response:
        arguments = (method, path, headers, body, query_params, request_id)
        environment = None
        if faults.has(FUNCTION_CALL, "kill"):
            environment = lambda_runtime.environment_of(extract_access_key_id(headers))
        if environment is None:
            return await dispatch(*arguments)
        operation = _operation(fronts, method, path, headers, body, query_params)
        fault = faults.take(FUNCTION_CALL, function=environment.function, operation=operation)
        if fault is None:
            return await dispatch(*arguments)
        if fault.processed:
            status, _, _ = await dispatch(*arguments)
            log.warning("%s is killed after %s, which was answered with %d", environment.function, operation, status)
        else:
            log.warning("%s is killed before %s", environment.function, operation)
        environment.end()
        connection.cut()
        return _NO_ANSWER

    return dispatch_service_request


def _operation(
    fronts: Sequence[Front],
    method: str,
    path: str,
    headers: Mapping[str, str],
    body: bytes,
    query_params: Mapping[str, Any],
) -> str:
    """Return service and operation as IAM names the permission; emulated services go by their own names."""
    for front in fronts:
        if signed_for(front, headers):
            action, _ = front.iam_action(method, asgi.current_scope.get()["raw_path"].decode("ascii"))
            return f"{front.service.label}.{action.partition(':')[2]}"
    parameters = ministack._routing_params(method, path, headers, body, query_params)
    service = detect_service(method, path, headers, parameters)
    action = iam_actions.extract_iam_action(service, method, path, headers, body, parameters)
    return (action or f"{service}:{method}").replace(":", ".", 1)
