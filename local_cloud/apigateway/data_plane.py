"""Answering requests to a deployed API: what API Gateway checks, in its order."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from email.utils import formatdate
from typing import Any, Final, Protocol
from urllib.parse import parse_qs

from ministack.core.responses import request_scope
from ministack.services import apigateway_v1 as records

from local_cloud import asgi
from local_cloud.apigateway import addresses, authorization, errors, integration, method_settings, validation
from local_cloud.apigateway.deployments import Snapshot, snapshots
from local_cloud.apigateway.errors import GatewayError
from local_cloud.apigateway.exchange import Answer, Exchange
from local_cloud.faults import STAGE, Faults

# API Gateway quotas: request line and header values together, in bytes.
_MOST_HEADER_BYTES: Final = 10_240
_MOST_BODY_BYTES: Final = 10 * 1024 * 1024

log = logging.getLogger("local_cloud.apigateway")


class Observer(Protocol):
    """Whoever wants to know what was answered."""

    def observe(self, exchange: Exchange, answer: Answer) -> None:
        """Hear of one answer of a stage."""


class DataPlane:
    """Serves `execute-api`.

    Parameters
    ----------
    faults
        Tells when a stage throttles.
    observers
        Hear of every answer of a stage.
    """

    def __init__(self, faults: Faults, *observers: Observer) -> None:
        self._faults = faults
        self._observers = observers

    async def serve(self, scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> bool:
        """Answer a request, if it is for a REST API.

        Parameters
        ----------
        scope, receive, send
            ASGI.

        Returns
        -------
        bool
            False if it is something else; nothing has been read or sent then.
        """
        headers = [(name.decode("latin-1"), value.decode("utf-8", "replace")) for name, value in scope["headers"]]
        host = next((value for name, value in headers if name.lower() == "host"), "")
        address = addresses.find(host, scope["path"])
        if address is None:
            return False
        body = await asgi.read_body(receive)
        with request_scope(address.account, address.region):
            stage = records._stages_v1.get(address.api_id, {}).get(address.stage_name)
            exchange = Exchange(
                address.account,
                address.region,
                api_id=address.api_id,
                stage_name=address.stage_name,
                stage=stage or {},
                method=scope["method"],
                path=address.path,
                headers=headers,
                query=parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True),
                body=body,
                source_ip=scope["client"][0],
                domain=address.domain,
                full_path=scope["path"] if address.domain else f"/{address.stage_name}{address.path}",
            )
            if not address.domain and records._rest_apis[address.api_id].get("disableExecuteApiEndpoint"):
                stage = None
            refused = self._too_large(scope, exchange)
            answer = refused or (await self._answer(exchange) if stage else _forbidden())
            if stage and not refused:
                for observer in self._observers:
                    observer.observe(exchange, answer)
        added = {
            "x-amzn-RequestId": exchange.request_id,
            "x-amz-apigw-id": exchange.extended_request_id,
            "Date": formatdate(usegmt=True),
        }
        await asgi.answer(send, answer.status, {**answer.headers, **added}.items(), answer.body)
        return True

    async def _answer(self, exchange: Exchange) -> Answer:
        snapshot = snapshots.find(exchange.api_id, exchange.stage["deploymentId"])
        if snapshot is None:
            log.error("stage %s has no deployment %s", exchange.stage_name, exchange.stage["deploymentId"])
            return _forbidden()
        try:
            method = _find_method(snapshot, exchange)
            self._check_limits(exchange)
            await authorization.check(method, snapshot, exchange)
            validation.check(method, snapshot, exchange)
            return await integration.invoke(method["methodIntegration"], exchange, snapshot.binary_media_types)
        except GatewayError as error:
            return errors.answer(error, exchange, snapshot.gateway_responses)

    def _check_limits(self, exchange: Exchange) -> None:
        fault = self._faults.take(STAGE, api=exchange.api_id, stage=exchange.stage_name)
        if fault or not _within_rate(exchange):
            raise GatewayError("THROTTLED", "Too Many Requests")
        if len(exchange.body) > _MOST_BODY_BYTES:
            raise GatewayError("REQUEST_TOO_LARGE", "Request Too Long")

    def _too_large(self, scope: asgi.Scope, exchange: Exchange) -> Answer | None:
        query = scope["query_string"].decode("latin-1")
        line = len(f"{exchange.method} /{exchange.stage_name}{exchange.path}?{query} HTTP/1.1")
        if line > _MOST_HEADER_BYTES:
            return Answer(414, {"Content-Type": "text/plain"}, b"Request-URI Too Large")
        if line + sum(len(value) for _, value in scope["headers"]) > _MOST_HEADER_BYTES:
            return Answer(431, {"Content-Type": "text/plain"}, b"Request Header Fields Too Large")
        return None


def _find_method(snapshot: Snapshot, exchange: Exchange) -> Mapping[str, Any]:
    resources = snapshot.resources
    root = next(resource for resource in resources.values() if resource["path"] == "/")
    segments = [segment for segment in exchange.path.split("/") if segment]
    resource, parameters = records._match_recursive(resources, root["id"], segments, {}) if segments else (root, {})
    methods = (resource or {}).get("resourceMethods", {})
    method: Mapping[str, Any] | None = methods.get(exchange.method) or methods.get("ANY")
    if method is None:
        raise GatewayError("MISSING_AUTHENTICATION_TOKEN", "Missing Authentication Token")
    exchange.resource_path = resource["path"]
    exchange.path_parameters = parameters
    return method


def _within_rate(exchange: Exchange) -> bool:
    limits = method_settings.throttle(exchange.stage, exchange.resource_path, exchange.method)
    rate, burst = limits.get("throttlingRateLimit"), limits.get("throttlingBurstLimit")
    # Terraform writes -1 for a limit that is not set: the account's holds, which no single machine reaches.
    if rate is None or burst is None or rate < 0 or burst < 0:
        return True
    slot = ("stage", exchange.api_id, exchange.stage_name, exchange.resource_path, exchange.method)
    taken: bool = records._take_token(slot, {"rateLimit": rate, "burstLimit": burst})
    return taken


def _forbidden() -> Answer:
    # No gateway response applies: the request never reaches a deployment.
    return Answer(
        403, {"Content-Type": "application/json", "x-amzn-ErrorType": "ForbiddenException"}, b'{"message":"Forbidden"}'
    )
