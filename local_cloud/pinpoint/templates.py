"""Operations on message templates, which belong to the account, not to an application."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from local_cloud.pinpoint.applications import Applications, Call, Handler
from local_cloud.pinpoint.contents import check_headers
from local_cloud.pinpoint.paging import page
from local_cloud.pinpoint.routes import TEMPLATES
from local_cloud.service.messages import ServiceError
from local_cloud.service.tags import check_tags

# Service model, TemplateName.
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}")
# Service model, TemplateResponse: what a list leaves out.
_LISTED: Final[tuple[str, ...]] = (
    "CreationDate",
    "LastModifiedDate",
    "TemplateDescription",
    "TemplateName",
    "TemplateType",
    "Version",
)


def _create(kind: str) -> Handler:
    def handler(_: Applications, call: Call) -> dict[str, Any]:
        name = call.parameters["TemplateName"]
        if not _NAME.fullmatch(name):
            raise ServiceError(400, "TemplateName has 1 to 128 letters, digits, _ or -, and begins with no _ or -")
        if call.templates.key(kind, name) in call.templates.documents:
            raise ServiceError(400, "the template exists")
        check_tags(call.body.get("tags", {}))
        arn = f"arn:aws:mobiletargeting:{call.region}:{call.account}:templates/{name}/{kind}"
        document = {"Arn": arn, "CreationDate": call.now, "TemplateName": name, "TemplateType": kind, "Version": "1"}
        call.templates.documents.add(call.templates.key(kind, name), {**document, **_checked(call)})
        return {"Arn": arn, "Message": "Created", "RequestID": call.request_id}

    return handler


def _update(kind: str) -> Handler:
    def handler(_: Applications, call: Call) -> dict[str, Any]:
        """Service model, UpdateEmailTemplate: a new version, or the newest is overwritten."""
        documents, key = call.templates.documents, call.templates.key(kind, call.parameters["TemplateName"])
        newest, version = documents.get(key), call.parameters.get("Version")
        new = call.parameters.get("CreateNewVersion", False)
        if version is not None and (new or version != newest["Version"]):
            raise ServiceError(400, "version must be the newest version, and not stand beside create-new-version")
        kept = {name: newest[name] for name in ("Arn", "CreationDate", "TemplateName", "TemplateType", "Version")}
        # The request replaces the content as a whole (reading); its tags are not processed.
        document = {**kept, **_checked(call), "tags": newest["tags"]}
        if new:
            documents.add(key, {**document, "Version": str(int(newest["Version"]) + 1)})
        else:
            documents.replace(key, document)
        return {"Message": "Accepted", "RequestID": call.request_id}

    return handler


def _checked(call: Call) -> dict[str, Any]:
    content = {name: value for name, value in call.body.items() if name != "tags"}
    check_headers(content)
    if content.get("RecommenderId"):
        raise ServiceError(400, "recommender models are not emulated")
    if not isinstance(defaults_of(content), dict):
        raise ServiceError(400, "DefaultSubstitutions must be a JSON object")
    return {**content, "LastModifiedDate": call.now, "tags": dict(call.body.get("tags", {}))}


def defaults_of(template: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON of the caller, until it is checked
    """Return the default values of a template's variables, None if they are not JSON."""
    try:
        return json.loads(template.get("DefaultSubstitutions") or "{}")
    except ValueError:
        return None


def _get(kind: str) -> Handler:
    def handler(_: Applications, call: Call) -> dict[str, Any]:
        """The active version is the newest: making another one active is not emulated."""
        return call.templates.get(kind, call.parameters["TemplateName"], call.parameters.get("Version"))

    return handler


def _delete(kind: str) -> Handler:
    def handler(_: Applications, call: Call) -> dict[str, Any]:
        """Service model: without a version, all versions go. Deleting a single one is not emulated."""
        if "Version" in call.parameters:
            raise ServiceError(400, "deleting a single version is not emulated")
        call.templates.documents.remove(call.templates.key(kind, call.parameters["TemplateName"]))
        return {"Message": "Accepted", "RequestID": call.request_id}

    return handler


def _list(_: Applications, call: Call) -> dict[str, Any]:
    prefix, kind = call.parameters.get("Prefix", ""), call.parameters.get("TemplateType")
    found = [
        {name: document[name] for name in _LISTED if name in document}
        for document in call.templates.documents.newest()
        if document["TemplateName"].startswith(prefix) and kind in {None, document["TemplateType"]}
    ]
    return page(found, call, "NextToken")


_OPERATIONS: Final[Mapping[str, Callable[[str], Handler]]] = {
    "Create": _create,
    "Get": _get,
    "Update": _update,
    "Delete": _delete,
}
HANDLERS: Final[Mapping[str, Handler]] = {
    "ListTemplates": _list,
    **{f"{verb}{name}Template": build(kind) for name, kind in TEMPLATES.items() for verb, build in _OPERATIONS.items()},
}
