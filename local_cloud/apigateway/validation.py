"""The request validator of a method."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from local_cloud.apigateway import models
from local_cloud.apigateway.conversion import media_type
from local_cloud.apigateway.deployments import Snapshot
from local_cloud.apigateway.errors import GatewayError
from local_cloud.apigateway.exchange import Exchange


def check(method: Mapping[str, Any], snapshot: Snapshot, exchange: Exchange) -> None:
    """Check a request as the method's validator says: parameters first, then the body.

    Parameters
    ----------
    method
        MiniStack's record of the method.
    snapshot
        The deployment.
    exchange
        The request.

    Raises
    ------
    GatewayError
        If a required parameter is missing or blank, or the body does not fit its model.
    """
    validator = snapshot.validators.get(method.get("requestValidatorId") or "")
    if validator is None:
        return
    if validator["validateRequestParameters"]:
        _check_parameters(method.get("requestParameters") or {}, exchange)
    if validator["validateRequestBody"]:
        _check_body(method.get("requestModels") or {}, snapshot, exchange)


def _check_parameters(declared: Mapping[str, bool], exchange: Exchange) -> None:
    missing = [name for name, required in declared.items() if required and not _value(name, exchange)]
    if missing:
        names = ", ".join(name.split(".", 3)[3] for name in missing)
        raise GatewayError("BAD_REQUEST_PARAMETERS", f"Missing required request parameters: [{names}]")


def _value(parameter: str, exchange: Exchange) -> str | None:
    _, _, location, name = parameter.split(".", 3)
    if location == "header":
        return exchange.header(name)
    return (exchange.querystring if location == "querystring" else exchange.path_parameters).get(name)


def _check_body(by_type: Mapping[str, str], snapshot: Snapshot, exchange: Exchange) -> None:
    # A body of another type is not checked at all.
    name = by_type.get(media_type(exchange.header("content-type")), by_type.get("$default"))
    if name not in snapshot.models:
        return
    try:
        models.check_body(exchange.body, name, snapshot.models)
    except models.BodyError as error:
        raise GatewayError("BAD_REQUEST_BODY", "Invalid request body", detail=f"[{error}]") from error
