"""Campaigns under way: who enters them, and what is sent."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from local_cloud.outbound.campaign_rules import channel_of, domain_of
from local_cloud.outbound.campaign_states import COMPLETED, FAILED, RUNNING
from local_cloud.outbound.contents import address_of, content_for
from local_cloud.outbound.environment import Environment
from local_cloud.outbound.hours import is_open
from local_cloud.outbound.limits import is_reached_enough, still_counted
from local_cloud.outbound.store import Account, Campaign, Document
from local_cloud.outbound.templates import sendable
from local_cloud.service.messages import ServiceError
from local_cloud.service.moments import duration, iso_8601, known_instant
from local_cloud.service.outbox import Message
from local_cloud.service.rendering import RenderingError

# How many messages are sent before others may look at the state.
_AT_ONCE: Final = 200


@dataclass(frozen=True)
class Run:
    """A campaign that is under way, at one moment.

    Attributes
    ----------
    environment
        What it works with.
    account, campaign
        The campaign.
    now
        The moment.
    """

    environment: Environment
    account: Account
    campaign: Campaign
    now: datetime

    def advance(self) -> None:
        """Do what is due: take members, send to those who wait, end. One that is paused only ends (reading)."""
        document, progress = self.campaign.document, self.campaign.progress
        if known_instant(progress.ends) <= self.now:
            progress.skip("expired", len(progress.waiting))
            progress.waiting.clear()
            progress.state = COMPLETED
        elif progress.state == RUNNING and known_instant(progress.starts) <= self.now:
            if "customerProfilesSegmentArn" in document["source"]:
                self._take_members()
            self._send()

    def enter(self, profile_ids: Iterable[str]) -> None:
        """Let profiles in, as often as the entry limits allow.

        Parameters
        ----------
        profile_ids
            Who wants to enter.
        """
        progress, limits = self.campaign.progress, self.campaign.document.get("entryLimitsConfig", {})
        most, pause = limits.get("maxEntryCount", 0), duration(limits.get("minEntryInterval", "PT0S")) or timedelta()
        for profile_id in profile_ids:
            count, last = progress.entries.get(profile_id, (0, ""))
            if (most and count >= most) or (last and known_instant(last) + self._scaled(pause) > self.now):
                progress.skip("entry_limit")
                continue
            progress.entries[profile_id] = (count + 1, iso_8601(self.now))
            progress.waiting.append(profile_id)

    def _take_members(self) -> None:
        """The members at the start, and at each refresh those who have not been in it yet (reading)."""
        source, progress = self.campaign.document["source"], self.campaign.progress
        due = progress.refreshes or progress.starts
        if progress.taken and (not progress.refreshes or known_instant(due) > self.now):
            return
        segment = source["customerProfilesSegmentArn"]
        if not self.environment.profiles.exists(segment):
            progress.state = FAILED
            return
        members = [one["ProfileId"] for one in self.environment.profiles.members(segment)]
        self.enter(member for member in members if not progress.taken or member not in progress.entries)
        progress.taken = True
        frequency = duration(self.campaign.document["schedule"].get("refreshFrequency", ""))
        progress.refreshes = iso_8601(known_instant(due) + self._scaled(frequency)) if frequency else ""

    def _send(self) -> None:
        """Outside open hours everybody waits (reading). A segment's campaign is over when nobody waits any more."""
        document, progress = self.campaign.document, self.campaign.progress
        if progress.state != RUNNING:
            return
        if progress.waiting and is_open(
            document.get("communicationTimeConfig", {}), channel_of(document), self.environment.wall_clock()
        ):
            batch, progress.waiting[:_AT_ONCE] = progress.waiting[:_AT_ONCE], []
            for profile_id in batch:
                self._send_to(profile_id)
        if progress.taken and not progress.waiting and not progress.refreshes:
            progress.state = COMPLETED

    def _send_to(self, profile_id: str) -> None:
        progress, channel = self.campaign.progress, channel_of(self.campaign.document)
        profile = self.environment.profiles.profile(self._domain(), profile_id)
        address = address_of(profile, channel) if profile else ""
        if profile is None or not address:
            progress.skip("no_address" if profile else "profile_gone")
        elif self._has_enough(profile_id):
            progress.skip("communication_limit")
        else:
            try:
                self._deliver(profile_id, profile, address)
            except (RenderingError, ServiceError) as error:
                progress.skip("rendering_failed" if isinstance(error, RenderingError) else "template_gone")

    def _deliver(self, profile_id: str, profile: Document, address: str) -> None:
        document, channel = self.campaign.document, channel_of(self.campaign.document)
        outbound = document["channelSubtypeConfig"][channel]["defaultOutboundConfig"]
        content = content_for(profile, sendable(self.account, outbound["wisdomTemplateArn"]))
        self.environment.outbox.add(
            Message(
                message_id=uuid.uuid4().hex,
                time=iso_8601(self.now),
                application_id=document["connectInstanceId"],
                account=self.account.account,
                region=self.account.region,
                channel=channel.upper(),
                address=address,
                endpoint_id=profile.get("AccountNumber") or profile_id,
                sender=outbound.get("connectSourceEmailAddress") or outbound.get("connectSourcePhoneNumberArn", ""),
                title=content.title,
                body=content.body,
                html=content.html,
                campaign_id=document["id"],
                destination="connect",
            )
        )
        self.campaign.progress.sent += 1
        instance = self.account.instances.get(document["connectInstanceId"])
        if instance:
            earlier = instance.reached.get(profile_id, [])
            instance.reached[profile_id] = [*still_counted(earlier, self.now), iso_8601(self.now)]

    def _has_enough(self, profile_id: str) -> bool:
        instance = self.account.instances.get(self.campaign.document["connectInstanceId"])
        return instance is not None and is_reached_enough(
            instance.reached.get(profile_id, []),
            self.campaign.document.get("communicationLimitsOverride", {}),
            instance.limits,
            self.now,
            self.environment.time_factor(),
        )

    def _domain(self) -> str:
        source = self.campaign.document["source"]
        if "eventTrigger" in source:
            return str(source["eventTrigger"]["customerProfilesDomainArn"])
        return domain_of(source["customerProfilesSegmentArn"])

    def _scaled(self, length: timedelta) -> timedelta:
        return length / self.environment.time_factor()
