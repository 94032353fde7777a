"""Operations on applications and their tags."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, Final

from local_cloud.pinpoint import application_settings
from local_cloud.pinpoint.applications import Application, Applications, Call, Handler
from local_cloud.pinpoint.endpoint_store import EndpointStore
from local_cloud.pinpoint.messages import ServiceError

# Service model, TagsModel: 50 tags per resource, 128 characters per key, 256 per value.
_TAGS: Final = 50
_TAG_KEY_CHARACTERS: Final = 128
_TAG_VALUE_CHARACTERS: Final = 256
_PAGE_SIZE: Final = 100


def _create_app(applications: Applications, call: Call) -> dict[str, Any]:
    name, tags = call.body["Name"], call.body.get("tags", {})
    if not name:
        raise ServiceError(400, "Name must not be empty")
    _check_tags(tags)
    application_id = uuid.uuid4().hex
    summary = {
        "Arn": f"arn:aws:mobiletargeting:{call.region}:{call.account}:apps/{application_id}",
        "Id": application_id,
        "Name": name,
        "CreationDate": call.now,
    }
    application = Application(
        account=call.account,
        region=call.region,
        summary=summary,
        tags=dict(tags),
        channels={},
        settings=application_settings.initial(application_id, call.now),
        event_stream=None,
        endpoints=EndpointStore(application_id),
    )
    applications.add(application)
    return _document(application)


def _get_app(applications: Applications, call: Call) -> dict[str, Any]:
    return _document(applications.of(call))


def _delete_app(applications: Applications, call: Call) -> dict[str, Any]:
    application = applications.of(call)
    applications.remove(application)
    return _document(application)


def _get_apps(applications: Applications, call: Call) -> dict[str, Any]:
    size, token = call.parameters.get("PageSize", str(_PAGE_SIZE)), call.parameters.get("Token", "0")
    if not (size.isdecimal() and int(size) >= 1 and token.isdecimal()):
        raise ServiceError(400, "page-size or token is not valid")
    found = applications.visible_to(call)
    end = int(token) + int(size)
    page = [_document(application) for application in found[int(token) : end]]
    return {"Item": page, "NextToken": str(end)} if end < len(found) else {"Item": page}


def _list_tags(applications: Applications, call: Call) -> dict[str, Any]:
    return {"tags": _tagged(applications, call).tags}


def _tag(applications: Applications, call: Call) -> None:
    application = _tagged(applications, call)
    tags = {**application.tags, **call.body["tags"]}
    _check_tags(tags)
    application.tags = tags


def _untag(applications: Applications, call: Call) -> None:
    application = _tagged(applications, call)
    removed = call.parameters.get("TagKeys")
    if not removed:
        raise ServiceError(400, "tagKeys must name at least one tag")
    application.tags = {key: value for key, value in application.tags.items() if key not in removed}


def _tagged(applications: Applications, call: Call) -> Application:
    for application in applications.visible_to(call):
        if application.summary["Arn"] == call.parameters["ResourceArn"]:
            return application
    raise ServiceError(404, "the resource does not exist")


def _document(application: Application) -> dict[str, Any]:
    return {**application.summary, "tags": application.tags}


def _check_tags(tags: Mapping[str, str]) -> None:
    if len(tags) > _TAGS:
        raise ServiceError(400, f"a resource can have at most {_TAGS} tags")
    for key, value in tags.items():
        if not 1 <= len(key) <= _TAG_KEY_CHARACTERS or len(value) > _TAG_VALUE_CHARACTERS:
            raise ServiceError(
                400,
                f"a tag's key has 1 to {_TAG_KEY_CHARACTERS} characters, its value {_TAG_VALUE_CHARACTERS} at most",
            )


HANDLERS: Final[Mapping[str, Handler]] = {
    "CreateApp": _create_app,
    "GetApp": _get_app,
    "GetApps": _get_apps,
    "DeleteApp": _delete_app,
    "ListTagsForResource": _list_tags,
    "TagResource": _tag,
    "UntagResource": _untag,
}
