"""Emulated services at MiniStack's port: requests signed for one, with IAM, go to its front."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

from ministack import app as ministack
from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id

from local_cloud import asgi, callers, connection, patching
from local_cloud.service.front import Front
from local_cloud.service.messages import Request
from local_cloud.service.permissions import Permission

_Response = tuple[int, dict[str, str], bytes]
_CREDENTIAL: Final = re.compile(r"Credential=([^/]+)/\d{8}/([^/]+)/([^/]+)/aws4_request")


def install(fronts: Sequence[Front]) -> None:
    """Send the requests of services to their emulators.

    Parameters
    ----------
    fronts
        The services.
    """
    patching.replace(
        "emulated services",
        ministack,
        "_dispatch_service_request",
        "detect_service(method, path, headers, routing_params)",
        by=lambda dispatch: _dispatching(dispatch, {front.service.signing_name: front for front in fronts}),
    )


def signed_for(front: Front, headers: Mapping[str, str]) -> bool:
    """Tell whether a request was signed for a service.

    Parameters
    ----------
    front
        The service.
    headers
        Headers of the request, with names in lower case.

    Returns
    -------
    bool
        Whether the service answers it.
    """
    credential = _CREDENTIAL.search(headers.get("authorization", ""))
    return credential is not None and credential[3] == front.service.signing_name


def _dispatching(
    dispatch: Callable[..., Awaitable[_Response]], fronts: Mapping[str, Front]
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
        front = fronts.get(credential[3]) if credential else None
        if credential is None or front is None:
            return await dispatch(method, path, headers, body, query_params, request_id)
        access_key, region = credential[1], credential[2]
        scope = asgi.current_scope.get()
        # An id may hold a slash, which the decoded path would hide.
        raw_path, query = scope["raw_path"].decode("ascii"), scope["query_string"].decode("ascii")
        request = Request(method, raw_path, query, body, get_account_id(), region)
        own, *others = front.permissions(request)
        message = _own_refusal(access_key, own, region) or _other_refusal(others)
        return await _answer(front, request, message)

    return dispatch_service_request


def _own_refusal(access_key: str, own: Permission, region: str) -> str | None:
    service = own.action.partition(":")[0]
    denied = iam_evaluator.enforce(
        access_key, own.action, service, region, resource_arn=own.resource, service_context=own.context
    )
    if denied is None:
        return None
    message: str | None = getattr(denied, "message", None)
    return message or (
        f"User: {denied.principal_arn} is not authorized to perform: {own.action} on resource: {own.resource}"
    )


def _other_refusal(others: Sequence[Permission]) -> str | None:
    refusals = (callers.refusal(other.action, other.resource, other.context) for other in others)
    return next((message for message in refusals if message), None)


async def _answer(front: Front, request: Request, refusal: str | None) -> _Response:
    response = front.refuse(403, refusal) if refusal else front.handle(request)
    if response.delay_seconds:
        await asyncio.sleep(response.delay_seconds)
    if response.connection != "answer":
        connection.cut()
    return response.status or 500, dict(response.headers), response.body
