"""Journeys for people and tests: who stands where."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from local_cloud.pinpoint.applications import Application
from local_cloud.pinpoint.journey_metrics import metrics_of
from local_cloud.pinpoint.journey_progress import Progress

# As many ids as a person looks at.
_SHOWN: Final = 20


def journeys_of(application: Application) -> list[dict[str, Any]]:
    """Return the journeys of an application.

    Parameters
    ----------
    application
        The application.

    Returns
    -------
    list
        Each with `application_id`, `account`, `region`; `journey`, which is the service's answer; `run_id`, None before
        publication; `standing`, ids of some endpoints at each activity; `counts`, how many stand there; `passed`, how
        many have left it; how many have `entered` and `ended`; `metrics`; `errors` of functions.
    """
    place = {"application_id": application.summary["Id"], "account": application.account, "region": application.region}
    return [
        {**place, "journey": copy.deepcopy(journey), **_progress(application.journeys.progress(journey["Id"]))}
        for journey in application.journeys.documents.newest()
    ]


def _progress(progress: Progress | None) -> Mapping[str, Any]:
    standing: dict[str, list[str]] = {}
    counts: Counter[str] = Counter()
    for participant in progress.participants.values() if progress else ():
        counts[participant.activity] += len(participant.endpoints)
        shown = standing.setdefault(participant.activity, [])
        shown.extend(participant.endpoints[: _SHOWN - len(shown)])
    return {
        "run_id": progress.run_id if progress else None,
        "standing": standing,
        "counts": dict(counts),
        "passed": dict(progress.passed) if progress else {},
        "entered": progress.entered if progress else 0,
        "ended": progress.ended if progress else 0,
        "metrics": {name: int(count) for name, count in metrics_of(progress).items()},
        "errors": list(progress.errors) if progress else [],
    }
