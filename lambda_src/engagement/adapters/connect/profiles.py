"""Amazon Connect Customer Profiles as a destination: one object per event, with the status of every item."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from engagement.adapters.connect.sdk import ProfilesClient
from engagement.adapters.refusals import call_of, item_of
from engagement.domain.destination import Answer, Call, Item
from engagement.domain.destinations import DestinationName
from engagement.domain.draft import EVENT_ID
from engagement.domain.event import Event, Key
from engagement.domain.request import Request, pack

OBJECTS_PER_REQUEST = 10
OBJECT_BYTES = 250_000
"""The quota says 250 KB, the service model 256,000 characters: this is inside both."""


@dataclass(frozen=True, slots=True)
class ObjectTypes:
    """The object types that events become: by the route on which they came, since a type says whether its objects may
    make profiles."""

    public: str
    trusted: str

    def of(self, event: Event) -> str:
        """The object type of an event."""
        return self.trusted if event.trusted else self.public


class Profiles:
    """A domain of Customer Profiles.

    Parameters
    ----------
    client
        A client that makes one attempt per call.
    domain
        Name of the domain.
    object_types
        Names of its object types.
    """

    name = DestinationName.CONNECT

    def __init__(self, client: ProfilesClient, domain: str, object_types: ObjectTypes) -> None:
        self._put_one = client.put_profile_object
        self._put_several = getattr(client, "batch_put_profile_object", None)
        self._domain = domain
        self._types = object_types

    def pack(self, events: Iterable[Event]) -> list[Request]:
        """Requests of at most 10 objects of one type, in order within a type; singly where the SDK has no other call.

        The quota counts objects, as far as it is known.
        """
        by_type: dict[str, list[Event]] = {}
        for event in events:
            by_type.setdefault(self._types.of(event), []).append(event)
        most = OBJECTS_PER_REQUEST if self._put_several else 1
        requests = [request for of_type in by_type.values() for request in pack(of_type, most, float("inf"))]
        for request in requests:
            request.units = len(request.events)
        return requests

    def put(self, request: Request) -> Answer:
        """Put the objects of one request."""
        objects = {key: _object(event) for key, event in request.events.items()}
        large = {key: Item.TOO_LARGE for key, text in objects.items() if len(text) > OBJECT_BYTES}
        small = {key: text for key, text in objects.items() if key not in large}
        if not small:
            return Answer(Call.ANSWERED, large)
        # A request holds objects of one type.
        object_type = self._types.of(next(iter(request.events.values())))
        try:
            items = self._put(object_type, small)
        except ClientError as error:
            return Answer(call_of(error))
        except BotoCoreError:
            return Answer(Call.UNKNOWN)
        return Answer(Call.ANSWERED, items | large)

    def _put(self, object_type: str, objects: Mapping[Key, str]) -> dict[Key, Item]:
        address = {"DomainName": self._domain, "ObjectTypeName": object_type}
        if self._put_several is None:
            ((key, text),) = objects.items()
            self._put_one(**address, Object=text)
            return {key: Item.DONE}
        # An event's own id may have characters that an item's cannot.
        keys = {str(number): key for number, key in enumerate(objects)}
        items = [{"Id": number, "Object": objects[key]} for number, key in keys.items()]
        return _items(keys, self._put_several(**address, Items=items))


def _object(event: Event) -> str:
    document = {
        "eventId": event.event_id,
        "eventType": event.event_type,
        "occurredAt": event.occurred_at,
        "customerId": event.endpoint_id,
        # It stands above, where a key of the object type can name it.
        "attributes": {name: value for name, value in event.attributes.items() if name != EVENT_ID},
        "metrics": event.metrics,
        "userAttributes": event.user_attributes,
    }
    return json.dumps(document, separators=(",", ":"))


def _items(keys: Mapping[str, Key], answer: Mapping[str, Any]) -> dict[Key, Item]:
    """What became of each object; one that the answer does not name, or calls failed and fine at once, is not known."""
    items = {keys[item["Id"]]: Item.DONE for item in answer.get("Successful") or () if item.get("Id") in keys}
    for item in answer.get("Failed") or ():
        if item.get("Id") in keys:
            never = item_of(item.get("Code")) is Item.NEVER
            items[keys[item["Id"]]] = Item.NEVER if never else Item.AGAIN
    return items
