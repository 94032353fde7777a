"""Operations on segments. Imported segments are not emulated."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from typing import Any, Final

from local_cloud.pinpoint.applications import Application, Applications, Call, Handler
from local_cloud.pinpoint.members import bases_of
from local_cloud.pinpoint.paging import page
from local_cloud.pinpoint.segment_rules import check_segment, sources_of
from local_cloud.service.messages import ServiceError
from local_cloud.service.tags import check_tags

_CRITERIA: Final = ("Dimensions", "SegmentGroups")


def _create(applications: Applications, call: Call) -> dict[str, Any]:
    application, request = applications.of(call), call.body
    # CloudFormation requires a name, the service model does not: the stricter one (reading).
    if not request.get("Name"):
        raise ServiceError(400, "Name must not be empty")
    check_tags(request.get("tags", {}))
    identifier = uuid.uuid4().hex
    document = {
        "ApplicationId": application.summary["Id"],
        "Arn": f"{application.summary['Arn']}/segments/{identifier}",
        "CreationDate": call.now,
        "Id": identifier,
        "LastModifiedDate": call.now,
        "Name": request["Name"],
        "SegmentType": "DIMENSIONAL",
        "tags": dict(request.get("tags", {})),
        "Version": 1,
        **_checked(application, request),
    }
    application.segments.add(identifier, document)
    return document


def _update(applications: Applications, call: Call) -> dict[str, Any]:
    """Service model: an update makes a version; tags of updates are not processed."""
    application, identifier = applications.of(call), call.parameters["SegmentId"]
    old = application.segments.get(identifier)
    criteria = _checked(application, call.body)
    if identifier in _reached(application, call.body):
        raise ServiceError(400, "a segment cannot build on itself")
    document = {
        **{name: value for name, value in old.items() if name not in _CRITERIA},
        "Name": call.body.get("Name") or old["Name"],
        "LastModifiedDate": call.now,
        "Version": old["Version"] + 1,
        **criteria,
    }
    application.segments.add(identifier, document)
    return document


def _checked(application: Application, request: Mapping[str, Any]) -> dict[str, Any]:
    check_segment(request)
    for source in sources_of(request):
        application.segments.get(source["Id"], source.get("Version"))
    return {name: request[name] for name in _CRITERIA if name in request}


def _reached(application: Application, segment: Mapping[str, Any]) -> Iterator[str]:
    return (base["Id"] for base in bases_of(application.segments, segment))


def _delete(applications: Applications, call: Call) -> dict[str, Any]:
    application, identifier = applications.of(call), call.parameters["SegmentId"]
    application.segments.get(identifier)
    # What becomes of a segment whose base is gone is not published, so that the base has to stay (reading).
    for segment in application.segments.newest():
        if any(source["Id"] == identifier for source in sources_of(segment)):
            raise ServiceError(400, f"the segment is the base of the segment {segment['Id']}")
    # Nor what becomes of a journey whose segment is gone (reading).
    if application.journeys.uses_segment(identifier):
        raise ServiceError(400, "a journey that is under way is entered through the segment")
    application.campaigns.end_those_of(identifier)
    return application.segments.remove(identifier)


def _get(applications: Applications, call: Call) -> dict[str, Any]:
    return applications.of(call).segments.get(call.parameters["SegmentId"], call.parameters.get("Version"))


def _versions(applications: Applications, call: Call) -> dict[str, Any]:
    return page(applications.of(call).segments.versions(call.parameters["SegmentId"]), call)


def _list(applications: Applications, call: Call) -> dict[str, Any]:
    return page(call.listed(applications.of(call).segments.newest()), call)


HANDLERS: Final[Mapping[str, Handler]] = {
    "CreateSegment": _create,
    "GetSegment": _get,
    "GetSegments": _list,
    "UpdateSegment": _update,
    "DeleteSegment": _delete,
    "GetSegmentVersion": _get,
    "GetSegmentVersions": _versions,
}
