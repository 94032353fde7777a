"""Amazon Pinpoint at MiniStack's port: requests signed for it, with IAM, go to the emulator."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from ministack import app as ministack
from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id

from local_cloud import asgi, callers, connection, patching
from local_cloud.pinpoint import Pinpoint, Request

_Response = tuple[int, dict[str, str], bytes]
_CREDENTIAL: Final = re.compile(r"Credential=([^/]+)/\d{8}/([^/]+)/mobiletargeting/aws4_request")


def install(pinpoint: Pinpoint) -> None:
    """Send Pinpoint's requests to the emulator.

    Parameters
    ----------
    pinpoint
        The emulator.
    """
    patching.replace(
        "Pinpoint",
        ministack,
        "_dispatch_service_request",
        "detect_service(method, path, headers, routing_params)",
        by=lambda dispatch: _dispatching(dispatch, pinpoint),
    )


def is_pinpoint(headers: Mapping[str, str]) -> bool:
    """Tell whether a request was signed for Pinpoint.

    Parameters
    ----------
    headers
        Headers of the request, with names in lower case.

    Returns
    -------
    bool
        Whether the emulator answers it.
    """
    return _CREDENTIAL.search(headers.get("authorization", "")) is not None


def _dispatching(
    dispatch: Callable[..., Awaitable[_Response]], pinpoint: Pinpoint
) -> Callable[..., Awaitable[_Response]]:
    async def dispatch_service_request(
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes,
        query_params: Mapping[str, Any],
        request_id: str,
    ) -> _Response:
        credential = _CREDENTIAL.search(headers.get("authorization", ""))
        if credential is None:
            return await dispatch(method, path, headers, body, query_params, request_id)
        access_key, region = credential.groups()
        scope = asgi.current_scope.get()
        # An endpoint id may hold a slash, which the decoded path would hide.
        raw_path, query = scope["raw_path"].decode("ascii"), scope["query_string"].decode("ascii")
        request = Request(method, raw_path, query, body, get_account_id(), region)
        refusal = _refusal(access_key, pinpoint, request, request_id) or _role_refusal(request, request_id)
        return refusal or await _answer(pinpoint, request)

    return dispatch_service_request


def _refusal(access_key: str, pinpoint: Pinpoint, request: Request, request_id: str) -> _Response | None:
    action, resource = pinpoint.iam_action(request.method, request.path)
    arn = f"arn:aws:mobiletargeting:{request.region}:{request.account}:{resource}" if resource else "*"
    denied = iam_evaluator.enforce(access_key, action, "mobiletargeting", request.region, resource_arn=arn)
    if denied is None:
        return None
    message = getattr(denied, "message", None) or (
        f"User: {denied.principal_arn} is not authorized to perform: {action} on resource: {arn}"
    )
    return _forbidden(message, request_id)


def _role_refusal(request: Request, request_id: str) -> _Response | None:
    """Who gives Pinpoint a role to write exports or an event stream with must be allowed to pass it on."""
    if request.method != "POST" or not request.path.endswith(("/jobs/export", "/eventstream")):
        return None
    try:
        role = json.loads(request.body)["RoleArn"]
    except (ValueError, KeyError, TypeError):
        return None
    message = callers.refusal("iam:PassRole", str(role), {"iam:passedtoservice": "pinpoint.amazonaws.com"})
    return _forbidden(message, request_id) if message else None


def _forbidden(message: str, request_id: str) -> _Response:
    headers = {"Content-Type": "application/json", "x-amzn-errortype": "ForbiddenException"}
    return 403, headers, json.dumps({"Message": message, "RequestID": request_id}).encode()


async def _answer(pinpoint: Pinpoint, request: Request) -> _Response:
    response = pinpoint.handle(request)
    if response.delay_seconds:
        await asyncio.sleep(response.delay_seconds)
    if response.connection != "answer":
        connection.cut()
    return response.status or 500, dict(response.headers), response.body
