"""Operations on domains."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from local_cloud.profiles.paging import page
from local_cloud.profiles.state import Call, Domain, Handler
from local_cloud.service.messages import ServiceError

# Connect quotas: objects are metered in hundreds per profile (CloudFormation, DomainStats).
_METERED_OBJECTS: Final = 100
_TEXTS: Final = ("DefaultExpirationDays", "DefaultEncryptionKey", "DeadLetterQueueUrl")
# What finds and merges profiles by itself, and queries by SQL.
_REFUSED: Final = ("Matching", "RuleBasedMatching", "DataStore")
_SUMMARY: Final = ("DomainName", "CreatedAt", "LastUpdatedAt", "Tags")


def _create(call: Call) -> dict[str, Any]:
    name = call.parameters["DomainName"]
    if call.domains.find((call.account, call.region, name)):
        raise ServiceError(400, f"the domain {name} exists already")
    document = {
        "DomainName": name,
        **_given(call),
        "CreatedAt": call.now,
        "LastUpdatedAt": call.now,
        **call.given("Tags"),
    }
    call.domains.add(Domain(call.account, call.region, document))
    return document


def _update(call: Call) -> dict[str, Any]:
    """Service model: an empty text removes the key or the queue."""
    document = call.domain.document
    document.update(_given(call), LastUpdatedAt=call.now, **call.given("Tags"))
    for name in ("DefaultEncryptionKey", "DeadLetterQueueUrl"):
        if document.get(name) == "":
            del document[name]
    return document


def _given(call: Call) -> dict[str, Any]:
    for name in _REFUSED:
        if call.parameters.get(name, {}).get("Enabled"):
            raise ServiceError(400, f"{name} is not emulated: leave it out or disable it")
    return call.given(*_TEXTS)


def _get(call: Call) -> dict[str, Any]:
    domain = call.domain
    objects = domain.objects.all()
    counts = [len(domain.objects.of_profile(identifier)) for identifier in domain.profiles.documents]
    return {
        **domain.document,
        "Stats": {
            "ProfileCount": len(counts),
            "MeteringProfileCount": sum(max(1, -(-count // _METERED_OBJECTS)) for count in counts),
            "ObjectCount": len(objects),
            "TotalSize": sum(len(stored.text) for stored in objects),
        },
    }


def _list(call: Call) -> dict[str, Any]:
    visible = [
        domain for domain in call.domains.all() if (domain.account, domain.region) == (call.account, call.region)
    ]
    return page([{name: one.document[name] for name in _SUMMARY if name in one.document} for one in visible], call)


def _delete(call: Call) -> dict[str, Any]:
    call.domains.remove(call.domain)
    return {"Message": "OK"}


HANDLERS: Final[Mapping[str, Handler]] = {
    "CreateDomain": _create,
    "GetDomain": _get,
    "UpdateDomain": _update,
    "ListDomains": _list,
    "DeleteDomain": _delete,
}
