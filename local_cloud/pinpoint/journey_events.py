"""Events that let endpoints into journeys, and that the splits of journeys ask for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from local_cloud.pinpoint.applications import Application
from local_cloud.pinpoint.dimensions import event_matches
from local_cloud.pinpoint.endpoint_rules import endpoint_key
from local_cloud.service.outbox import Message


def take_in(application: Application, endpoint_id: str, event: Mapping[str, Any], now: str) -> None:
    """Note which journeys an event lets its endpoint into, and who inside them it happened to.

    An event that comes before a journey has started is lost (reading).

    Parameters
    ----------
    application
        Who took the event.
    endpoint_id
        Whose event it is.
    event
        An event of `PutEvents` that was accepted.
    now
        The moment, ISO 8601.
    """
    journeys, key = application.journeys, endpoint_key(endpoint_id)
    for _, progress in journeys.under_way():
        participant = progress.inside(key)
        if participant:
            participant.note(event)
    for journey in journeys.listening(now):
        if event_matches(journey["StartCondition"]["EventStartCondition"]["EventFilter"]["Dimensions"], event):
            journeys.waiting.append((journey["Id"], endpoint_id))


def take_in_outcome(application: Application, message: Message, record: Mapping[str, Any]) -> None:
    """Note what became of a message, for the splits of the journey that sent it.

    It lets nobody into a journey: service model, EventFilter, events of endpoints are those of `PutEvents`. A message
    that was sent before its participant entered anew does not count any more (reading).

    Parameters
    ----------
    application
        Who sent the message.
    message
        Any message; those of campaigns concern no journey (reading).
    record
        What the event stream tells.
    """
    progress = application.journeys.progress(message.journey_id)
    participant = progress.inside(endpoint_key(message.endpoint_id)) if progress else None
    if progress and participant and progress.entered_at(participant) <= message.time:
        participant.note(
            {
                "EventType": record["event_type"],
                "Attributes": record["attributes"],
                "Metrics": record.get("metrics", {}),
                "activity": message.journey_activity_id,
            }
        )
