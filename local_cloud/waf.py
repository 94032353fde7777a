"""Logging of web ACLs, which MiniStack lacks: kept beside the ACL and checked as AWS WAF does; nothing is logged."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from ministack.services import waf

from local_cloud import patching

_Response = tuple[int, dict[str, str], bytes]
_Record = dict[str, Any]
_Handler = Callable[[_Record, _Record], _Response]
_KEPT: Final = "LoggingConfiguration"
# WAF developer guide, "Logging destinations": one destination, whose name begins with aws-waf-logs-.
_DESTINATION: Final = re.compile(
    r"arn:[\w-]+:(logs:[\w-]+:\d{12}:log-group:|s3:::|firehose:[\w-]+:\d{12}:deliverystream/)aws-waf-logs-.+"
)
_REDACTABLE: Final = frozenset({"UriPath", "QueryString", "SingleHeader", "Method"})


def install() -> None:
    """Add the three actions."""
    patching.replace("web ACLs are logged", waf, "handle_request", '"DescribeManagedRuleGroup":', by=_routing)


def _routing(handle: Callable[..., Awaitable[_Response]]) -> Callable[..., Awaitable[_Response]]:
    async def handle_request(
        method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, Any]
    ) -> _Response:
        handler = _HANDLERS.get(headers.get("x-amz-target", "").rpartition(".")[2])
        if handler is None:
            return await handle(method, path, headers, body, query)
        data = json.loads(body)
        data = data.get(_KEPT, data)
        acl, error = waf._resolve_local_web_acl(data["ResourceArn"])
        response: _Response = error or handler(acl, data)
        return response

    return handle_request


def _put(acl: _Record, wanted: _Record) -> _Response:
    destinations = wanted.get("LogDestinationConfigs", [])
    if len(destinations) != 1 or not _DESTINATION.fullmatch(destinations[0]):
        return _invalid("LOG_DESTINATION: one, named aws-waf-logs-*")
    if not all(_REDACTABLE.issuperset(field) for field in wanted.get("RedactedFields", [])):
        return _invalid("REDACTED_FIELDS: cannot be redacted")
    acl[_KEPT] = wanted
    return _answer({_KEPT: wanted})


def _get(acl: _Record, _data: _Record) -> _Response:
    return _answer({_KEPT: acl[_KEPT]}) if _KEPT in acl else _not_found(acl)


def _delete(acl: _Record, _data: _Record) -> _Response:
    return _not_found(acl) if acl.pop(_KEPT, None) is None else _answer({})


def _invalid(message: str) -> _Response:
    response: _Response = waf._waf_err("WAFInvalidParameterException", message)
    return response


def _not_found(acl: _Record) -> _Response:
    response: _Response = waf._waf_not_found(acl["ARN"])
    return response


def _answer(document: Mapping[str, Any]) -> _Response:
    return 200, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(document).encode()


_HANDLERS: Final[Mapping[str, _Handler]] = {
    "PutLoggingConfiguration": _put,
    "GetLoggingConfiguration": _get,
    "DeleteLoggingConfiguration": _delete,
}
