"""What a campaign may hold."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from local_cloud.outbound.errors import invalid, missing
from local_cloud.outbound.flows import check_flow_version
from local_cloud.outbound.hours import check_hours
from local_cloud.outbound.neighbours import CustomerProfiles
from local_cloud.outbound.store import Account
from local_cloud.outbound.templates import sendable
from local_cloud.service.moments import duration, instant
from local_cloud.service.tags import check_tags

Document = Mapping[str, Any]

CHANNELS: Final = ("email", "sms")
"""Channel subtypes that are emulated."""

_RESERVED_TAG: Final = "aws:"


def channel_of(campaign: Document) -> str:
    """Return the one channel of a managed campaign that was checked: `email` or `sms`."""
    return str(next(iter(campaign["channelSubtypeConfig"])))


def instant_of(text: str) -> datetime:
    """Read a moment of a schedule.

    Parameters
    ----------
    text
        ISO 8601.

    Returns
    -------
    datetime
        The moment; without a zone it is in UTC (service model: "with no UTC offset or timezone").

    Raises
    ------
    ServiceError
        400 if it is no moment.
    """
    found = instant(text) or instant(f"{text}Z")
    if found is None:
        raise invalid(f"schedule: {text} is not a moment in ISO 8601")
    return found


def check_campaign(campaign: Document, account: Account, profiles: CustomerProfiles) -> None:
    """Check everything of a campaign but its schedule.

    Parameters
    ----------
    campaign
        `Campaign` in the shape of the service model.
    account
        Whose campaign.
    profiles
        Customer Profiles.

    Raises
    ------
    ServiceError
        400 with the rule, or 404 if it names something that does not exist.
    """
    # The service model defaults to nothing; without a type it is one that the guides call managed (reading).
    if campaign.get("type", "MANAGED") != "MANAGED":
        raise invalid("type JOURNEY is not emulated: its flow would decide everything")
    _check_channels(campaign, account)
    _check_source(campaign.get("source", {}), account, campaign["connectInstanceId"], profiles)
    # Administrator guide, campaigns by the API: the flow is needed.
    if "connectCampaignFlowArn" not in campaign:
        raise invalid("connectCampaignFlowArn must be given")
    check_flow_version(account, campaign["connectInstanceId"], campaign["connectCampaignFlowArn"])
    if "communicationTimeConfig" in campaign:
        check_hours(campaign["communicationTimeConfig"])
    entry = campaign.get("entryLimitsConfig")
    if entry and duration(entry["minEntryInterval"]) is None:
        raise invalid("entryLimitsConfig.minEntryInterval must be a duration in ISO 8601")
    check_campaign_tags(campaign.get("tags", {}))


def check_schedule(campaign: Document, now: datetime) -> None:
    """Check when a campaign runs.

    Parameters
    ----------
    campaign
        `Campaign` in the shape of the service model.
    now
        The time.

    Raises
    ------
    ServiceError
        400 with the rule.
    """
    schedule = campaign.get("schedule")
    if schedule is None:
        raise invalid("schedule must be given")
    start, end = instant_of(schedule["startTime"]), instant_of(schedule["endTime"])
    if start >= end:
        raise invalid("schedule.endTime must be later than schedule.startTime")
    if start < now:
        raise invalid("schedule.startTime must not be in the past")
    frequency = schedule.get("refreshFrequency")
    if frequency is None:
        return
    if "eventTrigger" in campaign.get("source", {}):
        raise invalid("schedule.refreshFrequency is for campaigns whose source is a segment")
    if not duration(frequency):
        raise invalid("schedule.refreshFrequency must be a duration in ISO 8601, longer than nothing")


def check_campaign_tags(tags: Mapping[str, str]) -> None:
    """Check all tags of a campaign.

    Parameters
    ----------
    tags
        All of them.

    Raises
    ------
    ServiceError
        400 with the rule.
    """
    check_tags(tags)
    if any(key.startswith(_RESERVED_TAG) for key in tags):
        raise invalid(f"a tag's key must not begin with {_RESERVED_TAG}")


def _check_channels(campaign: Document, account: Account) -> None:
    """A managed campaign has one channel; several need a flow that chooses (reading)."""
    channels = campaign.get("channelSubtypeConfig", {})
    if len(channels) != 1:
        raise invalid("channelSubtypeConfig of a MANAGED campaign must have exactly one channel subtype")
    [(channel, config)] = channels.items()
    if channel not in CHANNELS:
        raise invalid(f"of channel subtypes only {' and '.join(CHANNELS)} are emulated")
    where = f"channelSubtypeConfig.{channel}"
    if list(config["outboundMode"]) != ["agentless"]:
        raise invalid(f"{where}.outboundMode must be agentless")
    arn = config["defaultOutboundConfig"]["wisdomTemplateArn"]
    template = sendable(account, arn)
    if channel not in template["content"]:
        raise invalid(f"{where}.defaultOutboundConfig.wisdomTemplateArn: the template is not for {channel}")
    integrated = account.instance(campaign["connectInstanceId"]).integrations.get("qConnect")
    if integrated and integrated["knowledgeBaseArn"] != template["knowledgeBaseArn"]:
        raise invalid(f"{where}: the template is in another knowledge base than that of the Connect instance")


def _check_source(source: Document, account: Account, instance_id: str, profiles: CustomerProfiles) -> None:
    if len(source) != 1:
        raise invalid("source must have exactly one of customerProfilesSegmentArn and eventTrigger")
    if "eventTrigger" in source:
        domain = source["eventTrigger"].get("customerProfilesDomainArn")
        if not domain:
            raise invalid("source.eventTrigger.customerProfilesDomainArn must be given")
        if domain_of(domain) != domain or not profiles.exists(domain):
            raise missing("the Customer Profiles domain of source.eventTrigger")
    else:
        segment = source["customerProfilesSegmentArn"]
        domain = domain_of(segment)
        if domain == segment or not profiles.exists(segment):
            raise missing("the segment of source.customerProfilesSegmentArn")
    integrated = account.instance(instance_id).integrations.get("customerProfiles")
    if integrated and integrated["domainArn"] != domain:
        raise invalid("source is in another Customer Profiles domain than that of the Connect instance")
    if domain.split(":")[3:5] != [account.region, account.account]:
        raise invalid("source must be in the account and Region of the campaign")


def domain_of(arn: str) -> str:
    """Return the ARN of the domain that something is in; of a domain, its own."""
    return "/".join(arn.split("/")[:2])
