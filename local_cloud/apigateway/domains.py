"""Custom domain names and their base path mappings: the root path by its name, and changes, which MiniStack lacks."""

from __future__ import annotations

import functools
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from ministack.services import apigateway_v1 as records

from local_cloud import patching
from local_cloud.apigateway import json_patch

_Response = tuple[int, dict[str, str], bytes]
_ROOT: Final = "(none)"


def install() -> None:
    """Change MiniStack's control plane; before the OpenAPI import, which changes the same function."""
    patching.replace(
        "what a domain does not have is not there",
        records,
        "_create_domain_name",
        '"mutualTlsAuthentication": data.get("mutualTlsAuthentication", {}),',
        by=_naming,
    )
    patching.replace(
        "mappings are checked",
        records,
        "_create_base_path_mapping",
        'base_path = data.get("basePath", "(none)")',
        by=_creating,
    )
    patching.replace(
        "domains and mappings change", records, "handle_request", "_delete_base_path_mapping(", by=_routing
    )


def _naming(create: Callable[..., _Response]) -> Callable[..., _Response]:
    def create_domain_name(data: Mapping[str, Any]) -> _Response:
        made = create(data)
        if made[0] >= 400:
            return made
        # An empty object is a setting to Terraform, and it would plan to remove it for ever.
        domain = records._domain_names[data["domainName"]]
        kept = {name: value for name, value in domain.items() if value not in ("", {}, None) or name == "tags"}
        records._domain_names[data["domainName"]] = kept
        return _ok(kept, made[0])

    return create_domain_name


def _creating(create: Callable[..., _Response]) -> Callable[..., _Response]:
    def create_base_path_mapping(domain: str, data: Mapping[str, Any]) -> _Response:
        base_path = data.get("basePath") or _ROOT
        if base_path in records._base_path_mappings.get(domain, {}):
            return _error("ConflictException", "Base path already exists for this domain name", 409)
        problem = _problem(data.get("restApiId", ""), data.get("stage", ""))
        return problem or create(domain, {**data, "basePath": base_path})

    return create_base_path_mapping


def _routing(handle: Callable[..., Awaitable[_Response]]) -> Callable[..., Awaitable[_Response]]:
    @functools.wraps(handle)
    async def handle_request(method: str, path: str, headers: Any, body: bytes, query_params: Any) -> _Response:  # noqa: ANN401
        match method, [part for part in path.split("/") if part]:
            case "PATCH", ["domainnames", domain]:
                return _update_domain(domain, json.loads(body))
            case "PATCH", ["domainnames", domain, "basepathmappings", base_path]:
                return _update_mapping(domain, base_path, json.loads(body))
        return await handle(method, path, headers, body, query_params)

    return handle_request


def _update_domain(name: str, data: Mapping[str, Any]) -> _Response:
    domain = records._domain_names.get(name)
    if domain is None:
        return _error("NotFoundException", "Invalid domain name identifier specified", 404)
    json_patch.apply(domain, data.get("patchOperations") or [])
    return _ok(domain)


def _update_mapping(domain: str, base_path: str, data: Mapping[str, Any]) -> _Response:
    mappings = records._base_path_mappings.get(domain) or {}
    mapping = mappings.get(base_path)
    if mapping is None:
        return _error("NotFoundException", "Invalid base path mapping identifier specified", 404)
    changed = dict(mapping)
    for operation in data.get("patchOperations") or []:
        name = {"basepath": "basePath", "restapiid": "restApiId", "stage": "stage"}.get(operation["path"][1:].lower())
        if name is None:
            return _error("BadRequestException", f"Invalid patch path {operation['path']}", 400)
        changed[name] = operation.get("value") or ""
    changed["basePath"] = changed["basePath"] or _ROOT
    problem = _problem(changed["restApiId"], changed["stage"])
    if problem:
        return problem
    del mappings[base_path]
    mappings[changed["basePath"]] = changed
    return _ok(records._public_mapping(changed))


def _problem(api_id: str, stage: str) -> _Response | None:
    if api_id not in records._rest_apis:
        return _error("BadRequestException", "Invalid REST API identifier specified", 400)
    if stage and stage not in records._stages_v1.get(api_id, {}):
        return _error("BadRequestException", "Invalid stage identifier specified", 400)
    return None


def _ok(record: Mapping[str, Any], status: int = 200) -> _Response:
    response: _Response = records._v1_response(record, status)
    return response


def _error(code: str, message: str, status: int) -> _Response:
    response: _Response = records._v1_error(code, message, status)
    return response
