"""What a journey may hold. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from local_cloud.pinpoint.application_settings import check_ranges, check_times
from local_cloud.pinpoint.journey_activity_rules import check_activity
from local_cloud.pinpoint.journey_graph import entry_segment, has_cycle, starts_by_event, successors
from local_cloud.pinpoint.segment_rules import check_dimensions
from local_cloud.pinpoint.settings import Settings
from local_cloud.service.messages import ServiceError
from local_cloud.service.moments import duration, instant

Document = Mapping[str, Any]

# Service model, WriteJourneyRequest.
_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,150}")
_ACTIVITY_ID: Final = re.compile(r"[A-Za-z0-9]{1,100}")
# What would change when or whether messages are sent.
_NOT_EMULATED: Final = (
    "ClosedDays",
    "JourneyChannelSettings",
    "LocalTime",
    "OpenHours",
    "SendingSchedule",
    "TimezoneEstimationMethods",
    "WaitForQuietTime",
)


def check_journey(journey: Document, settings: Settings) -> None:
    """Check what holds for a draft too, which need not be whole.

    Parameters
    ----------
    journey
        `WriteJourneyRequest`, in the shape of the service model.
    settings
        The limits in force.

    Raises
    ------
    ServiceError
        400 with the rule.
    """
    if not _NAME.fullmatch(journey["Name"]):
        raise ServiceError(400, "Name must have 1 to 150 letters, digits, underscores and hyphens")
    activities = journey.get("Activities", {})
    if len(activities) > settings.journey_activities:
        raise ServiceError(400, f"a journey can have at most {settings.journey_activities:g} activities")
    for identifier in activities:
        if not _ACTIVITY_ID.fullmatch(identifier):
            raise ServiceError(400, f"the id of an activity must have 1 to 100 letters and digits: {identifier}")
    limits = journey.get("Limits", {})
    numbers = {name: limits[name] for name in ("DailyCap", "TotalCap", "MessagesPerSecond") if name in limits}
    check_ranges(numbers)
    # Service model, JourneyLimits.
    if not 0 <= limits.get("EndpointReentryCap", 0) <= 100:
        raise ServiceError(400, "EndpointReentryCap must be between 0 and 100")
    if duration(limits.get("EndpointReentryInterval", "PT0S")) is None:
        raise ServiceError(400, "EndpointReentryInterval must be a duration like PT1H")
    check_times(journey.get("QuietTime", {}))


def check_whole(journey: Document, now: datetime, settings: Settings) -> None:
    """Check a journey that is to be published.

    Parameters
    ----------
    journey
        A journey that passes `check_journey`.
    now
        The moment of the request.
    settings
        The limits in force.

    Raises
    ------
    ServiceError
        400 with the rule.
    """
    for name in _NOT_EMULATED:
        if journey.get(name):
            raise ServiceError(400, f"{name} is not emulated")
    if journey.get("Limits", {}).get("TimeframeCap", {}).get("Cap"):
        raise ServiceError(400, "TimeframeCap is not emulated")
    _check_graph(journey)
    _check_start(journey)
    _check_schedule(journey.get("Schedule", {}), now, timedelta(days=settings.journey_days))


def _check_graph(journey: Document) -> None:
    activities = journey.get("Activities", {})
    for identifier, activity in activities.items():
        check_activity(identifier, activity, activities)
        for following in successors(activity):
            if following not in activities:
                raise ServiceError(400, f"the activity {identifier} leads to {following}, which is no activity")
    if journey.get("StartActivity") not in activities:
        raise ServiceError(400, "StartActivity must be the id of one of the journey's activities")
    # A path that comes back is not published as possible (reading).
    if has_cycle(activities):
        raise ServiceError(400, "the activities must not form a cycle")


def _check_start(journey: Document) -> None:
    condition = journey.get("StartCondition", {})
    if ("EventStartCondition" in condition) == ("SegmentStartCondition" in condition):
        raise ServiceError(400, "StartCondition must have either EventStartCondition or SegmentStartCondition")
    refresh = duration(journey.get("RefreshFrequency") or "PT1H")
    if not refresh:
        raise ServiceError(400, "RefreshFrequency must be a duration like PT1H")
    if not starts_by_event(journey):
        if not entry_segment(journey):
            raise ServiceError(400, "SegmentStartCondition must name a segment")
        return
    # Pinpoint user guide, journey entry: refreshing concerns the entry by segment.
    if journey.get("RefreshFrequency") or journey.get("RefreshOnSegmentUpdate"):
        raise ServiceError(400, "RefreshFrequency and RefreshOnSegmentUpdate belong to the entry by segment")
    event_filter = condition["EventStartCondition"].get("EventFilter")
    if event_filter is None:
        raise ServiceError(400, "EventStartCondition must have an EventFilter")
    if event_filter["FilterType"] != "ENDPOINT":
        raise ServiceError(400, "system events are not emulated: FilterType must be ENDPOINT")
    event_type = event_filter["Dimensions"].get("EventType", {})
    # Pinpoint user guide, journey entry: one event per journey.
    if len(event_type.get("Values", [])) != 1 or event_type.get("DimensionType", "INCLUSIVE") != "INCLUSIVE":
        raise ServiceError(400, "a journey is started by exactly one EventType, which must be INCLUSIVE")
    check_dimensions(event_filter["Dimensions"])


def _check_schedule(schedule: Document, now: datetime, longest: timedelta) -> None:
    times = {name: instant(schedule[name]) for name in ("StartTime", "EndTime") if name in schedule}
    if None in times.values():
        raise ServiceError(400, "StartTime and EndTime must be moments like 2026-01-02T03:04:05Z")
    start = times.get("StartTime") or now
    end = times.get("EndTime") or start + longest
    # As for campaigns (reading).
    if start < now:
        raise ServiceError(400, "StartTime must be at least current time")
    if not start < end <= start + longest:
        raise ServiceError(400, f"EndTime must be after StartTime, and by {longest.days} days at most")
