"""Operations on runs of journeys and their metrics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from local_cloud.pinpoint.applications import Applications, Call, Handler
from local_cloud.pinpoint.journey_graph import MESSAGES, parts
from local_cloud.pinpoint.journey_progress import Progress
from local_cloud.pinpoint.paging import page
from local_cloud.service.messages import ServiceError

# Service model, JourneyExecutionActivityMetricsResponse; that MESSAGE stands for every message is a reading.
_TYPES: Final[Mapping[str, str]] = {
    "ConditionalSplit": "CONDITIONAL_SPLIT",
    "Holdout": "HOLDOUT",
    "MultiCondition": "MULTI_CONDITIONAL_SPLIT",
    "RandomSplit": "RANDOM_SPLIT",
    "Wait": "WAIT",
    **dict.fromkeys(MESSAGES, "MESSAGE"),
}


def metrics_of(progress: Progress | None) -> dict[str, str]:
    """Return the metrics of a journey's run.

    Pinpoint developer guide, journey execution metrics: who is active is who started, less who left or was removed.

    Parameters
    ----------
    progress
        The run, None for a journey that was never published.

    Returns
    -------
    dict
        Counts of endpoints as texts.
    """
    if progress is None:
        return {}
    counts = {**progress.metrics, "ENDPOINT_ACTIVE": progress.entered - progress.ended}
    return {name: str(count) for name, count in counts.items()}


def _runs(applications: Applications, call: Call) -> dict[str, Any]:
    """A journey has one run, from its publication on (reading)."""
    _, progress = _found(applications, call)
    if progress is None:
        return {"Item": []}
    run = {
        "RunId": progress.run_id,
        "Status": progress.status,
        "CreationTime": progress.created,
        "LastUpdateTime": progress.updated,
    }
    return page([run], call)


def _journey_metrics(applications: Applications, call: Call) -> dict[str, Any]:
    journey, progress = _found(applications, call)
    return {**_heading(journey, call), "Metrics": metrics_of(progress)}


def _activity_metrics(applications: Applications, call: Call) -> dict[str, Any]:
    journey, progress = _found(applications, call)
    identifier = call.parameters["JourneyActivityId"]
    activity = journey.get("Activities", {}).get(identifier)
    if activity is None or progress is None:
        raise ServiceError(404, "the journey has not been published with such an activity")
    counts = progress.activity_metrics.get(identifier, {})
    return {
        **_heading(journey, call),
        "JourneyActivityId": identifier,
        "ActivityType": _TYPES[parts(activity)[0]],
        "Metrics": {name: str(count) for name, count in counts.items()},
    }


def _found(applications: Applications, call: Call) -> tuple[dict[str, Any], Progress | None]:
    journeys = applications.of(call).journeys
    journey = journeys.documents.get(call.parameters["JourneyId"])
    progress, run_id = journeys.progress(journey["Id"]), call.parameters.get("RunId")
    if run_id is not None and (progress is None or progress.run_id != run_id):
        raise ServiceError(404, "the journey has no such run")
    return journey, progress


def _heading(journey: Mapping[str, Any], call: Call) -> dict[str, str]:
    run_id = call.parameters.get("RunId")
    return {
        "ApplicationId": journey["ApplicationId"],
        "JourneyId": journey["Id"],
        "LastEvaluatedTime": call.now,
        **({"RunId": run_id} if run_id else {}),
    }


HANDLERS: Final[Mapping[str, Handler]] = {
    "GetJourneyRuns": _runs,
    "GetJourneyExecutionMetrics": _journey_metrics,
    "GetJourneyExecutionActivityMetrics": _activity_metrics,
    "GetJourneyRunExecutionMetrics": _journey_metrics,
    "GetJourneyRunExecutionActivityMetrics": _activity_metrics,
}
