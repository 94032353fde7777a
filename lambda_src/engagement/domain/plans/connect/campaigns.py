"""Sends as campaigns: the documents with which Amazon Connect makes them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engagement.domain.plans.campaigns import Campaigns, PlannedCampaign, Request
from engagement.domain.plans.connect import limits
from engagement.domain.plans.connect.hours import open_hours
from engagement.domain.plans.connect.settings import ConnectSettings
from engagement.domain.plans.model import Channel, Limits, Send, Stamp
from engagement.domain.plans.moments import instant

_SUBTYPES = {Channel.EMAIL: "email", Channel.SMS: "sms"}
_SOURCES = {Channel.EMAIL: "connectSourceEmailAddress", Channel.SMS: "connectSourcePhoneNumberArn"}
CHANNELS = tuple(_SUBTYPES)
"""Those that a campaign without an agent has."""


@dataclass(frozen=True, slots=True)
class ConnectCampaign(PlannedCampaign):
    """A managed campaign of the instance; it sends nothing before it is started."""

    def request(self, segment_id: str) -> Request:
        """The parameters of `CreateCampaign`, without the instance; the ID is the definition's ARN."""
        return {**self.body, "source": {"customerProfilesSegmentArn": segment_id}}


@dataclass(frozen=True, slots=True)
class ConnectCampaigns(Campaigns):
    """Campaigns of the instance."""

    def of_send(self, send: Send, segment: str) -> ConnectCampaign:
        """The campaign of a send."""
        # A listing of campaigns has no tags: a run's are found by the end of their names.
        name = f"{self.name(send)}-{self.names.run}"
        starts = self.starts(send.start, (*send.where, "start"))
        connect = self.settings.connect or ConnectSettings()
        template = connect.templates[send.content.template or ""]
        body: Request = {
            "name": name,
            "type": "MANAGED",
            "connectCampaignFlowArn": template.campaign_flow_arn,
            "schedule": _schedule(starts, send.limits),
            "entryLimitsConfig": {"maxEntryCount": 1, "minEntryInterval": "PT0H"},
            "channelSubtypeConfig": {
                _SUBTYPES[send.channel]: {
                    "outboundMode": {"agentless": {}},
                    "defaultOutboundConfig": {
                        _SOURCES[send.channel]: connect.senders[send.channel],
                        "wisdomTemplateArn": template.arn,
                    },
                }
            },
            # Without its owner people cannot see a campaign in Amazon Connect's own pages.
            "tags": {**self.names.tags(self.step.id), "owner": template.instance_arn},
        }
        if send.quiet_time:
            body["communicationTimeConfig"] = _times(send.channel, send.quiet_time)
        if counts := _counts(send.limits):
            body["communicationLimitsOverride"] = counts
        return ConnectCampaign(name, send.where, send.audience, send.channel, segment, starts, body)

    def of_stamp(self, stamp: Stamp, audience: str, segment: str) -> None:
        """None: nothing but an export of the segment tells who is in it."""


def _schedule(starts: datetime, its: Limits) -> Request:
    return {"startTime": instant(starts), "endTime": instant(starts + (its.maximum_duration or limits.DURATION))}


def _times(channel: Channel, quiet_time: tuple[str, str]) -> Request:
    zones = {"defaultTimeZone": "UTC", "localTimeZoneDetection": ["ZIP_CODE", "AREA_CODE"]}
    return {"localTimeZoneConfig": zones, _SUBTYPES[channel]: {"openHours": {"dailyHours": open_hours(quiet_time)}}}


def _counts(its: Limits) -> Request:
    days = {1: its.daily, limits.TOTAL_DAYS: its.total}
    counts = [
        {"maxCountPerRecipient": most, "frequency": frequency, "unit": "DAY"}
        for frequency, most in days.items()
        if most is not None
    ]
    # The instance's own limits hold besides.
    handling = {"instanceLimitsHandling": "OPT_IN"}
    return {"allChannelSubtypes": {"communicationLimitsList": counts}, **handling} if counts else {}
