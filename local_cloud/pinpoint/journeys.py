"""Operations on journeys."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from local_cloud.pinpoint.applications import Application, Applications, Call, Handler
from local_cloud.pinpoint.journey_graph import CHANNELS, conditions_of, entry_segment, parts, starts_by_event
from local_cloud.pinpoint.journey_progress import Progress
from local_cloud.pinpoint.journey_rules import check_journey, check_whole
from local_cloud.pinpoint.journey_store import UNDER_WAY
from local_cloud.pinpoint.members import bases_of
from local_cloud.pinpoint.paging import page
from local_cloud.service.messages import ServiceError
from local_cloud.service.moments import iso_8601, known_instant, scaled
from local_cloud.service.neighbours import NeighbourError, Source

# Pinpoint user guide, publishing a journey: nobody enters in the first five minutes.
PUBLISHING: Final = timedelta(minutes=5)

# Service model: dates that the service itself writes.
_DATES: Final = ("CreationDate", "LastModifiedDate")

_Document = Mapping[str, Any]


def arn_of(application: Application, journey: _Document) -> str:
    """Return the ARN of a journey, which no answer shows.

    Parameters
    ----------
    application
        Whose journey it is.
    journey
        The journey.

    Returns
    -------
    str
        In the form of the IAM service authorization reference; functions see it as the source (reading).
    """
    return f"{application.summary['Arn']}/journeys/{journey['Id']}"


def _create(applications: Applications, call: Call) -> dict[str, Any]:
    application = applications.of(call)
    document = {
        "State": "DRAFT",
        **call.body,
        "ApplicationId": application.summary["Id"],
        "CreationDate": call.now,
        "Id": uuid.uuid4().hex,
        "LastModifiedDate": call.now,
    }
    return _saved(applications, call, document)


def _update(applications: Applications, call: Call) -> dict[str, Any]:
    """What an update does not name stays (reading)."""
    application = applications.of(call)
    old = _found(application, call)
    # Service model, WriteJourneyRequest: what is published cannot be changed. That it is a conflict is a reading.
    if old["State"] != "DRAFT":
        raise ServiceError(409, f"a journey that is {old['State']} cannot be changed; create a new one")
    changes = {name: value for name, value in call.body.items() if name not in _DATES}
    return _saved(applications, call, {**old, **changes, "LastModifiedDate": call.now})


def _saved(applications: Applications, call: Call, document: dict[str, Any]) -> dict[str, Any]:
    """Check a journey, keep it, and publish it if it is to be ACTIVE."""
    application = applications.of(call)
    # Service model, WriteJourneyRequest: other states are reached by UpdateJourneyState.
    if document["State"] not in {"DRAFT", "ACTIVE"}:
        raise ServiceError(400, "State must be DRAFT or ACTIVE")
    check_journey(document, call.settings)
    _check_entry_segment(application, document)
    if document["State"] == "ACTIVE":
        _check_publishable(applications, call, document)
        _begin(application, call, document)
    application.journeys.put(document)
    return document


def _check_entry_segment(application: Application, document: _Document) -> None:
    identifier = entry_segment(document)
    if not identifier:
        return
    segment = application.segments.get(identifier)
    imported = any(one["SegmentType"] == "IMPORT" for one in (segment, *bases_of(application.segments, segment)))
    # Pinpoint user guide, journey entry: by an event only with a dynamic segment that builds on no imported one.
    if starts_by_event(document) and imported:
        raise ServiceError(400, "the segment of an entry by event must be dynamic and not based on an imported one")


def _check_publishable(applications: Applications, call: Call, document: _Document) -> None:
    application = applications.of(call)
    check_whole(document, call.moment, call.settings)
    source = Source(application.account, application.region, arn_of(application, document))
    for activity in document["Activities"].values():
        kind, settings = parts(activity)
        if kind in CHANNELS:
            call.templates.get(kind, settings["TemplateName"], settings.get("TemplateVersion"))
        elif kind == "CUSTOM":
            _check_function(call, settings["DeliveryUri"], source)
        for condition in conditions_of(activity):
            if "SegmentCondition" in condition:
                application.segments.get(condition["SegmentCondition"]["SegmentId"])
    _check_quotas(applications, call, document)


def _check_function(call: Call, function: str, source: Source) -> None:
    """As for campaigns: the permission comes first, and is checked when the journey is published (reading)."""
    try:
        call.neighbours.functions.check(function, source)
    except NeighbourError as error:
        raise ServiceError(400, str(error)) from error


def _check_quotas(applications: Applications, call: Call, document: _Document) -> None:
    """Pinpoint quotas, journeys. What is answered beyond them is not published (reading: BadRequestException)."""
    others = [one for application in applications.visible_to(call) for one, _ in application.journeys.under_way()]
    settings = call.settings
    if len(others) >= settings.active_journeys:
        raise ServiceError(400, f"an account can have at most {settings.active_journeys:g} active journeys")
    if starts_by_event(document) and sum(map(starts_by_event, others)) >= settings.active_event_journeys:
        raise ServiceError(
            400,
            f"an account can have at most {settings.active_event_journeys:g} active journeys that an event starts",
        )


def _begin(application: Application, call: Call, document: _Document) -> None:
    schedule, factor = document.get("Schedule", {}), call.settings.time_factor
    start = max(call.moment + PUBLISHING, known_instant(schedule.get("StartTime", call.now)))
    longest = timedelta(days=call.settings.journey_days)
    end = known_instant(schedule["EndTime"]) if "EndTime" in schedule else start + longest

    def here(moment: datetime) -> str:
        return iso_8601(scaled(call.moment, moment, factor))

    progress = Progress(run_id=uuid.uuid4().hex, created=call.now, begins=here(start), ends=here(end))
    if not starts_by_event(document):
        progress.refresh_due = progress.begins
    application.journeys.publish(document["Id"], progress)


def _update_state(applications: Applications, call: Call) -> dict[str, Any]:
    application = applications.of(call)
    old, wanted = _found(application, call), call.body.get("State")
    if (old["State"], wanted) == ("DRAFT", "ACTIVE"):
        return _saved(applications, call, {**old, "State": "ACTIVE", "LastModifiedDate": call.now})
    progress = application.journeys.progress(old["Id"])
    if progress is None or (old["State"], wanted) not in _CHANGES:
        raise ServiceError(400, f"a journey that is {old['State']} cannot become {wanted}")
    if wanted == "PAUSED":
        _pause(old, progress, call)
    elif wanted == "CANCELLED":
        progress.become("CANCELLED", call.now)
        progress.dismiss_all("CANCELLED")
    else:
        _resume(progress, call)
    return application.journeys.change_state(old["Id"], str(wanted), call.now)


# Service model, JourneyStateRequest and JourneyResponse. What is CANCELLED or COMPLETED stays so; whether a CLOSED
# journey can be paused is not published (reading: no).
_CHANGES: Final = frozenset(
    {("ACTIVE", "PAUSED"), ("PAUSED", "ACTIVE"), *((state, "CANCELLED") for state in UNDER_WAY)}
)


def _pause(document: _Document, progress: Progress, call: Call) -> None:
    # Service model, JourneyStateRequest.
    if not document.get("RefreshFrequency"):
        raise ServiceError(400, "only a journey with a segment refresh interval can be paused")
    progress.paused = call.now


def _resume(progress: Progress, call: Call) -> None:
    """Service model, JourneyStateRequest: the time of waits stood still."""
    assert progress.paused is not None  # noqa: S101 it was PAUSED
    pause = call.moment - known_instant(progress.paused)
    for participant in progress.participants.values():
        if participant.until > progress.paused:
            participant.until = iso_8601(known_instant(participant.until) + pause)
    progress.paused = None


def _delete(applications: Applications, call: Call) -> dict[str, Any]:
    application = applications.of(call)
    document = _found(application, call)
    # What becomes of participants is not published, so that the journey has to be cancelled first (reading).
    if document["State"] in UNDER_WAY:
        raise ServiceError(400, f"a journey that is {document['State']} cannot be deleted; cancel it first")
    application.journeys.remove(document["Id"])
    return document


def _get(applications: Applications, call: Call) -> dict[str, Any]:
    return _found(applications.of(call), call)


def _list(applications: Applications, call: Call) -> dict[str, Any]:
    return page(call.listed(applications.of(call).journeys.documents.newest()), call)


def _found(application: Application, call: Call) -> dict[str, Any]:
    return application.journeys.documents.get(call.parameters["JourneyId"])


HANDLERS: Final[Mapping[str, Handler]] = {
    "CreateJourney": _create,
    "ListJourneys": _list,
    "GetJourney": _get,
    "UpdateJourney": _update,
    "UpdateJourneyState": _update_state,
    "DeleteJourney": _delete,
}
