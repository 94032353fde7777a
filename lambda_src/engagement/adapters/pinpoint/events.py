"""Amazon Pinpoint as a destination: PutEvents, with the status of every item."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from engagement.adapters.refusals import call_of, item_of
from engagement.domain import limits
from engagement.domain.destination import Answer, Call
from engagement.domain.destinations import DestinationName
from engagement.domain.event import Event, folded
from engagement.domain.request import Request, merged_update, pack

if TYPE_CHECKING:
    from mypy_boto3_pinpoint import PinpointClient
    from mypy_boto3_pinpoint.type_defs import (
        EventsBatchTypeDef,
        EventsResponseTypeDef,
        EventTypeDef,
        PublicEndpointTypeDef,
    )


class Pinpoint:
    """A Pinpoint project.

    Parameters
    ----------
    client
        A client that makes one attempt per call.
    application_id
        ID of the project.
    """

    name = DestinationName.PINPOINT

    def __init__(self, client: PinpointClient, application_id: str) -> None:
        self._client = client
        self._application_id = application_id

    def pack(self, events: Iterable[Event]) -> list[Request]:
        """Requests of at most 100 events and 4 MB; an endpoint stands in each once, with one merged update."""
        return pack(events, limits.EVENTS_PER_REQUEST, limits.REQUEST_BYTES)

    def put(self, request: Request) -> Answer:
        """Send one PutEvents request."""
        items = {endpoint_id: _item(events) for endpoint_id, events in request.by_endpoint().items()}
        try:
            answer = self._client.put_events(ApplicationId=self._application_id, EventsRequest={"BatchItem": items})
        except ClientError as error:
            return Answer(call_of(error))
        except BotoCoreError:
            return Answer(Call.UNKNOWN)
        return _answer(answer["EventsResponse"])


def _item(events: list[Event]) -> EventsBatchTypeDef:
    update = merged_update(events)
    # An update makes the endpoint active again, so an event without one must not carry anything.
    endpoint: PublicEndpointTypeDef = (
        {"User": {"UserAttributes": {name: [value] for name, value in update.items()}}} if update else {}
    )
    return {"Endpoint": endpoint, "Events": {event.event_id: _event(event) for event in events}}


def _event(event: Event) -> EventTypeDef:
    fields: EventTypeDef = {
        "EventType": event.event_type,
        "Timestamp": event.occurred_at,
        "Attributes": event.attributes,
    }
    if event.metrics:
        fields["Metrics"] = event.metrics
    return fields


def _answer(response: EventsResponseTypeDef) -> Answer:
    results = response.get("Results") or {}
    events = {
        (folded(endpoint_id), event_id): item_of(item.get("StatusCode"))
        for endpoint_id, result in results.items()
        for event_id, item in (result.get("EventsItemResponse") or {}).items()
    }
    updates = {
        folded(endpoint_id): item_of((result.get("EndpointItemResponse") or {}).get("StatusCode", HTTPStatus.ACCEPTED))
        for endpoint_id, result in results.items()
    }
    return Answer(Call.ANSWERED, events, updates)
