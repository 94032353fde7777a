"""Events that let endpoints into journeys, and that the splits of journeys ask for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from local_cloud.pinpoint.applications import Application
from local_cloud.pinpoint.dimensions import event_matches
from local_cloud.pinpoint.endpoint_rules import endpoint_key


def take_in(application: Application, endpoint_id: str, event: Mapping[str, Any], now: str) -> None:
    """Note which journeys an event lets its endpoint into, and who inside it happened to.

    An event that comes before a journey has started is lost (reading).

    Parameters
    ----------
    application
        Who took the event.
    endpoint_id
        Whose event it is.
    event
        An event that was accepted. One of a journey's message also has the ids of its `journey` and `activity`.
    now
        The moment, ISO 8601.
    """
    journeys, key = application.journeys, endpoint_key(endpoint_id)
    for journey, progress in journeys.under_way():
        participant = progress.inside(key) if event.get("journey", journey["Id"]) == journey["Id"] else None
        if participant:
            participant.note(event)
    for journey in journeys.listening(now):
        if event_matches(journey["StartCondition"]["EventStartCondition"]["EventFilter"]["Dimensions"], event):
            journeys.waiting.append((journey["Id"], endpoint_id))
