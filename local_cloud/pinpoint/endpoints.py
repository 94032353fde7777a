"""Operations on endpoints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from local_cloud.pinpoint.applications import Applications, Call, Handler
from local_cloud.service.messages import ServiceError

# Service model, EndpointBatchRequest: at most 100 items.
BATCH_ITEMS: Final = 100


def _get(applications: Applications, call: Call) -> dict[str, Any]:
    return applications.of(call).endpoints.get(call.parameters["EndpointId"])


def _update(applications: Applications, call: Call) -> dict[str, Any]:
    application = applications.of(call)
    application.endpoints.update(call.parameters["EndpointId"], call.body, call.now, call.request_id)
    return _accepted(call)


def _update_batch(applications: Applications, call: Call) -> dict[str, Any]:
    application = applications.of(call)
    items = call.body["Item"]
    if not 1 <= len(items) <= BATCH_ITEMS:
        raise ServiceError(400, f"a batch must have 1 to {BATCH_ITEMS} items")
    # The answer has no status per item, so one bad item fails the batch (reading).
    changed = application.endpoints.copy()
    for number, item in enumerate(items):
        try:
            change = {name: value for name, value in item.items() if name != "Id"}
            changed.update(item.get("Id", ""), change, call.now, call.request_id)
        except ServiceError as error:
            raise ServiceError(error.status, f"Item[{number}]: {error.message}") from error
    application.endpoints = changed
    return _accepted(call)


def _delete(applications: Applications, call: Call) -> dict[str, Any]:
    return applications.of(call).endpoints.delete(call.parameters["EndpointId"], call.now)


def _of_user(applications: Applications, call: Call) -> dict[str, Any]:
    found = applications.of(call).endpoints.of_user(call.parameters["UserId"])
    if not found:
        raise ServiceError(404, "the user has no endpoints")
    return {"Item": found}


def _accepted(call: Call) -> dict[str, Any]:
    return {"Message": "Accepted", "RequestID": call.request_id}


HANDLERS: Final[Mapping[str, Handler]] = {
    "GetEndpoint": _get,
    "UpdateEndpoint": _update,
    "UpdateEndpointsBatch": _update_batch,
    "DeleteEndpoint": _delete,
    "GetUserEndpoints": _of_user,
}
