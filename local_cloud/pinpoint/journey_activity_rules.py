"""What an activity of a journey may hold. Pure functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import Any, Final

from local_cloud.pinpoint.campaign_rules import check_function_delivery
from local_cloud.pinpoint.journey_graph import conditions_of, kinds_of
from local_cloud.pinpoint.segment_rules import check_dimensions
from local_cloud.service.messages import ServiceError
from local_cloud.service.moments import duration, instant

Document = Mapping[str, Any]

# Pinpoint user guide, journeys: a wait takes 1 hour to 365 days. Taken to hold for the API as well (reading).
SHORTEST_WAIT: Final = timedelta(hours=1)
LONGEST_WAIT: Final = timedelta(days=365)
# Pinpoint user guide, journeys: at most five paths leave a split.
PATHS: Final = 5

# The SDKs send `SegmentDimensions` with a small letter, as the service model says.
_CONDITIONS: Final = ("EventCondition", "SegmentCondition", "segmentDimensions")


def check_activity(identifier: str, activity: Document, activities: Mapping[str, Document]) -> None:
    """Check an activity of a journey that is to run.

    Parameters
    ----------
    identifier, activity
        The activity.
    activities
        All activities of the journey.

    Raises
    ------
    ServiceError
        400 with the rule.
    """
    kinds = kinds_of(activity)
    if len(kinds) != 1:
        raise ServiceError(400, f"the activity {identifier} must be of exactly one kind")
    try:
        _RULES[kinds[0]](activity[kinds[0]])
        for condition in conditions_of(activity):
            _check_condition(condition, activities)
    except ServiceError as error:
        raise ServiceError(error.status, f"the activity {identifier}: {error.message}") from error


def _check_custom(settings: Document) -> None:
    if "TemplateName" in settings:
        raise ServiceError(400, "templates of custom messages are not emulated")
    check_function_delivery(settings, settings.get("MessageConfig", {}))


def _check_channel(settings: Document) -> None:
    # Pinpoint user guide, journeys: a message of a journey is written by a template.
    if not settings.get("TemplateName"):
        raise ServiceError(400, "TemplateName must be given")


def _check_wait(settings: Document) -> None:
    wait = settings.get("WaitTime", {})
    if len(wait) != 1:
        raise ServiceError(400, "WaitTime must have either WaitFor or WaitUntil")
    _check_wait_time(wait, SHORTEST_WAIT)


def _check_wait_time(wait: Document, shortest: timedelta) -> None:
    length = duration(wait.get("WaitFor", "PT1H"))
    if length is None or not shortest <= length <= LONGEST_WAIT:
        raise ServiceError(400, "WaitFor must be a duration like PT1H or P2D; a wait activity takes 1 hour to 365 days")
    if "WaitUntil" in wait and instant(wait["WaitUntil"]) is None:
        raise ServiceError(400, "WaitUntil must be a moment like 2026-01-02T03:04:05Z")


def _check_conditional_split(settings: Document) -> None:
    if not settings.get("Condition", {}).get("Conditions"):
        raise ServiceError(400, "a split needs conditions")
    _check_evaluation(settings)


def _check_multi_condition(settings: Document) -> None:
    if not 1 <= len(settings.get("Branches", [])) <= PATHS - 1:
        raise ServiceError(400, f"a multivariate split has 1 to {PATHS - 1} branches, and DefaultActivity")
    _check_evaluation(settings)


def _check_evaluation(settings: Document) -> None:
    wait = settings.get("EvaluationWaitTime", {})
    if len(wait) > 1:
        raise ServiceError(400, "EvaluationWaitTime must have either WaitFor or WaitUntil")
    _check_wait_time(wait, timedelta())


def _check_random_split(settings: Document) -> None:
    shares = [branch.get("Percentage", 0) for branch in settings.get("Branches", [])]
    if not 2 <= len(shares) <= PATHS or min(shares) < 0 or sum(shares) != 100:
        raise ServiceError(400, f"a random split has 2 to {PATHS} branches, whose Percentage make 100 together")


def _check_holdout(settings: Document) -> None:
    if not 0 <= settings["Percentage"] <= 100:
        raise ServiceError(400, "Percentage must be between 0 and 100")


def _refuse(what: str, _: Document) -> None:
    raise ServiceError(400, f"{what} is not emulated")


def _check_condition(condition: Document, activities: Mapping[str, Document]) -> None:
    if len(condition) != 1:
        raise ServiceError(400, f"a condition must be exactly one of {', '.join(_CONDITIONS)}")
    check_dimensions(condition.get("segmentDimensions", {}))
    if "EventCondition" in condition:
        dimensions = condition["EventCondition"].get("Dimensions", {})
        if "EventType" not in dimensions and not dimensions.get("Attributes"):
            raise ServiceError(400, "an EventCondition needs an EventType or Attributes")
        check_dimensions(dimensions)
        # The service model calls it an id of a message; in journeys it is the activity that sends it (reading).
        source = condition["EventCondition"].get("MessageActivity")
        if source is not None and source not in activities:
            raise ServiceError(400, f"MessageActivity names {source}, which is no activity of the journey")


_RULES: Final[Mapping[str, Callable[[Document], None]]] = {
    "CUSTOM": _check_custom,
    "EMAIL": _check_channel,
    "SMS": _check_channel,
    "PUSH": _check_channel,
    "Wait": _check_wait,
    "ConditionalSplit": _check_conditional_split,
    "MultiCondition": _check_multi_condition,
    "RandomSplit": _check_random_split,
    "Holdout": _check_holdout,
    "ContactCenter": partial(_refuse, "ContactCenter"),
}
