"""Events that an engagement service was sent, read from its calls."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from local_cloud.console.domains import key_of
from local_cloud.service.journal import Entry

ACCEPTED: Final = 202
_PUTS: Final = frozenset({"PutProfileObject", "BatchPutProfileObject"})


@dataclass(frozen=True)
class Arrival:
    """One event that was sent to the service.

    Attributes
    ----------
    application_id, endpoint_id, event_id, event
        What arrived where: the application, or the key of a domain.
    moment
        When, Unix milliseconds.
    status
        The status that the service gave it; 202 if it was taken.
    attributes, metrics
        What it says.
    """

    application_id: str
    endpoint_id: str
    event_id: str
    event: str
    moment: int
    status: int
    attributes: dict[str, str]
    metrics: dict[str, float]


def by_pinpoint(entry: Entry) -> Iterator[Arrival]:
    """Yield the events of one call that Pinpoint took, last one first."""
    if entry.operation != "PutEvents" or not entry.processed:
        return
    batch, results = json.loads(entry.request)["BatchItem"], json.loads(entry.response)["Results"]
    for endpoint_id, item in reversed(batch.items()):
        for event_id, event in reversed(item["Events"].items()):
            yield Arrival(
                application_id=entry.facts["application_id"],
                endpoint_id=endpoint_id,
                event_id=event_id,
                event=event["EventType"],
                moment=_moment(entry),
                status=results[endpoint_id]["EventsItemResponse"][event_id]["StatusCode"],
                attributes=event.get("Attributes", {}),
                metrics=event.get("Metrics", {}),
            )


def by_profiles(entry: Entry) -> Iterator[Arrival]:
    """Yield the events of one call that Customer Profiles took, last one first: objects as the pixel writes them."""
    if entry.operation not in _PUTS or not entry.processed:
        return
    request, answer = json.loads(entry.request), json.loads(entry.response)
    failed = {one["Id"]: one["Code"] for one in answer.get("Failed", ())}
    items = request.get("Items", [{"Id": "", "Object": request.get("Object", "")}])
    domain = key_of(entry.account, entry.region, entry.facts["domain_name"])
    for item in reversed(items):
        event = _object(item["Object"])
        if event:
            yield Arrival(
                application_id=domain,
                endpoint_id=str(event.get("customerId", "")),
                event_id=str(event.get("eventId", "")),
                event=str(event.get("eventType", "")),
                moment=_moment(entry),
                status=failed.get(item["Id"], ACCEPTED),
                attributes=event.get("attributes", {}),
                metrics=event.get("metrics", {}),
            )


def _object(text: str) -> Mapping[str, Any]:
    try:
        document = json.loads(text)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _moment(entry: Entry) -> int:
    return int(datetime.fromisoformat(entry.time).timestamp() * 1000)
