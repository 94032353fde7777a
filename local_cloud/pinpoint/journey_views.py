"""Journeys for people and tests: who stands where."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from local_cloud.pinpoint.applications import Application
from local_cloud.pinpoint.journey_graph import segments_of
from local_cloud.pinpoint.journey_metrics import metrics_of
from local_cloud.pinpoint.journey_progress import Progress

# As many ids as a person looks at.
_SHOWN: Final = 20
_NOT_PUBLISHED: Final = Progress(run_id="", created="", begins="", ends="")


def summaries_of(application: Application) -> list[dict[str, Any]]:
    """Return the journeys of an application, each in a few words.

    Parameters
    ----------
    application
        The application.

    Returns
    -------
    list
        Each with `application_id`, `account`, `region`, `id`, `name`, `state`, `made`, `since` (when it last changed,
        ISO 8601), and how many are `inside`.
    """
    return [_summary(application, journey) for journey in application.journeys.documents.newest()]


def journeys_of(application: Application) -> list[dict[str, Any]]:
    """Return the journeys of an application.

    Parameters
    ----------
    application
        The application.

    Returns
    -------
    list
        Each as `journey_of` describes it.
    """
    return [journey_of(application, journey["Id"]) for journey in application.journeys.documents.newest()]


def journey_of(application: Application, identifier: str) -> dict[str, Any]:
    """Return a journey that exists.

    Parameters
    ----------
    application
        Whose journey it is.
    identifier
        Its id.

    Returns
    -------
    dict
        `application_id`, `account`, `region`; `journey`, which is the service's answer; `segments`, names of the
        segments that it speaks of, by id; `run_id`, None before publication; `begins` and `ends`, from when and until
        when participants can enter, empty before publication; `standing`, ids of some endpoints at each activity;
        `counts`, how many stand there; `until`, when the first of them goes on; `passed`, how many have left it; how
        many have `entered` and `ended`; `metrics`, and `activity_metrics` of each activity; `errors` of functions.
    """
    journey = application.journeys.documents.get(identifier)
    known = {segment["Id"]: segment["Name"] for segment in application.segments.newest()}
    return {
        **_place(application),
        "journey": copy.deepcopy(journey),
        "segments": {segment: known[segment] for segment in segments_of(journey) if segment in known},
        **_progress(application.journeys.progress(identifier) or _NOT_PUBLISHED),
    }


def _place(application: Application) -> dict[str, str]:
    return {
        "application_id": application.summary["Id"],
        "account": application.account,
        "region": application.region,
    }


def _summary(application: Application, journey: Mapping[str, Any]) -> dict[str, Any]:
    progress = application.journeys.progress(journey["Id"]) or _NOT_PUBLISHED
    return {
        **_place(application),
        "id": journey["Id"],
        "name": journey["Name"],
        "state": journey["State"],
        "made": journey["CreationDate"],
        "since": journey["LastModifiedDate"],
        "inside": progress.entered - progress.ended,
    }


def _progress(progress: Progress) -> dict[str, Any]:
    standing: dict[str, list[str]] = {}
    counts: Counter[str] = Counter()
    until: dict[str, str] = {}
    for participant in progress.participants.values():
        activity = participant.activity
        counts[activity] += len(participant.endpoints)
        shown = standing.setdefault(activity, [])
        shown.extend(participant.endpoints[: _SHOWN - len(shown)])
        if participant.until:
            until[activity] = min(until.get(activity, participant.until), participant.until)
    return {
        "run_id": progress.run_id or None,
        "begins": progress.begins,
        "ends": progress.ends,
        "standing": standing,
        "counts": dict(counts),
        "until": until,
        "passed": dict(progress.passed),
        "entered": progress.entered,
        "ended": progress.ended,
        "metrics": {name: int(count) for name, count in metrics_of(progress).items()} if progress.run_id else {},
        "activity_metrics": copy.deepcopy(progress.activity_metrics),
        "errors": list(progress.errors),
    }
