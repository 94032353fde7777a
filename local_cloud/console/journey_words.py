"""Journeys in words: who enters, what an activity does, what a split asks for. Pure functions.

They are told as they stand in the service's documents, also in drafts that are not whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any, Final

from local_cloud.pinpoint.journey_graph import kinds_of
from local_cloud.service.moments import duration

Document = Mapping[str, Any]
Segments = Mapping[str, str]

_UNITS: Final = (("day", timedelta(days=1)), ("hour", timedelta(hours=1)), ("minute", timedelta(minutes=1)))
_ATTRIBUTE: Final = {
    "INCLUSIVE": "is",
    "EXCLUSIVE": "is not",
    "CONTAINS": "contains",
    "BEFORE": "is before",
    "AFTER": "is after",
    "ON": "is on",
    "BETWEEN": "is between",
}
_METRIC: Final = {
    "GREATER_THAN": "is more than",
    "GREATER_THAN_OR_EQUAL": "is at least",
    "LESS_THAN": "is less than",
    "LESS_THAN_OR_EQUAL": "is at most",
    "EQUAL": "is",
}
_RECENCY: Final = {"HR_24": "24 hours", "DAY_7": "7 days", "DAY_14": "14 days", "DAY_30": "30 days"}


def entry(journey: Document, segments: Segments) -> list[str]:
    """Say who enters a journey.

    Parameters
    ----------
    journey
        The journey.
    segments
        Names of segments by id.

    Returns
    -------
    list of str
        Lines.
    """
    start = journey.get("StartCondition", {})
    by_event, by_segment = start.get("EventStartCondition"), start.get("SegmentStartCondition")
    lines = []
    if by_event is not None:
        event = _event(by_event.get("EventFilter", {}).get("Dimensions", {}))
        narrowed = by_event.get("SegmentId")
        lines.append(f"{event}{f', of endpoints of {_segment(narrowed, segments)}' if narrowed else ''}")
    if by_segment is not None:
        lines.append(f"endpoints of {_segment(by_segment.get('SegmentId', ''), segments)}")
    if journey.get("RefreshFrequency"):
        lines.append(f"the segment is looked at again every {_length(journey['RefreshFrequency'])}")
    if journey.get("RefreshOnSegmentUpdate"):
        lines.append("the segment is looked at again when it changes")
    return [*lines, *_reentry(journey.get("Limits", {}))] if lines else ["nobody: it has no start condition"]


def details(activity: Document, segments: Segments) -> list[str]:
    """Say what an activity does.

    Parameters
    ----------
    activity
        The activity.
    segments
        Names of segments by id.

    Returns
    -------
    list of str
        Lines; branches of splits say the rest.
    """
    return [line for kind in kinds_of(activity) for line in _details(kind, activity[kind], segments)]


def condition(asked: Document, segments: Segments) -> str:
    """Say what a condition of a split asks for.

    Parameters
    ----------
    asked
        `SimpleCondition` of the service model.
    segments
        Names of segments by id.

    Returns
    -------
    str
        A clause.
    """
    return _and(_clauses(asked, segments)) or "anything"


def _details(kind: str, settings: Document, segments: Segments) -> Iterator[str]:
    match kind:
        case "CUSTOM":
            yield f"calls {settings.get('DeliveryUri', 'nothing').rpartition(':')[2]}"
            data = settings.get("MessageConfig", {}).get("Data")
            if data:
                yield f"with {data}"
            if settings.get("EndpointTypes"):
                yield f"for endpoints of {_or(settings['EndpointTypes'])}"
        case "EMAIL" | "SMS" | "PUSH":
            version = settings.get("TemplateVersion")
            yield f"template {settings.get('TemplateName', '(none)')}{f', version {version}' if version else ''}"
            message = settings.get("MessageConfig", {})
            sender = message.get("FromAddress") or message.get("SenderId") or message.get("OriginationNumber")
            if sender:
                yield f"from {sender}"
        case "Wait":
            yield f"goes on {_when(settings.get('WaitTime', {}))}"
        case "ConditionalSplit":
            yield from _question(settings.get("Condition", {}), segments)
    if settings.get("EvaluationWaitTime"):
        yield f"decides {_when(settings['EvaluationWaitTime'])}"


def _question(asked: Document, segments: Segments) -> Iterator[str]:
    conditions = [condition(one, segments) for one in asked.get("Conditions", [])]
    if len(conditions) > 1:
        yield "any of:" if asked.get("Operator") == "ANY" else "all of:"
    yield from conditions


def _reentry(limits: Document) -> Iterator[str]:
    cap = limits.get("EndpointReentryCap", 1)
    yield "as often as they come" if not cap else "once" if cap == 1 else f"at most {cap} times"
    if limits.get("EndpointReentryInterval") and cap != 1:
        yield f"again after {_length(limits['EndpointReentryInterval'])}"


def _clauses(asked: Document, segments: Segments) -> Iterator[str]:
    if "EventCondition" in asked:
        source = asked["EventCondition"].get("MessageActivity")
        event = _event(asked["EventCondition"].get("Dimensions", {}))
        yield f"{event}{f', after {source}' if source else ''}"
    if "SegmentCondition" in asked:
        yield f"belongs to {_segment(asked['SegmentCondition'].get('SegmentId', ''), segments)}"
    yield from _criteria(asked.get("segmentDimensions", {}))


def _event(dimensions: Document) -> str:
    event_type = dimensions.get("EventType")
    name = "any event"
    if event_type:
        unless = "any event but " if event_type.get("DimensionType") == "EXCLUSIVE" else "the event "
        name = f"{unless}{_or(event_type.get('Values', []))}"
    criteria = _and(_criteria({**dimensions, "EventType": None}))
    return f"{name} where {criteria}" if criteria else name


def _criteria(dimensions: Document) -> Iterator[str]:
    """Of endpoints and of events: what is not asked for is not there."""
    for prefix, kind in (("", "Attributes"), ("user's ", "UserAttributes")):
        for name, asked in (dimensions.get(kind) or {}).items():
            verb, values = _ATTRIBUTE.get(asked.get("AttributeType", "INCLUSIVE"), "?"), asked.get("Values", [])
            yield f"{prefix}{name} {verb} {_and(values) if verb == 'is between' else _or(values)}"
    for name, asked in (dimensions.get("Metrics") or {}).items():
        yield f"{name} {_METRIC.get(asked.get('ComparisonOperator'), '?')} {asked.get('Value', 0):g}"
    for name, asked in (dimensions.get("Demographic") or {}).items():
        yield _set(name, asked)
    location = dimensions.get("Location") or {}
    if "Country" in location:
        yield _set("Country", location["Country"])
    if "GPSPoint" in location:
        point = location["GPSPoint"].get("Coordinates", {})
        place = f"{point.get('Latitude', 0):g}, {point.get('Longitude', 0):g}"
        yield f"is within {location['GPSPoint'].get('RangeInKilometers', 0):g} km of {place}"
    recency = (dimensions.get("Behavior") or {}).get("Recency")
    if recency:
        active = "was active" if recency.get("RecencyType") == "ACTIVE" else "was not active"
        yield f"{active} in the last {_RECENCY.get(recency.get('Duration'), '?')}"


def _set(name: str, asked: Document) -> str:
    verb = "is not" if asked.get("DimensionType") == "EXCLUSIVE" else "is"
    return f"{name} {verb} {_or(asked.get('Values', []))}"


def _segment(identifier: str, segments: Segments) -> str:
    return f"the segment {segments.get(identifier, identifier)}"


def _when(wait: Document) -> str:
    if "WaitUntil" in wait:
        return f"at {wait['WaitUntil']}"
    return f"after {_length(wait['WaitFor'])}" if "WaitFor" in wait else "at once"


def _length(text: str) -> str:
    """Put a duration such as P1DT12H into words; as it stands where it is none, or has months or seconds."""
    left = duration(text)
    words = []
    for unit, size in _UNITS:
        count, left = divmod(left, size) if left else (0, left)
        if count:
            words.append(f"{count} {unit}{'' if count == 1 else 's'}")
    return text if left or not words else " ".join(words)


def _or(values: Iterable[str]) -> str:
    return " or ".join(values) or "nothing"


def _and(values: Iterable[str]) -> str:
    return " and ".join(values)
