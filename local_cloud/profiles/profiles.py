"""Operations on profiles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from local_cloud.profiles.paging import page
from local_cloud.profiles.profile_store import Key
from local_cloud.profiles.state import Call, Handler
from local_cloud.service.messages import ServiceError

_PLACE: Final = frozenset({"DomainName", "ProfileId"})
# Free text that is for people, or that nothing here reads.
_REFUSED: Final = ("EngagementPreferences",)


def _create(call: Call) -> dict[str, Any]:
    return {"ProfileId": call.domain.profiles.create(_fields(call))}


def _update(call: Call) -> dict[str, Any]:
    identifier = call.parameters["ProfileId"]
    call.domain.profiles.update(identifier, _fields(call))
    return {"ProfileId": identifier}


def _fields(call: Call) -> dict[str, Any]:
    for name in _REFUSED:
        if name in call.parameters:
            raise ServiceError(400, f"{name} is not emulated")
    return {name: value for name, value in call.parameters.items() if name not in _PLACE}


def _delete(call: Call) -> dict[str, Any]:
    domain, identifier = call.domain, call.parameters["ProfileId"]
    domain.profiles.delete(identifier)
    domain.objects.remove_where(profile_id=identifier)
    return {"Message": "OK"}


def _add_key(call: Call) -> dict[str, Any]:
    call.domain.profiles.add_keys(call.parameters["ProfileId"], _keys(call.parameters))
    return call.given("KeyName", "Values")


def _delete_key(call: Call) -> dict[str, Any]:
    call.domain.profiles.remove_keys(call.parameters["ProfileId"], _keys(call.parameters))
    return {"Message": "OK"}


def _keys(parameters: Mapping[str, Any]) -> set[Key]:
    return {(parameters["KeyName"], value) for value in parameters["Values"]}


def _search(call: Call) -> dict[str, Any]:
    """Service model: OR is the default; AND shows what every key finds."""
    profiles = call.domain.profiles
    wanted = [_key(call.parameters), *(_key(more) for more in call.parameters.get("AdditionalSearchKeys", []))]
    found = {key: profiles.find(key) for key in wanted}
    if call.parameters.get("LogicalOperator", "OR") == "AND":
        identifiers = set.intersection(*found.values())
    else:
        identifiers = set.union(*found.values())
    items = [
        {
            **profiles.documents[identifier],
            "FoundByItems": [
                {"KeyName": name, "Values": [value]} for (name, value), ids in found.items() if identifier in ids
            ],
        }
        for identifier in profiles.documents
        if identifier in identifiers
    ]
    return page(items, call)


def _key(parameters: Mapping[str, Any]) -> Key:
    values = parameters["Values"]
    # What several values of one key mean is not published (reading).
    if len(values) != 1:
        raise ServiceError(400, "Values: a key is searched by one value, use AdditionalSearchKeys for more")
    return parameters["KeyName"], values[0]


def _get_batch(call: Call) -> dict[str, Any]:
    documents, wanted = call.domain.profiles.documents, call.parameters["ProfileIds"]
    return {
        "Profiles": [documents[identifier] for identifier in wanted if identifier in documents],
        "Errors": [
            {"Code": "404", "Message": "the profile does not exist", "ProfileId": identifier}
            for identifier in wanted
            if identifier not in documents
        ],
    }


HANDLERS: Final[Mapping[str, Handler]] = {
    "CreateProfile": _create,
    "UpdateProfile": _update,
    "DeleteProfile": _delete,
    "AddProfileKey": _add_key,
    "DeleteProfileKey": _delete_key,
    "SearchProfiles": _search,
    "BatchGetProfile": _get_batch,
}
