"""Journeys: a list of them, and one as a diagram with who stands where."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from local_cloud.asgi import NotFoundError
from local_cloud.console import journey_words
from local_cloud.console.journey_flows import Way, flows, kind_of, ways
from local_cloud.pinpoint import Pinpoint

_MOST_JOURNEYS: Final = 100
# Of an activity: what does not tell that somebody got nothing.
_NO_DROPS: Final = frozenset({"TOTAL", "SUCCESS"})
# Of a journey: who is in it, and who went its whole way.
_NO_LOSSES: Final = frozenset(
    {"ENDPOINT_PRODUCED", "ENDPOINT_ENTERED", "ENDPOINTS_FROM_USER", "ENDPOINT_ACTIVE", "ENDPOINT_LEFT"}
)


def listed(pinpoint: Pinpoint) -> list[dict[str, Any]]:
    """Return the newest journeys of every application.

    Parameters
    ----------
    pinpoint
        The emulator.

    Returns
    -------
    list
        At most 100, newest first, each as `summaries_of` says.
    """
    return sorted(pinpoint.journey_summaries(), key=lambda one: str(one["made"]), reverse=True)[:_MOST_JOURNEYS]


def described(pinpoint: Pinpoint, application_id: str, journey_id: str) -> dict[str, Any]:
    """Return one journey.

    Parameters
    ----------
    pinpoint
        The emulator.
    application_id, journey_id
        The journey.

    Returns
    -------
    dict
        `id`, `name`, `state`, `since`, `application_id`, `account`, `region`; `begins`, `ends`, `entered`, `ended`;
        its `entry` in words; who was left out or taken out, by metric, as `drops`; `errors` of functions; its
        `activities` by id, each with `kind`, `description`, `details`, `standing` (ids), `count`, `until`, `passed`
        and `drops`; and how to draw them, `flows`, whose branches say how many took them (see `flows`).

    Raises
    ------
    NotFoundError
        If there is no such journey.
    """
    known = pinpoint.journey(application_id, journey_id)
    if known is None:
        raise NotFoundError
    journey = known["journey"]
    activities = journey.get("Activities", {})
    leaving = {name: _ways(known, name) for name in activities}
    return {
        **{name: known[name] for name in ("application_id", "account", "region", "begins", "ends", "entered", "ended")},
        "id": journey["Id"],
        "name": journey["Name"],
        "state": journey["State"],
        "since": journey["LastModifiedDate"],
        "entry": journey_words.entry(journey, known["segments"]),
        "drops": _without(known["metrics"], _NO_LOSSES),
        "errors": known["errors"],
        "activities": {name: _activity(known, name, leaving[name]) for name in activities},
        "flows": flows(leaving, journey.get("StartActivity", "")),
    }


def _ways(known: Mapping[str, Any], name: str) -> list[Way]:
    return ways(known["journey"]["Activities"][name], known["segments"])


def _activity(known: Mapping[str, Any], name: str, leaving: list[Way]) -> dict[str, Any]:
    activity, metrics = known["journey"]["Activities"][name], known["activity_metrics"].get(name, {})
    paths = {way.metric for way in leaving}
    return {
        "kind": kind_of(activity),
        "description": activity.get("Description", ""),
        "details": journey_words.details(activity, known["segments"]),
        "standing": known["standing"].get(name, []),
        "count": known["counts"].get(name, 0),
        "until": known["until"].get(name, ""),
        "passed": known["passed"].get(name, 0),
        "took": {metric: metrics.get(metric, 0) for metric in sorted(paths) if metric},
        "drops": _without(metrics, _NO_DROPS | paths),
    }


def _without(metrics: Mapping[str, int], names: frozenset[str] | set[str]) -> dict[str, int]:
    return {name: count for name, count in sorted(metrics.items()) if count and name not in names}
