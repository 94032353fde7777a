"""PutEvents: endpoints and events of a batch, each with a status of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from local_cloud.faults import PUT_EVENTS
from local_cloud.pinpoint import journey_events
from local_cloud.pinpoint.applications import Application, Applications, Call, Handler
from local_cloud.pinpoint.campaign_events import trigger
from local_cloud.pinpoint.endpoint_rules import endpoint_key
from local_cloud.pinpoint.event_rules import EVENT_BYTES, check_event
from local_cloud.pinpoint.stream_queue import Taken
from local_cloud.pinpoint.stream_records import Recipient
from local_cloud.service.messages import ServiceError

# Pinpoint quotas, PutEvents: 100 events and 4 MB per request (decimal, the smaller reading).
EVENTS_PER_REQUEST: Final = 100
REQUEST_BYTES: Final = 4_000_000

_ACCEPTED: Final = {"StatusCode": 202, "Message": "Accepted"}


def _put_events(applications: Applications, call: Call) -> dict[str, Any]:
    batch = call.body["BatchItem"]
    application = applications.of(call)
    _check_request(call, batch)
    intake = _Intake(application, call)
    return {"Results": {endpoint_id: intake.take_in(endpoint_id, item) for endpoint_id, item in batch.items()}}


def _check_request(call: Call, batch: Mapping[str, Any]) -> None:
    if call.body_bytes > REQUEST_BYTES:
        raise ServiceError(413, f"a request can have at most {REQUEST_BYTES} bytes")
    if not 1 <= sum(len(item["Events"]) for item in batch.values()) <= EVENTS_PER_REQUEST:
        raise ServiceError(400, f"a request must have 1 to {EVENTS_PER_REQUEST} events")
    items = (facts for endpoint_id, item in batch.items() for facts in _facts(call, endpoint_id, item))
    if call.faults.take_any(PUT_EVENTS, items, kinds={"reject_call"}):
        raise ServiceError(400, "the request holds an item that is not valid")


class _Intake:
    """Takes in one request, item by item."""

    def __init__(self, application: Application, call: Call) -> None:
        self._application = application
        self._call = call
        self._faulty = call.faults.has(PUT_EVENTS, "item")

    def take_in(self, endpoint_id: str, item: Mapping[str, Any]) -> dict[str, Any]:
        """Service model, ItemResponse: the endpoint and each of its events have a status of their own.

        An event is kept although its endpoint's part is refused (reading), unless no endpoint can have that id.
        """
        endpoint = _status(lambda: self._endpoint(endpoint_id, item))
        return {
            "EndpointItemResponse": endpoint,
            "EventsItemResponse": {
                event_id: _status(lambda: self._event(endpoint_id, event_id, event))  # noqa: B023 called at once
                for event_id, event in item["Events"].items()
            },
        }

    def _endpoint(self, endpoint_id: str, item: Mapping[str, Any]) -> None:
        self._fail_on_request("endpoint", endpoint_id, item)
        endpoints, now, request_id = self._application.endpoints, self._call.now, self._call.request_id
        if item["Endpoint"]:
            endpoints.update(endpoint_id, item["Endpoint"], now, request_id)
        else:
            # An empty endpoint creates one, or names one that exists and changes nothing of it (reading).
            endpoints.ensure(endpoint_id, now, request_id)

    def _event(self, endpoint_id: str, event_id: str, event: Mapping[str, Any]) -> None:
        self._fail_on_request("event", endpoint_id, {"Events": {event_id: event}})
        endpoint_key(endpoint_id)
        check_event(event, may_be_large=self._call.body_bytes > EVENT_BYTES)
        self._application.event_names.take_in(event)
        trigger(self._application, endpoint_id, event)
        journey_events.take_in(self._application, endpoint_id, event, self._call.now)
        if self._application.event_stream:
            recipient = Recipient(self._application.summary["Id"], self._application.account, endpoint_id)
            self._call.stream.put(Taken(recipient, event))

    def _fail_on_request(self, part: str, endpoint_id: str, item: Mapping[str, Any]) -> None:
        if not self._faulty:
            return
        facts = [{**known, "part": part} for known in _facts(self._call, endpoint_id, item)]
        fault = self._call.faults.take_any(PUT_EVENTS, facts, kinds={"item"})
        if fault:
            raise ServiceError(fault.status, "injected")


def _status(take_in: Callable[[], None]) -> dict[str, Any]:
    try:
        take_in()
    except ServiceError as error:
        return {"StatusCode": error.status, "Message": error.message}
    return _ACCEPTED


def _facts(call: Call, endpoint_id: str, item: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """What rules for items are compared with: the endpoint with each event, and by itself if there is none."""
    endpoint = {"application_id": call.parameters["ApplicationId"], "endpoint_id": endpoint_id}
    for event_id, event in item["Events"].items():
        yield {**endpoint, "event_id": event_id, "event_type": event["EventType"]}
    if not item["Events"]:
        yield endpoint


HANDLERS: Final[Mapping[str, Handler]] = {"PutEvents": _put_events}
