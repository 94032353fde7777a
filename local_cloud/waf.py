"""Logging of web ACLs, which MiniStack lacks: kept beside the ACL and checked as AWS WAF does; nothing is logged."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from ministack.services import waf

from local_cloud import patching

_Response = tuple[int, dict[str, str], bytes]
_Handler = Callable[[Mapping[str, Any]], _Response]
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
        return handler(json.loads(body)) if handler else await handle(method, path, headers, body, query)

    return handle_request


def _put(data: Mapping[str, Any]) -> _Response:
    wanted = data[_KEPT]
    acl, error = waf._resolve_local_web_acl(wanted["ResourceArn"])
    if error:
        return _failed(error)
    destinations = wanted.get("LogDestinationConfigs", [])
    if len(destinations) != 1 or not _DESTINATION.fullmatch(destinations[0]):
        return _failed(waf._waf_err("WAFInvalidParameterException", "LOG_DESTINATION: one, named aws-waf-logs-*"))
    for field in wanted.get("RedactedFields", []):
        if not _REDACTABLE.issuperset(field):
            return _failed(waf._waf_err("WAFInvalidParameterException", "REDACTED_FIELDS: cannot be redacted"))
    acl[_KEPT] = wanted
    return _answer({_KEPT: wanted})


def _get(data: Mapping[str, Any]) -> _Response:
    acl, error = waf._resolve_local_web_acl(data["ResourceArn"])
    if error:
        return _failed(error)
    return _answer({_KEPT: acl[_KEPT]}) if _KEPT in acl else _failed(waf._waf_not_found(data["ResourceArn"]))


def _delete(data: Mapping[str, Any]) -> _Response:
    acl, error = waf._resolve_local_web_acl(data["ResourceArn"])
    if error:
        return _failed(error)
    if acl.pop(_KEPT, None) is None:
        return _failed(waf._waf_not_found(data["ResourceArn"]))
    return _answer({})


def _failed(error: Any) -> _Response:  # noqa: ANN401 - MiniStack's answer
    response: _Response = error
    return response


def _answer(document: Mapping[str, Any]) -> _Response:
    return 200, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(document).encode()


_HANDLERS: Final[Mapping[str, _Handler]] = {
    "PutLoggingConfiguration": _put,
    "GetLoggingConfiguration": _get,
    "DeleteLoggingConfiguration": _delete,
}
