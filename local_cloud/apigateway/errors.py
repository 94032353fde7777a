"""Errors that API Gateway itself answers, through the gateway responses of the stage's deployment."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from ministack.services import apigateway_v1 as records

from local_cloud.apigateway import mapping
from local_cloud.apigateway.exchange import Answer, Exchange
from local_cloud.apigateway.java import JavaMap

_NAME: Final = r"((?:context|stageVariables|method\.request)(?:\.[\w-]+)+)"
_VARIABLE: Final = re.compile(rf"\$(?:{_NAME}|\{{{_NAME}\}})")
# Measured on AWS by MiniStack's authors: these types print a blank before their message.
_SPACED: Final = frozenset(
    {
        "API_CONFIGURATION_ERROR",
        "AUTHORIZER_CONFIGURATION_ERROR",
        "BAD_REQUEST_BODY",
        "BAD_REQUEST_PARAMETERS",
        "DEFAULT_5XX",
    }
)


class GatewayError(Exception):
    """A request that ends at the gateway.

    Parameters
    ----------
    response_type
        Gateway response type, such as `BAD_REQUEST_PARAMETERS`.
    message
        `$context.error.message`; None for an authorizer that failed.
    detail
        `$context.error.validationErrorString`.
    error_type
        The header x-amzn-ErrorType, where the response type does not tell.
    """

    def __init__(
        self, response_type: str, message: str | None, *, detail: str = "", error_type: str | None = None
    ) -> None:
        super().__init__(message)
        self.response_type = response_type
        self.message = message
        self.detail = detail
        self.error_type = error_type


def configuration_error() -> GatewayError:
    """Make the error of an API that is wrongly configured: the caller learns nothing else."""
    return GatewayError("API_CONFIGURATION_ERROR", "Internal server error")


def answer(error: GatewayError, exchange: Exchange, customized: dict[str, Any]) -> Answer:
    """Render a gateway response.

    Parameters
    ----------
    error
        What happened.
    exchange
        The request.
    customized
        The gateway responses of the deployment.

    Returns
    -------
    Answer
        What the caller gets.
    """
    response = records._gateway_response_for_type(customized, error.response_type)
    template = response["responseTemplates"].get("application/json", records._DEFAULT_GATEWAY_RESPONSE_TEMPLATE)
    if error.response_type == "ACCESS_DENIED" and not customized.keys() & {"ACCESS_DENIED", "DEFAULT_4XX"}:
        # AWS's own spelling, of this type alone.
        template = template.replace("message", "Message", 1)
    quoted = json.dumps(error.message)
    exchange.context["error"] = JavaMap(
        {
            "message": error.message or "",
            "messageString": f" {quoted}" if error.response_type in _SPACED else quoted,
            "responseType": error.response_type,
            "validationErrorString": error.detail,
        }
    )
    headers = {"Content-Type": "application/json"}
    if error_type := error.error_type or records._GATEWAY_RESPONSE_ERROR_TYPES.get(error.response_type):
        headers["x-amzn-ErrorType"] = error_type
    for destination, source in response["responseParameters"].items():
        value = mapping.evaluate(source, exchange)
        if value is not None:
            headers[destination.removeprefix("gatewayresponse.header.")] = value
    # Not a Velocity template: variables are replaced, nothing else.
    body = _VARIABLE.sub(lambda found: mapping.evaluate(found[1] or found[2], exchange) or "", template)
    default = 403 if error.response_type == "DEFAULT_4XX" else 500
    return Answer(int(response.get("statusCode") or default), headers, body.encode())
