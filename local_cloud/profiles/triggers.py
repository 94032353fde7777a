"""Operations on event triggers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from local_cloud.profiles.paging import page
from local_cloud.profiles.state import Call, Handler
from local_cloud.profiles.trigger_rules import check_conditions, check_limits
from local_cloud.service.messages import ServiceError

# Connect admin guide; the quotas say 50. The smaller one.
_MOST: Final = 20
_CHANGEABLE: Final = (
    "ObjectTypeName",
    "Description",
    "EventTriggerConditions",
    "SegmentFilter",
    "EventTriggerLimits",
)
_SUMMARY: Final = ("EventTriggerName", "ObjectTypeName", "Description", "CreatedAt", "LastUpdatedAt", "Tags")


def _create(call: Call) -> dict[str, Any]:
    domain, name = call.domain, call.parameters["EventTriggerName"]
    if name in domain.triggers:
        raise ServiceError(400, f"the event trigger {name} exists already")
    if len(domain.triggers) >= _MOST:
        raise ServiceError(400, f"a domain can have at most {_MOST} event triggers")
    document = {"EventTriggerName": name, **call.given(*_CHANGEABLE), "CreatedAt": call.now, **call.given("Tags")}
    return _kept(call, document)


def _update(call: Call) -> dict[str, Any]:
    """What is not given stays (reading)."""
    return _kept(call, {**_of(call), **call.given(*_CHANGEABLE)})


def _kept(call: Call, document: dict[str, Any]) -> dict[str, Any]:
    domain = call.domain
    # Connect admin guide: standard types, which begin with _, cannot have triggers; none of them exists here.
    check_conditions(document["EventTriggerConditions"], domain.object_type(document["ObjectTypeName"]))
    check_limits(document.get("EventTriggerLimits", {}))
    if "SegmentFilter" in document:
        domain.segment(document["SegmentFilter"])
    document["LastUpdatedAt"] = call.now
    domain.triggers[document["EventTriggerName"]] = document
    return document


def _of(call: Call) -> dict[str, Any]:
    return call.domain.trigger(call.parameters["EventTriggerName"])


def _list(call: Call) -> dict[str, Any]:
    known = call.domain.triggers.values()
    return page([{name: one[name] for name in _SUMMARY if name in one} for one in known], call)


def _delete(call: Call) -> dict[str, Any]:
    """Service model: not while an integration uses it."""
    domain, name = call.domain, _of(call)["EventTriggerName"]
    if domain.campaign_of(name):
        raise ServiceError(400, f"an integration uses the event trigger {name}: delete that first")
    del domain.triggers[name]
    domain.firings.pop(name, None)
    return {"Message": "OK"}


HANDLERS: Final[Mapping[str, Handler]] = {
    "CreateEventTrigger": _create,
    "GetEventTrigger": _of,
    "ListEventTriggers": _list,
    "UpdateEventTrigger": _update,
    "DeleteEventTrigger": _delete,
}
