"""What a campaign may hold. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from local_cloud.pinpoint.application_settings import check_ranges, check_times
from local_cloud.pinpoint.contents import PUSH, check_headers
from local_cloud.pinpoint.segment_rules import check_dimensions
from local_cloud.service.messages import ServiceError
from local_cloud.service.moments import instant
from local_cloud.service.text import is_longer

Document = Mapping[str, Any]

# Service model, CampaignCustomMessage: at most 5 KB of data (decimal, the smaller reading).
DATA_BYTES: Final = 5_000
# Service model, Message: what a push notification says.
PUSH_CHARACTERS: Final = 200
# Pinpoint developer guide, custom channels: treatments 0 to 4.
TREATMENTS: Final = 4
# Pinpoint user guide, scheduling: an event-based campaign starts at least 15 minutes ahead.
EVENT_LEAD: Final = timedelta(minutes=15)
TEMPLATE_KINDS: Final[Mapping[str, str]] = {"EmailTemplate": "EMAIL", "SMSTemplate": "SMS", "PushTemplate": "PUSH"}

_MESSAGES: Final[Mapping[str, frozenset[str]]] = {
    "EmailMessage": frozenset({"EMAIL"}),
    "SMSMessage": frozenset({"SMS"}),
    # A default message goes to push endpoints only (reading).
    "DefaultMessage": frozenset(PUSH),
    **{message: frozenset(kind for kind, own in PUSH.items() if own == message) for message in set(PUSH.values())},
}
_TEMPLATE_CHANNELS: Final[Mapping[str, frozenset[str]]] = {
    "EmailTemplate": frozenset({"EMAIL"}),
    "SMSTemplate": frozenset({"SMS"}),
    "PushTemplate": frozenset(PUSH),
}


def treatments_of(campaign: Document) -> list[Document]:
    """Return the campaign's own treatment and the additional ones, in the order of their ids, which begin with 0."""
    return [campaign, *campaign.get("AdditionalTreatments", [])]


def channels_of(treatment: Document) -> frozenset[str]:
    """Return the channel types of the endpoints that a treatment has a message for.

    Parameters
    ----------
    treatment
        A campaign or an additional treatment.

    Returns
    -------
    frozenset of str
        Channel types; `PUSH` stands for every push channel.
    """
    custom = treatment.get("CustomDeliveryConfiguration")
    if custom:
        types = frozenset(custom["EndpointTypes"])
        return types | frozenset(PUSH) if "PUSH" in types else types
    messages = [_MESSAGES[name] for name in treatment.get("MessageConfiguration", {})]
    templates = [_TEMPLATE_CHANNELS[name] for name in treatment.get("TemplateConfiguration", {})]
    return frozenset().union(*messages, *templates)


def check_campaign(campaign: Document) -> None:
    """Check a campaign on its own.

    Parameters
    ----------
    campaign
        `WriteCampaignRequest` with all its members, in the shape of the service model.

    Raises
    ------
    ServiceError
        400 with the rule.
    """
    # CloudFormation requires these, the service model does not: the stricter one (reading).
    for name in ("Name", "SegmentId", "Schedule"):
        if not campaign.get(name):
            raise ServiceError(400, f"{name} must be given")
    # Pinpoint user guide, scheduling: a campaign that starts at once cannot be paused.
    if campaign.get("IsPaused") and campaign["Schedule"]["StartTime"] == "IMMEDIATE":
        raise ServiceError(400, "a campaign that starts immediately cannot be paused")
    check_ranges(campaign.get("Limits", {}))
    _check_hook(campaign.get("Hook", {}))
    additional = campaign.get("AdditionalTreatments", [])
    if len(additional) > TREATMENTS:
        raise ServiceError(400, f"a campaign can have at most {TREATMENTS} additional treatments")
    shares = [campaign.get("HoldoutPercent", 0), *(treatment["SizePercent"] for treatment in additional)]
    if min(shares) < 0 or sum(shares) > 100:
        raise ServiceError(400, "HoldoutPercent and the treatments' SizePercent must be 0 or more, and 100 together")
    for treatment in treatments_of(campaign):
        _check_treatment(treatment)
    if any("Schedule" in treatment for treatment in additional):
        raise ServiceError(400, "a schedule of a treatment's own is not emulated")


def check_function_delivery(delivery: Document, message: Document) -> None:
    """Check how a function is to deliver messages.

    Parameters
    ----------
    delivery
        What has `DeliveryUri` and `EndpointTypes`.
    message
        What may have `Data`.

    Raises
    ------
    ServiceError
        400 with the rule.
    """
    if len(message.get("Data", "").encode("utf-8", "surrogatepass")) > DATA_BYTES:
        raise ServiceError(400, f"Data can have at most {DATA_BYTES} bytes")
    if not delivery.get("DeliveryUri") or delivery["DeliveryUri"].startswith("http"):
        raise ServiceError(400, "DeliveryUri must be a Lambda function; web services are not emulated")
    # The service model does not say what holds without a type (reading).
    if not delivery.get("EndpointTypes"):
        raise ServiceError(400, "EndpointTypes must name at least one type")


def check_schedule(schedule: Document, now: datetime) -> None:
    """Check when a campaign is to run.

    Parameters
    ----------
    schedule
        `Schedule` of the service model.
    now
        The moment of the request.

    Raises
    ------
    ServiceError
        400 with the rule.
    """
    frequency = schedule.get("Frequency", "ONCE")
    if frequency == "IN_APP_EVENT" or schedule.get("IsLocalTime"):
        raise ServiceError(400, "in-app messages and schedules in local time are not emulated")
    check_times(schedule.get("QuietTime", {}))
    start = now if schedule["StartTime"] == "IMMEDIATE" else instant(schedule["StartTime"])
    end = instant(schedule["EndTime"]) if "EndTime" in schedule else None
    if start is None or ("EndTime" in schedule and end is None):
        raise ServiceError(
            400, "StartTime is IMMEDIATE or a moment like 2026-01-02T03:04:05Z, EndTime is such a moment"
        )
    # The text of Pinpoint itself, as reported in aws/aws-sdk-java #2836.
    if start < now:
        raise ServiceError(400, "StartTime must be at least current time")
    if end is not None and end <= start:
        raise ServiceError(400, "EndTime must be after StartTime")
    if frequency == "EVENT":
        _check_event_filter(schedule, start - now)
    elif "EventFilter" in schedule:
        raise ServiceError(400, "EventFilter belongs to the frequency EVENT")


def _check_event_filter(schedule: Document, lead: timedelta) -> None:
    event_filter = schedule.get("EventFilter")
    if event_filter is None or "EventType" not in event_filter["Dimensions"]:
        raise ServiceError(400, "the frequency EVENT needs an EventFilter with an EventType")
    if event_filter["FilterType"] != "ENDPOINT":
        raise ServiceError(400, "system events are not emulated: FilterType must be ENDPOINT")
    check_dimensions(event_filter["Dimensions"])
    if lead < EVENT_LEAD:
        raise ServiceError(400, "an event-based campaign starts at least 15 minutes ahead")


def _check_hook(hook: Document) -> None:
    # Service model, CampaignHook: DELIVERY is not supported any more. Refused, so that it shows (reading).
    if hook and (hook.get("Mode") != "FILTER" or not hook.get("LambdaFunctionName")):
        raise ServiceError(400, "Hook must have the mode FILTER and a LambdaFunctionName; web hooks are not emulated")


def _check_treatment(treatment: Document) -> None:
    messages, templates = treatment.get("MessageConfiguration", {}), treatment.get("TemplateConfiguration", {})
    custom = treatment.get("CustomDeliveryConfiguration")
    # Service model, CustomDeliveryConfiguration and CampaignCustomMessage: each needs the other.
    if ("CustomMessage" in messages) != bool(custom):
        raise ServiceError(400, "CustomMessage and CustomDeliveryConfiguration need each other")
    if custom:
        _check_custom(messages, custom)
    elif unknown := sorted((messages.keys() - _MESSAGES.keys()) | (templates.keys() - TEMPLATE_KINDS.keys())):
        raise ServiceError(400, f"{unknown[0]} is not emulated")
    elif not channels_of(treatment):
        raise ServiceError(400, "a campaign needs a message or a template")
    check_headers(messages.get("EmailMessage", {}))
    for name in ("DefaultMessage", *PUSH.values()):
        if is_longer(messages.get(name, {}).get("Body", ""), PUSH_CHARACTERS):
            raise ServiceError(400, f"the Body of {name} can have at most {PUSH_CHARACTERS} characters")


def _check_custom(messages: Document, custom: Document) -> None:
    if len(messages) > 1:
        raise ServiceError(400, "a campaign has either a CustomMessage or messages of other channels")
    check_function_delivery(custom, messages["CustomMessage"])
