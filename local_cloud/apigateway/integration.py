"""The integrations that the product uses: SQS called by API Gateway itself, and the mock that answers OPTIONS."""

from __future__ import annotations

import json
import logging
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl

from ministack.core.responses import request_scope
from ministack.services import apigateway_v1 as records
from ministack.services import sqs

from local_cloud import service_roles
from local_cloud.apigateway import conversion, mapping, templates
from local_cloud.apigateway.errors import GatewayError, configuration_error
from local_cloud.apigateway.exchange import Answer, Exchange
from local_cloud.apigateway.java import JavaMap
from local_cloud.apigateway.variables import Input, Util
from local_cloud.refusals import refusals

_SERVICE: Final = "apigateway.amazonaws.com"
_FORM: Final = "application/x-www-form-urlencoded"
_JSON: Final = "application/json"
# What SQS answers in JSON, in this order.
_SENT: Final = (
    "MD5OfMessageAttributes",
    "MD5OfMessageBody",
    "MD5OfMessageSystemAttributes",
    "MessageId",
    "SequenceNumber",
)
_UTIL: Final = Util()
_MISSING_ACTION: Final = "The request must contain the parameter Action."

log = logging.getLogger("local_cloud.apigateway")


@dataclass(frozen=True)
class _Backend:
    """What the service behind an integration answered."""

    status: int
    text: str
    headers: Mapping[str, str]


async def invoke(integration: Mapping[str, Any], exchange: Exchange, binary_media_types: Sequence[str]) -> Answer:
    """Call what stands behind a method and map its answer.

    Parameters
    ----------
    integration
        MiniStack's record of the integration.
    exchange
        The request.
    binary_media_types
        The API's list.

    Returns
    -------
    Answer
        What the caller gets.

    Raises
    ------
    GatewayError
        If the request cannot be transformed, the role cannot be used, or no integration response fits.
    """
    payload = _transform_request(integration, exchange, binary_media_types)
    if integration["type"] == "MOCK":
        backend = _mock(payload)
    else:
        backend = await _call_sqs(integration, exchange, payload)
    exchange.context["integration"] = JavaMap({"status": backend.status})
    return _transform_response(integration, exchange, backend, binary_media_types)


def _transform_request(integration: Mapping[str, Any], exchange: Exchange, binary_media_types: Sequence[str]) -> str:
    content_type = exchange.header("content-type")
    binary = conversion.is_binary(content_type, binary_media_types)
    template = _request_template(integration, conversion.media_type(content_type))
    try:
        text = conversion.request_text(exchange.body, binary=binary, handling=integration.get("contentHandling"))
    except conversion.ConversionError as error:
        raise _configuration_error(f"request: {error}") from error
    if template is None:
        return exchange.body.decode(errors="replace") if text is None else text
    if text is None:
        raise _configuration_error("request: Unable to transform request: a template cannot read a binary payload")
    return _render(template, text, exchange)


def _request_template(integration: Mapping[str, Any], content_type: str) -> str | None:
    by_type: dict[str, str] = integration.get("requestTemplates") or {}
    for declared, template in by_type.items():
        if conversion.media_type(declared) == content_type:
            return template
    behavior = integration.get("passthroughBehavior")
    if behavior == "NEVER" or (behavior == "WHEN_NO_TEMPLATES" and by_type):
        raise GatewayError("UNSUPPORTED_MEDIA_TYPE", "Unsupported Media Type")
    return None


def _render(template: str, body: str, exchange: Exchange) -> str:
    variables = {
        "input": Input(body, exchange.path_parameters, exchange.querystring, exchange.header_map),
        "util": _UTIL,
        "context": exchange.context,
        "stageVariables": JavaMap(dict(exchange.stage_variables)),
    }
    try:
        return templates.render(template, variables)
    except templates.TemplateError as error:
        raise _configuration_error(str(error)) from error


def _mock(payload: str) -> _Backend:
    found = re.search(r"statusCode['\"]?\s*:\s*['\"]?(\d{3})", payload)
    if found is None:
        raise _configuration_error("mock: Unable to parse statusCode. It should be an integer")
    return _Backend(int(found[1]), payload, {})


async def _call_sqs(integration: Mapping[str, Any], exchange: Exchange, payload: str) -> _Backend:
    region, account, queue = _queue(integration["uri"], exchange.account)
    form = _form(integration, exchange, payload)
    action = form.get("Action", "")
    arn = f"arn:aws:sqs:{region}:{account}:{queue}"
    denial = service_roles.check(integration.get("credentials"), _SERVICE, f"sqs:{action}", arn)
    if denial is not None:
        refusals.add(denial.refusal)
        if denial.unusable:
            raise _configuration_error("API Gateway does not have permission to assume the provided role")
        return _failure(403, "AccessDenied", denial.message)
    if not action:
        return _failure(400, "MissingAction", _MISSING_ACTION)
    url = sqs._queue_name_to_url.get_scoped(account, region, queue) or sqs._queue_url_for_account(account, queue)
    try:
        with request_scope(account, region), service_roles.acting_as(integration["credentials"], _SERVICE):
            data = sqs._normalise(action, form)
            data["QueueUrl"] = url
            result = await sqs._dispatch(action, data, url)
    except sqs._Err as error:
        return _failure(error.status, sqs._QUERY_COMPAT_CODES.get(error.code, error.code), error.message)
    request_id = str(uuid.uuid4())
    document = {
        f"{action}Response": {
            "ResponseMetadata": {"RequestId": request_id},
            f"{action}Result": {name: result.get(name) for name in _SENT},
        }
    }
    return _Backend(200, json.dumps(document), _backend_headers(request_id))


def _queue(uri: str, default_account: str) -> tuple[str, str, str]:
    parts = records._parse_service_integration_uri(uri)
    path = parts[3].strip("/").split("/")
    account, queue = path if len(path) > 1 else (default_account, path[0])
    return parts[0], account, queue


def _form(integration: Mapping[str, Any], exchange: Exchange, payload: str) -> dict[str, str]:
    """Read the parameters as SQS would: from the query string, and from the body only if it is called a form."""
    content_type, form = _JSON, {}
    for destination, source in (integration.get("requestParameters") or {}).items():
        _, _, location, name = destination.split(".", 3)
        value = mapping.evaluate(source, exchange)
        if value is None:
            continue
        if location == "querystring":
            form[name] = value
        elif location == "header" and name.lower() == "content-type":
            content_type = conversion.media_type(value)
    if content_type == _FORM:
        form.update(parse_qsl(payload.strip(), keep_blank_values=True))
    return form


def _failure(status: int, code: str, message: str) -> _Backend:
    log.warning("SQS answered %s %s: %s", status, code, message)
    request_id = str(uuid.uuid4())
    kind = "Sender" if status < 500 else "Receiver"
    document = {"Error": {"Code": code, "Message": message, "Type": kind}, "RequestId": request_id}
    return _Backend(status, json.dumps(document), _backend_headers(request_id))


def _backend_headers(request_id: str) -> Mapping[str, str]:
    return {"Content-Type": _JSON, "x-amzn-RequestId": request_id}


def _transform_response(
    integration: Mapping[str, Any], exchange: Exchange, backend: _Backend, binary_media_types: Sequence[str]
) -> Answer:
    selected = _select(integration.get("integrationResponses") or {}, str(backend.status))
    accept = exchange.header("accept")
    content_type, template = _response_template(selected.get("responseTemplates") or {}, accept)
    text = backend.text if template is None else _render(template, backend.text, exchange)
    try:
        body = conversion.response_body(
            text,
            accepts_binary=conversion.is_binary(accept, binary_media_types),
            handling=selected.get("contentHandling"),
            templated=template is not None,
        )
    except conversion.ConversionError as error:
        raise _configuration_error(f"response: {error}") from error
    headers = {"Content-Type": content_type}
    for destination, source in (selected.get("responseParameters") or {}).items():
        value = mapping.evaluate(source, exchange, backend.headers)
        if value is not None:
            headers[destination.removeprefix("method.response.header.")] = value
    override = exchange.context.get("responseOverride")
    headers.update({name: str(override.get("header").get(name)) for name in override.get("header").keySet()})
    return Answer(int(override.get("status") or selected["statusCode"]), headers, body)


def _select(responses: Mapping[str, Mapping[str, Any]], status: str) -> Mapping[str, Any]:
    for response in responses.values():
        if response.get("selectionPattern") and re.fullmatch(response["selectionPattern"], status):
            return response
    for response in responses.values():
        if not response.get("selectionPattern"):
            return response
    raise _configuration_error(f"No match for output mapping and no default output mapping configured: {status}")


def _response_template(by_type: Mapping[str, str], accept: str) -> tuple[str, str | None]:
    if not by_type:
        return _JSON, None
    for candidate in (conversion.media_type(accept), _JSON, next(iter(by_type))):
        if candidate in by_type:
            return candidate, by_type[candidate]
    return _JSON, None


def _configuration_error(reason: str) -> GatewayError:
    log.error("Execution failed due to configuration error: %s", reason)
    return configuration_error()
