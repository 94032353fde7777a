"""The operations that the emulator knows, and what each is about in IAM."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from local_cloud.service.description import Service

CHANNELS: Final[Mapping[str, str]] = {
    "Adm": "adm",
    "Apns": "apns",
    "ApnsSandbox": "apns_sandbox",
    "ApnsVoip": "apns_voip",
    "ApnsVoipSandbox": "apns_voip_sandbox",
    "Baidu": "baidu",
    "Email": "email",
    "Gcm": "gcm",
    "Sms": "sms",
    "Voice": "voice",
}

TEMPLATES: Final[Mapping[str, str]] = {"Email": "EMAIL", "Sms": "SMS", "Push": "PUSH"}

# IAM service authorization reference: the resource of each action, after the colon that ends the account. Where
# the developer guide names another resource, the reference decides.
_APP: Final = "apps/{ApplicationId}"
_CAMPAIGN: Final = f"{_APP}/campaigns/{{CampaignId}}"
_SEGMENT: Final = f"{_APP}/segments/{{SegmentId}}"
_JOURNEY: Final = f"{_APP}/journeys/{{JourneyId}}"
_JOURNEY_ACTIVITY: Final = "activities/{JourneyActivityId}"
_RESOURCES: Final[Mapping[str, str]] = {
    "CreateApp": "apps/*",
    "GetApps": "apps/*",
    "GetApp": _APP,
    "DeleteApp": _APP,
    "TagResource": "",
    "UntagResource": "",
    "ListTagsForResource": "",
    "GetApplicationSettings": _APP,
    "UpdateApplicationSettings": _APP,
    "GetEventStream": f"{_APP}/eventstream",
    "PutEventStream": f"{_APP}/eventstream",
    "DeleteEventStream": f"{_APP}/eventstream",
    "GetEndpoint": f"{_APP}/endpoints/{{EndpointId}}",
    "UpdateEndpoint": f"{_APP}/endpoints/{{EndpointId}}",
    "DeleteEndpoint": f"{_APP}/endpoints/{{EndpointId}}",
    "UpdateEndpointsBatch": _APP,
    "GetUserEndpoints": f"{_APP}/users/{{UserId}}",
    "PutEvents": f"{_APP}/events",
    "SendMessages": f"{_APP}/messages",
    "CreateSegment": _APP,
    "GetSegments": _APP,
    "GetSegment": _SEGMENT,
    "UpdateSegment": _SEGMENT,
    "DeleteSegment": _SEGMENT,
    "GetSegmentVersion": _SEGMENT,
    "GetSegmentVersions": _SEGMENT,
    "CreateCampaign": _APP,
    "GetCampaigns": _APP,
    "GetCampaign": _CAMPAIGN,
    "UpdateCampaign": _CAMPAIGN,
    "DeleteCampaign": _CAMPAIGN,
    "GetCampaignVersion": _CAMPAIGN,
    "GetCampaignVersions": _CAMPAIGN,
    "GetCampaignActivities": _CAMPAIGN,
    "CreateJourney": f"{_APP}/journeys",
    "ListJourneys": _APP,
    "GetJourney": _JOURNEY,
    "UpdateJourney": _JOURNEY,
    "UpdateJourneyState": _JOURNEY,
    "DeleteJourney": _JOURNEY,
    "GetJourneyRuns": _JOURNEY,
    "GetJourneyExecutionMetrics": f"{_JOURNEY}/execution-metrics",
    "GetJourneyExecutionActivityMetrics": f"{_JOURNEY}/{_JOURNEY_ACTIVITY}/execution-metrics",
    "GetJourneyRunExecutionMetrics": f"{_JOURNEY}/runs/{{RunId}}/execution-metrics",
    "GetJourneyRunExecutionActivityMetrics": f"{_JOURNEY}/runs/{{RunId}}/{_JOURNEY_ACTIVITY}/execution-metrics",
    "CreateExportJob": _APP,
    "GetExportJobs": _APP,
    "GetExportJob": _APP,
    "ListTemplates": "templates",
    **{
        f"{verb}{kind}Template": f"templates/{{TemplateName}}/{name}"
        for kind, name in TEMPLATES.items()
        for verb in ("Create", "Get", "Update", "Delete")
    },
    **{
        f"{verb}{channel}Channel": f"{_APP}/channels/{path}"
        for channel, path in CHANNELS.items()
        for verb in ("Get", "Update", "Delete")
    },
}

# What infrastructure code sets up: it is not in the journal.
SETUP: Final = frozenset(
    name
    for name in _RESOURCES
    if name.endswith(("App", "Apps", "Resource", "ApplicationSettings", "EventStream", "Channel"))
)
DATA_PLANE: Final = frozenset(
    {
        "GetEndpoint",
        "UpdateEndpoint",
        "DeleteEndpoint",
        "UpdateEndpointsBatch",
        "GetUserEndpoints",
        "PutEvents",
        "SendMessages",
    }
)

# Pinpoint quotas: the payload of any call is at most 7 MB (decimal, the smaller reading).
_PAYLOAD_BYTES: Final = 7_000_000

PINPOINT: Final = Service(
    label="pinpoint",
    model="pinpoint",
    signing_name="mobiletargeting",
    resources=_RESOURCES,
    # Service model: the errors that every operation may answer.
    errors={
        400: "BadRequestException",
        403: "ForbiddenException",
        404: "NotFoundException",
        405: "MethodNotAllowedException",
        409: "ConflictException",
        413: "PayloadTooLargeException",
        429: "TooManyRequestsException",
        500: "InternalServerErrorException",
    },
    largest_body=_PAYLOAD_BYTES,
    # Strict about types alone: what lengths hold, the rules of each theme say.
    has_limits=False,
)
