"""What an event may hold, alone and together with all other events of its application."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from local_cloud.service.messages import ServiceError
from local_cloud.service.moments import is_iso_8601
from local_cloud.service.text import is_longer, size

# Pinpoint quotas, events: 40 attribute and metric keys per event, 50 characters per key, 200 per attribute value,
# 1,000 KB per event (decimal, the smaller reading).
NAMES_PER_EVENT: Final = 40
NAME_CHARACTERS: Final = 50
VALUE_CHARACTERS: Final = 200
EVENT_BYTES: Final = 1_000_000

# Pinpoint quotas, per application. What is used up never comes back.
TYPES_PER_APPLICATION: Final = 1_500
ATTRIBUTES_PER_APPLICATION: Final = 500
METRICS_PER_APPLICATION: Final = 500


class EventNames:
    """The event types, attribute keys and metric keys that an application has ever used."""

    def __init__(self) -> None:
        self._types: set[str] = set()
        self._attributes: set[str] = set()
        self._metrics: set[str] = set()

    def take_in(self, event: Mapping[str, Any]) -> None:
        """Count the names of an event.

        Parameters
        ----------
        event
            An event that keeps the rules of a single event.

        Raises
        ------
        ServiceError
            400 if a quota of the application is used up (reading: the page does not say what happens then).
        """
        attributes, metrics = event.get("Attributes", {}), event.get("Metrics", {})
        _check_quota(self._types, {event["EventType"]: None}, TYPES_PER_APPLICATION, "event types")
        _check_quota(self._attributes, attributes, ATTRIBUTES_PER_APPLICATION, "attribute keys")
        _check_quota(self._metrics, metrics, METRICS_PER_APPLICATION, "metric keys")
        self._types.add(event["EventType"])
        self._attributes.update(attributes)
        self._metrics.update(metrics)

    def snapshot(self) -> dict[str, Any]:
        """Return the names as a JSON document."""
        return {
            "types": sorted(self._types),
            "attributes": sorted(self._attributes),
            "metrics": sorted(self._metrics),
        }

    def restore(self, snapshot: Mapping[str, Any]) -> None:
        """Take over what `snapshot` returned.

        Parameters
        ----------
        snapshot
            The document.
        """
        self._types = set(snapshot["types"])
        self._attributes = set(snapshot["attributes"])
        self._metrics = set(snapshot["metrics"])


def check_event(event: Mapping[str, Any], *, may_be_large: bool) -> None:
    """Check an event on its own.

    Parameters
    ----------
    event
        The event, in the shape of the service model.
    may_be_large
        Whether the request is large enough for an event above the limit.

    Raises
    ------
    ServiceError
        400 with the rule; service model: 400 is the status of events that were not valid.
    """
    attributes, metrics = event.get("Attributes", {}), event.get("Metrics", {})
    if not event["EventType"]:
        raise ServiceError(400, "EventType must not be empty")
    _check_dates(event)
    if len(attributes) + len(metrics) > NAMES_PER_EVENT:
        raise ServiceError(400, f"an event can have at most {NAMES_PER_EVENT} attributes and metrics")
    for names in (attributes, metrics):
        for name in names:
            if not name or is_longer(name, NAME_CHARACTERS):
                raise ServiceError(
                    400, f"the name of an attribute or metric must have 1 to {NAME_CHARACTERS} characters: {name}"
                )
    for name, value in attributes.items():
        # Pinpoint quotas: Pinpoint drops the whole event. Answered as an event that was not valid, so that it shows.
        if is_longer(value, VALUE_CHARACTERS):
            raise ServiceError(400, f"a value of an attribute can have at most {VALUE_CHARACTERS} characters: {name}")
    if may_be_large and size(event) > EVENT_BYTES:
        raise ServiceError(400, f"an event can have at most {EVENT_BYTES} bytes")


def _check_dates(event: Mapping[str, Any]) -> None:
    # Service model: dates are texts in ISO 8601. How old or how new an event may be is not published.
    session = event.get("Session", {})
    dates = {
        "Timestamp": event["Timestamp"],
        **{name: session[name] for name in ("StartTimestamp", "StopTimestamp") if name in session},
    }
    for name, date in dates.items():
        if not is_iso_8601(date):
            raise ServiceError(400, f"{name} must be a date and time in ISO 8601")


def _check_quota(used: set[str], names: Mapping[str, Any], most: int, what: str) -> None:
    fresh = names.keys() - used
    if fresh and len(used) + len(fresh) > most:
        raise ServiceError(400, f"an application can have at most {most} {what}")
