"""PutRestApi (overwrite) and ImportRestApi, which MiniStack lacks."""

from __future__ import annotations

import copy
import json
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import yaml
from ministack.services import apigateway_v1 as records

from local_cloud import patching
from local_cloud.apigateway.importer import STORES, SpecificationError, import_document

_Response = tuple[int, dict[str, str], bytes]

log = logging.getLogger("local_cloud.apigateway")


def install() -> None:
    """Add the two operations to MiniStack's control plane."""
    patching.replace("OpenAPI import", records, "handle_request", "Unknown API Gateway v1 path", by=_routing)


def _routing(handle: Callable[..., Awaitable[_Response]]) -> Callable[..., Awaitable[_Response]]:
    async def handle_request(
        method: str, path: str, headers: Mapping[str, str], body: bytes, query_params: Mapping[str, Any]
    ) -> _Response:
        parts = [part for part in path.split("/") if part]
        mode = (query_params.get("mode") or ["merge"])[0]
        if method == "PUT" and len(parts) == 2 and parts[0] == "restapis":
            return _put(parts[1], body, mode)
        if method == "POST" and parts == ["restapis"] and mode == "import":
            return _create(body)
        return await handle(method, path, headers, body, query_params)

    return handle_request


def _put(api_id: str, body: bytes, mode: str) -> _Response:
    if api_id not in records._rest_apis:
        return _error("NotFoundException", "Invalid API identifier specified", 404)
    if mode != "overwrite":
        return _error("BadRequestException", "the local cloud imports with mode=overwrite only", 400)
    try:
        document = _parse(body)
        with _rolled_back_on_error(api_id):
            import_document(api_id, document)
    except SpecificationError as error:
        return _refused(error)
    return _ok(api_id, 200)


def _create(body: bytes) -> _Response:
    try:
        document = _parse(body)
    except SpecificationError as error:
        return _refused(error)
    api_id = json.loads(records._create_rest_api({"name": document["info"]["title"]})[2])["id"]
    try:
        import_document(api_id, document)
    except SpecificationError as error:
        records._delete_rest_api(api_id)
        return _refused(error)
    return _ok(api_id, 201)


def _parse(body: bytes) -> dict[str, Any]:
    try:
        # JSON is YAML.
        document = yaml.safe_load(body)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SpecificationError(f"Unable to parse the document: {error}") from error
    if not isinstance(document, dict) or not str(document.get("openapi", "")).startswith("3.0"):
        raise SpecificationError("Invalid OpenAPI input: the local cloud reads OpenAPI 3.0 documents only")
    if not isinstance(document.get("info"), dict) or not document["info"].get("title"):
        raise SpecificationError("Invalid OpenAPI input: info.title is missing")
    return document


@contextmanager
def _rolled_back_on_error(api_id: str) -> Iterator[None]:
    before = {name: copy.deepcopy(getattr(records, name).get(api_id) or {}) for name in (*STORES, "_rest_apis")}
    try:
        yield
    except SpecificationError:
        for name, value in before.items():
            getattr(records, name)[api_id] = value
        raise


def _ok(api_id: str, status: int) -> _Response:
    response: _Response = records._v1_response(records._rest_api_view(records._rest_apis[api_id]), status)
    return response


def _refused(error: SpecificationError) -> _Response:
    log.warning("import refused: %s", error)
    return _error("BadRequestException", f"Errors found during import:\n\t{error}", 400)


def _error(code: str, message: str, status: int) -> _Response:
    response: _Response = records._v1_error(code, message, status)
    return response
