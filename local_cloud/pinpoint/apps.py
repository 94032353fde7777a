"""Operations on applications and their tags."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, Final

from local_cloud.pinpoint import application_settings
from local_cloud.pinpoint.applications import Application, Applications, Call, Handler
from local_cloud.pinpoint.endpoint_store import EndpointStore
from local_cloud.pinpoint.paging import page
from local_cloud.service.messages import ServiceError
from local_cloud.service.tags import check_tags


def _create_app(applications: Applications, call: Call) -> dict[str, Any]:
    name, tags = call.body["Name"], call.body.get("tags", {})
    if not name:
        raise ServiceError(400, "Name must not be empty")
    check_tags(tags)
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
    return page([_document(application) for application in applications.visible_to(call)], call)


def _list_tags(applications: Applications, call: Call) -> dict[str, Any]:
    return {"tags": _tagged(applications, call).tags}


def _tag(applications: Applications, call: Call) -> None:
    application = _tagged(applications, call)
    tags = {**application.tags, **call.body["tags"]}
    check_tags(tags)
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


HANDLERS: Final[Mapping[str, Handler]] = {
    "CreateApp": _create_app,
    "GetApp": _get_app,
    "GetApps": _get_apps,
    "DeleteApp": _delete_app,
    "ListTagsForResource": _list_tags,
    "TagResource": _tag,
    "UntagResource": _untag,
}
