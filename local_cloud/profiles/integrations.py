"""Operations on integrations: of an event trigger with a campaign, or of a source of data that brings nothing here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from local_cloud.profiles.paging import page
from local_cloud.profiles.state import Call, Domain, Handler, found
from local_cloud.profiles.trigger_rules import is_campaign
from local_cloud.service.messages import ServiceError

# Connect quotas.
_MOST: Final = 50
_KEPT: Final = ("ObjectTypeName", "ObjectTypeNames", "RoleArn", "EventTriggerNames", "Scope")


def _put(call: Call) -> dict[str, Any]:
    domain, uri = call.domain, call.parameters.get("Uri")
    if uri is None or "FlowDefinition" in call.parameters:
        raise ServiceError(400, "Uri must be given, and FlowDefinition is not emulated")
    old = domain.integrations.get(uri)
    if old is None and len(domain.integrations) >= _MOST:
        raise ServiceError(400, f"a domain can have at most {_MOST} integrations")
    if "EventTriggerNames" in call.parameters:
        _check_trigger(call, domain, uri)
    else:
        _check_source(call, domain)
    document = {
        "DomainName": domain.name,
        "Uri": uri,
        **call.given(*_KEPT),
        "CreatedAt": old["CreatedAt"] if old else call.now,
        "LastUpdatedAt": call.now,
        **call.given("Tags"),
    }
    domain.integrations[uri] = document
    return document


def _check_trigger(call: Call, domain: Domain, uri: str) -> None:
    """One trigger, one campaign. That the URI is the campaign's ARN is not published (reading)."""
    if not is_campaign(uri):
        raise ServiceError(400, "Uri must be the ARN of a campaign where EventTriggerNames are given")
    if "ObjectTypeName" in call.parameters or "ObjectTypeNames" in call.parameters:
        raise ServiceError(400, "EventTriggerNames and object types exclude each other: the trigger has its type")
    for name in call.parameters["EventTriggerNames"]:
        domain.trigger(name)
        if domain.campaign_of(name) not in (None, uri):
            raise ServiceError(400, f"the event trigger {name} drives another campaign already")


def _check_source(call: Call, domain: Domain) -> None:
    if ("ObjectTypeName" in call.parameters) == ("ObjectTypeNames" in call.parameters):
        raise ServiceError(400, "one of ObjectTypeName, ObjectTypeNames and EventTriggerNames must be given")
    names = call.parameters.get("ObjectTypeNames", {}).values()
    for name in names or [call.parameters["ObjectTypeName"]]:
        domain.object_type(name)


def _get(call: Call) -> dict[str, Any]:
    return found(call.domain.integrations, call.parameters["Uri"], "integration")


def _list(call: Call) -> dict[str, Any]:
    return page(list(call.domain.integrations.values()), call)


def _delete(call: Call) -> dict[str, Any]:
    uri = _get(call)["Uri"]
    del call.domain.integrations[uri]
    return {"Message": "OK"}


HANDLERS: Final[Mapping[str, Handler]] = {
    "PutIntegration": _put,
    "GetIntegration": _get,
    "ListIntegrations": _list,
    "DeleteIntegration": _delete,
}
