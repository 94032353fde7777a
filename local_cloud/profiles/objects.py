"""Operations on objects: what is put is stored later, when its profile is found."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from local_cloud.faults import PROFILE_BATCH
from local_cloud.profiles.mapping import unique_key
from local_cloud.profiles.paging import page
from local_cloud.profiles.profile_store import MOST_BYTES
from local_cloud.profiles.state import Call, Handler, Pending
from local_cloud.service.messages import ServiceError

_PUT: Final = "PutProfileObject"


def _put(call: Call) -> dict[str, Any]:
    pending = _checked(call, call.parameters["Object"])
    call.domain.pending.append(pending)
    return {"ProfileObjectUniqueKey": pending.unique_key}


def _put_batch(call: Call) -> dict[str, Any]:
    items = call.parameters["Items"]
    if len({item["Id"] for item in items}) < len(items):
        raise ServiceError(400, "Items: an Id comes twice")
    call.domain.object_type(call.parameters["ObjectTypeName"])
    if not call.throttle.allows(call.account, call.region, _PUT, len(items)):
        raise ServiceError(429, "too many objects")
    successful, failed = [], []
    for item in items:
        try:
            _fail_to_order(call, item)
            pending = _checked(call, item["Object"])
        except ServiceError as error:
            failed.append({"Id": item["Id"], "Code": error.status, "Message": error.message})
        else:
            call.domain.pending.append(pending)
            successful.append({"Id": item["Id"], "ProfileObjectUniqueKey": pending.unique_key})
    return {"Successful": successful, "Failed": failed}


def _fail_to_order(call: Call, item: Mapping[str, str]) -> None:
    facts = {
        "domain_name": call.parameters["DomainName"],
        "object_type_name": call.parameters["ObjectTypeName"],
        "object": item["Object"],
    }
    fault = call.faults.take(PROFILE_BATCH, kinds={"item"}, **facts)
    if fault:
        raise ServiceError(fault.status, "injected")


def _checked(call: Call, text: str) -> Pending:
    """Make sure that an object can be taken: what becomes of it afterwards, the caller never learns."""
    object_type = call.domain.object_type(call.parameters["ObjectTypeName"])
    # Connect quotas: 250 KB per object, where the model allows 256,000 characters.
    if len(text.encode("utf-8", "surrogatepass")) > MOST_BYTES:
        raise ServiceError(400, f"Object: an object can have at most {MOST_BYTES} bytes")
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ServiceError(400, "Object must be the text of a JSON object") from error
    if not isinstance(document, dict):
        raise ServiceError(400, "Object must be the text of a JSON object")
    return Pending(object_type["ObjectTypeName"], unique_key(object_type, document), text, call.now)


def _list(call: Call) -> dict[str, Any]:
    domain, name = call.domain, call.parameters["ObjectTypeName"]
    domain.object_type(name)
    domain.profiles.get(call.parameters["ProfileId"])
    if "ObjectFilter" in call.parameters:
        raise ServiceError(400, "ObjectFilter is not emulated")
    known = reversed(domain.objects.of_profile(call.parameters["ProfileId"], name))
    return page(
        [
            {"ObjectTypeName": one.type_name, "ProfileObjectUniqueKey": one.unique_key, "Object": one.text}
            for one in known
        ],
        call,
    )


def _delete(call: Call) -> dict[str, Any]:
    domain, parameters = call.domain, call.parameters
    known = domain.objects.of_profile(parameters["ProfileId"], parameters["ObjectTypeName"])
    if not any(one.unique_key == parameters["ProfileObjectUniqueKey"] for one in known):
        raise ServiceError(404, "the object does not exist")
    domain.objects.remove(parameters["ObjectTypeName"], parameters["ProfileObjectUniqueKey"])
    return {"Message": "OK"}


HANDLERS: Final[Mapping[str, Handler]] = {
    "PutProfileObject": _put,
    "BatchPutProfileObject": _put_batch,
    "ListProfileObjects": _list,
    "DeleteProfileObject": _delete,
}
