"""Operations on campaigns."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from local_cloud.pinpoint.applications import Application, Applications, Call, Handler
from local_cloud.pinpoint.campaign_rules import TEMPLATE_KINDS, check_campaign, check_schedule, treatments_of
from local_cloud.pinpoint.campaign_store import ENDED, Progress
from local_cloud.pinpoint.paging import page
from local_cloud.service.messages import ServiceError
from local_cloud.service.moments import following, iso_8601, known_instant, scaled
from local_cloud.service.neighbours import NeighbourError, Source
from local_cloud.service.tags import check_tags

# Pinpoint quotas: event-based campaigns per project.
EVENT_CAMPAIGNS: Final = 25

# Members that name functions.
_FUNCTIONS: Final = frozenset({"AdditionalTreatments", "CustomDeliveryConfiguration", "Hook"})

_Document = Mapping[str, Any]


def _create(applications: Applications, call: Call) -> dict[str, Any]:
    application, request = applications.of(call), call.body
    check_tags(request.get("tags", {}))
    identifier = uuid.uuid4().hex
    document = {
        "ApplicationId": application.summary["Id"],
        "Arn": f"{application.summary['Arn']}/campaigns/{identifier}",
        "CreationDate": call.now,
        "Id": identifier,
        "LastModifiedDate": call.now,
        "Version": 1,
        "HoldoutPercent": 0,
        "IsPaused": False,
        **request,
        "tags": dict(request.get("tags", {})),
    }
    document = _checked(application, call, document)
    _check_functions(application, call, document)
    check_schedule(document["Schedule"], call.moment)
    progress = _scheduled(call, document)
    if progress.status == "SCHEDULED":
        _check_quotas(applications, call, document)
    application.campaigns.add(document, progress)
    return _answer(document, progress)


def _checked(application: Application, call: Call, document: dict[str, Any]) -> dict[str, Any]:
    """Check everything but the schedule; the campaign that is stored names its segment's version and treatments."""
    check_campaign(document)
    segment = application.segments.get(document["SegmentId"], document.get("SegmentVersion"))
    for treatment in treatments_of(document):
        # Service model, Template: the name must be that of a template that exists.
        for member, template in treatment.get("TemplateConfiguration", {}).items():
            call.templates.get(TEMPLATE_KINDS[member], template.get("Name", ""), template.get("Version"))
    checked = {**document, "SegmentVersion": segment["Version"]}
    if "AdditionalTreatments" in document:
        treatments = enumerate(document["AdditionalTreatments"], start=1)
        checked["AdditionalTreatments"] = [{**treatment, "Id": str(number)} for number, treatment in treatments]
    return checked


def _check_functions(application: Application, call: Call, document: _Document) -> None:
    """Pinpoint developer guide: the permission comes first, the campaign after. Checked at once (reading)."""
    source = Source(application.account, application.region, document["Arn"])
    hook = document.get("Hook", {}).get("LambdaFunctionName")
    custom = (one.get("CustomDeliveryConfiguration", {}).get("DeliveryUri") for one in treatments_of(document))
    for function in filter(None, (hook, *custom)):
        try:
            call.neighbours.functions.check(function, source)
        except NeighbourError as error:
            raise ServiceError(400, str(error)) from error


def _scheduled(call: Call, document: _Document) -> Progress:
    schedule, now, factor = document["Schedule"], call.moment, call.settings.time_factor
    start = now if schedule["StartTime"] == "IMMEDIATE" else known_instant(schedule["StartTime"])
    end = scaled(now, known_instant(schedule["EndTime"]), factor) if "EndTime" in schedule else None
    return Progress(
        status="PAUSED" if document["IsPaused"] else "SCHEDULED",
        planned=iso_8601(start),
        due=iso_8601(scaled(now, start, factor)),
        ends=iso_8601(end) if end else None,
    )


def _check_quotas(applications: Applications, call: Call, document: _Document) -> None:
    """What the service answers beyond its quotas is not published (reading: BadRequestException)."""
    most = call.settings.active_campaigns
    if sum(application.campaigns.active() for application in applications.visible_to(call)) >= most:
        raise ServiceError(400, f"an account can have at most {most:g} active campaigns")
    if document["Schedule"].get("Frequency") != "EVENT":
        return
    others = (one for one in applications.of(call).campaigns.all() if one[0]["Id"] != document["Id"])
    events = sum(
        other["Schedule"].get("Frequency") == "EVENT" and progress.status not in ENDED for other, progress in others
    )
    if events >= EVENT_CAMPAIGNS:
        raise ServiceError(400, f"a project can have at most {EVENT_CAMPAIGNS} event-based campaigns")


def _update(applications: Applications, call: Call) -> dict[str, Any]:
    """What an update does not name stays (reading); tags of updates are not processed (service model)."""
    application, identifier = applications.of(call), call.parameters["CampaignId"]
    old = application.campaigns.versions.get(identifier)
    progress = application.campaigns.progress(identifier)
    changes = {name: value for name, value in call.body.items() if name != "tags"}
    _refuse_unless_open(old, progress, "updated")
    if "SegmentId" in changes:
        changes.setdefault("SegmentVersion", application.segments.get(changes["SegmentId"])["Version"])
    document = _checked(application, call, {**old, **changes})
    document |= {"LastModifiedDate": call.now, "Version": old["Version"] + 1}
    if changes.keys() & _FUNCTIONS:
        _check_functions(application, call, document)
    fresh = _rescheduled(call, document, progress, new_schedule="Schedule" in changes)
    if progress.status == "PAUSED" and fresh.status != "PAUSED":
        _check_quotas(applications, call, document)
    application.campaigns.versions.add(identifier, document)
    application.campaigns.set_progress(identifier, fresh)
    return _answer(document, fresh)


def _rescheduled(call: Call, document: _Document, old: Progress, *, new_schedule: bool) -> Progress:
    if new_schedule:
        check_schedule(document["Schedule"], call.moment)
        return replace(_scheduled(call, document), activities=old.activities)
    if document["IsPaused"]:
        return replace(old, status="PAUSED")
    return _resumed(call, document, old) if old.status == "PAUSED" else replace(old)


def _resumed(call: Call, document: _Document, paused: Progress) -> Progress:
    """Pinpoint user guide, scheduling: a pause skips runs. Who listens to events just goes on."""
    frequency, factor = document["Schedule"].get("Frequency", "ONCE"), call.settings.time_factor
    planned, due = known_instant(paused.planned), known_instant(paused.due)
    while due < call.moment and frequency != "EVENT":
        after = following(planned, frequency)
        if after is None:
            raise ServiceError(400, "StartTime must be at least current time")
        planned, due = after, due + (after - planned) / factor
    resumed = replace(paused, planned=iso_8601(planned), due=iso_8601(due))
    resumed.wait()
    return resumed


def _refuse_unless_open(document: _Document, progress: Progress, change: str) -> None:
    """What may be done to a campaign that sends or has ended is not published; the strict reading is nothing."""
    listening = document["Schedule"].get("Frequency") == "EVENT"
    if progress.status in ENDED or (progress.status == "EXECUTING" and not listening):
        raise ServiceError(400, f"a campaign that is {progress.status} cannot be {change}")


def _delete(applications: Applications, call: Call) -> dict[str, Any]:
    application, identifier = applications.of(call), call.parameters["CampaignId"]
    document = application.campaigns.versions.get(identifier)
    progress = application.campaigns.progress(identifier)
    if progress.status == "EXECUTING":
        _refuse_unless_open(document, progress, "deleted")
    application.campaigns.remove(identifier)
    progress.status = "DELETED"
    return _answer(document, progress)


def _get(applications: Applications, call: Call) -> dict[str, Any]:
    campaigns, identifier = applications.of(call).campaigns, call.parameters["CampaignId"]
    document = campaigns.versions.get(identifier, call.parameters.get("Version"))
    return _answer(document, campaigns.progress(identifier))


def _versions(applications: Applications, call: Call) -> dict[str, Any]:
    campaigns, identifier = applications.of(call).campaigns, call.parameters["CampaignId"]
    documents = campaigns.versions.versions(identifier)
    return page([_answer(document, campaigns.progress(identifier)) for document in documents], call)


def _list(applications: Applications, call: Call) -> dict[str, Any]:
    """Campaigns that have ended stay in the list."""
    found = [_answer(document, progress) for document, progress in applications.of(call).campaigns.all()]
    return page(call.listed(found), call)


def _activities(applications: Applications, call: Call) -> dict[str, Any]:
    campaigns, identifier = applications.of(call).campaigns, call.parameters["CampaignId"]
    campaigns.versions.get(identifier)
    return page(campaigns.progress(identifier).activities, call)


def _answer(document: _Document, progress: Progress) -> dict[str, Any]:
    """Service model, CampaignResponse: with several treatments, each has a state."""
    state = {"CampaignStatus": progress.status}
    if not document.get("AdditionalTreatments"):
        return {**document, "State": state}
    treatments = [{**treatment, "State": state} for treatment in document["AdditionalTreatments"]]
    return {**document, "State": state, "DefaultState": state, "AdditionalTreatments": treatments}


HANDLERS: Final[Mapping[str, Handler]] = {
    "CreateCampaign": _create,
    "GetCampaign": _get,
    "GetCampaigns": _list,
    "UpdateCampaign": _update,
    "DeleteCampaign": _delete,
    "GetCampaignVersion": _get,
    "GetCampaignVersions": _versions,
    "GetCampaignActivities": _activities,
}
