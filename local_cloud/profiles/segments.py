"""Operations on segment definitions, which never change, and on who belongs to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from local_cloud.faults import LIST_SEGMENTS
from local_cloud.profiles.membership import Membership
from local_cloud.profiles.paging import page
from local_cloud.profiles.segment_rules import check_groups, sources_of
from local_cloud.profiles.state import Call, Handler
from local_cloud.service.messages import ServiceError

_ANSWERED: Final = (
    "SegmentDefinitionName",
    "DisplayName",
    "Description",
    "SegmentDefinitionArn",
    "CreatedAt",
    "Tags",
)


def _create(call: Call) -> dict[str, Any]:
    domain, name = call.domain, call.parameters["SegmentDefinitionName"]
    # Service model: modelled as idempotent. What a name that exists is answered is not published (reading).
    if name in domain.segments:
        raise ServiceError(400, f"the segment definition {name} exists already, and none can be changed")
    refuse_sql(call)
    if "SegmentSort" in call.parameters:
        raise ServiceError(400, "SegmentSort is not emulated")
    if "SegmentGroups" not in call.parameters:
        raise ServiceError(400, "SegmentGroups must be given")
    check_groups(call.parameters["SegmentGroups"], domain.segments)
    document = {
        **call.given("SegmentDefinitionName", "DisplayName", "Description", "SegmentGroups", "Tags"),
        "SegmentDefinitionArn": f"{domain.arn}/segment-definitions/{name}",
        "SegmentType": "CLASSIC",
        "CreatedAt": call.now,
    }
    domain.segments[name] = document
    return _shown(document)


def refuse_sql(call: Call) -> None:
    """Refuse a segment that is written in SQL; 400."""
    if "SegmentSqlQuery" in call.parameters:
        raise ServiceError(400, "SegmentSqlQuery: SQL is not emulated, use groups of dimensions")


def _shown(document: Mapping[str, Any], *more: str) -> dict[str, Any]:
    return {name: document[name] for name in (*_ANSWERED, *more) if name in document}


def _get(call: Call) -> dict[str, Any]:
    return call.domain.segment(call.parameters["SegmentDefinitionName"])


def _list(call: Call) -> dict[str, Any]:
    """The fault `lag` hides new ones."""
    lag = call.faults.take(LIST_SEGMENTS, kinds={"lag"}, domain_name=call.domain.name)
    until = call.now - (lag.seconds if lag else 0)
    listed = [one for one in call.domain.segments.values() if one["CreatedAt"] <= until]
    return page([_shown(document, "SegmentType") for document in listed], call)


def _delete(call: Call) -> dict[str, Any]:
    domain, name = call.domain, call.parameters["SegmentDefinitionName"]
    domain.segment(name)
    # What becomes of whatever names a segment that is gone is not published (reading).
    for other in domain.segments.values():
        if name in sources_of(other["SegmentGroups"]):
            raise ServiceError(400, f"the segment is a source of {other['SegmentDefinitionName']}")
    if any(trigger.get("SegmentFilter") == name for trigger in domain.triggers.values()):
        raise ServiceError(400, "the segment is the filter of an event trigger")
    del domain.segments[name]
    return {"Message": "OK"}


def _membership(call: Call) -> dict[str, Any]:
    domain, name, wanted = call.domain, call.parameters["SegmentDefinitionName"], call.parameters["ProfileIds"]
    domain.segment(name)
    documents, membership = domain.profiles.documents, Membership(domain.segments)
    return {
        "SegmentDefinitionName": name,
        "LastComputedAt": call.now,
        "Profiles": [
            {"ProfileId": one, "QueryResult": "PRESENT" if membership.belongs(documents[one], name) else "ABSENT"}
            for one in wanted
            if one in documents
        ],
        "Failures": [
            {"ProfileId": one, "Message": "the profile does not exist", "Status": 404}
            for one in wanted
            if one not in documents
        ],
    }


HANDLERS: Final[Mapping[str, Handler]] = {
    "CreateSegmentDefinition": _create,
    "GetSegmentDefinition": _get,
    "ListSegmentDefinitions": _list,
    "DeleteSegmentDefinition": _delete,
    "GetSegmentMembership": _membership,
}
