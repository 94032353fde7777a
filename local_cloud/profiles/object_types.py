"""Operations on object types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from local_cloud.profiles.object_type_rules import check_object_type
from local_cloud.profiles.paging import page
from local_cloud.profiles.state import Call, Handler
from local_cloud.service.messages import ServiceError

# Connect quotas.
_MOST_TYPES: Final = 100
# Connect quotas: objects per profile.
MOST_OBJECTS: Final = 1_000
_OPTIONAL: Final = ("EncryptionKey", "SourceLastUpdatedTimestampFormat", "SourcePriority", "MaxProfileObjectCount")
_SUMMARY: Final = (
    "ObjectTypeName",
    "Description",
    "CreatedAt",
    "LastUpdatedAt",
    "MaxProfileObjectCount",
    "SourcePriority",
    "Tags",
)


def _put(call: Call) -> dict[str, Any]:
    domain, name = call.domain, call.parameters["ObjectTypeName"]
    old = domain.object_types.get(name)
    if "TemplateId" in call.parameters:
        raise ServiceError(400, "TemplateId: templates are not emulated, give Fields and Keys")
    if old is None and len(domain.object_types) >= _MOST_TYPES:
        raise ServiceError(400, f"a domain can have at most {_MOST_TYPES} object types")
    if call.parameters.get("MaxProfileObjectCount", 1) > MOST_OBJECTS:
        raise ServiceError(400, f"MaxProfileObjectCount: a profile can have at most {MOST_OBJECTS} objects")
    fields, keys = call.parameters.get("Fields", {}), call.parameters.get("Keys", {})
    check_object_type(name, fields, keys)
    document = {
        "ObjectTypeName": name,
        "Description": call.parameters["Description"],
        "ExpirationDays": call.parameters.get("ExpirationDays", domain.document["DefaultExpirationDays"]),
        "AllowProfileCreation": call.parameters.get("AllowProfileCreation", False),
        **call.given(*_OPTIONAL),
        "Fields": fields,
        "Keys": keys,
        "CreatedAt": old["CreatedAt"] if old else call.now,
        "LastUpdatedAt": call.now,
        # Service model: tags of a type that exists are changed with TagResource.
        **({name: old[name] for name in ("Tags",) if name in old} if old else call.given("Tags")),
    }
    domain.object_types[name] = document
    return document


def _get(call: Call) -> dict[str, Any]:
    return call.domain.object_type(call.parameters["ObjectTypeName"])


def _list(call: Call) -> dict[str, Any]:
    known = call.domain.object_types.values()
    return page([{name: one[name] for name in _SUMMARY if name in one} for one in known], call)


def _delete(call: Call) -> dict[str, Any]:
    """Service model: the objects of the type go with it."""
    domain, name = call.domain, call.parameters["ObjectTypeName"]
    domain.object_type(name)
    # What becomes of a trigger whose type is gone is not published (reading).
    if any(trigger["ObjectTypeName"] == name for trigger in domain.triggers.values()):
        raise ServiceError(400, f"an event trigger uses the object type {name}: delete that first")
    del domain.object_types[name]
    domain.objects.remove_where(type_name=name)
    domain.pending = [one for one in domain.pending if one.type_name != name]
    return {"Message": "OK"}


HANDLERS: Final[Mapping[str, Handler]] = {
    "PutProfileObjectType": _put,
    "GetProfileObjectType": _get,
    "ListProfileObjectTypes": _list,
    "DeleteProfileObjectType": _delete,
}
