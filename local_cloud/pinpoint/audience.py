"""Whom a run of a campaign targets, and with which treatment. Nothing is sent here."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from local_cloud.pinpoint.applications import Application
from local_cloud.pinpoint.campaign_rules import channels_of, treatments_of
from local_cloud.pinpoint.campaign_store import Progress
from local_cloud.pinpoint.members import Membership
from local_cloud.pinpoint.message_counts import Limits

Document = Mapping[str, Any]

_PARTS: Final = 2**32


@dataclass(frozen=True)
class Audience:
    """The endpoints that a run of a campaign targets.

    Attributes
    ----------
    application, campaign
        The campaign.
    now, factor
        The moment, and how many times faster durations pass.
    """

    application: Application
    campaign: Document
    now: datetime
    factor: float

    def shares(self, candidates: Iterable[Document], progress: Progress) -> list[list[Document]]:
        """Choose the endpoints, and count them as targeted.

        Parameters
        ----------
        candidates
            Endpoints that may belong to the segment.
        progress
            Counts the members of the segment that get nothing, by reason.

        Returns
        -------
        list of list
            Endpoints for each treatment.
        """
        shares: list[list[Document]] = [[] for _ in treatments_of(self.campaign)]
        segment = self.application.segments.get(self.campaign["SegmentId"], self.campaign["SegmentVersion"])
        membership = Membership(self.application.segments, self.now, self.factor)
        for endpoint in candidates:
            if not membership.belongs(endpoint, segment):
                continue
            treatment, reason = self._choice(endpoint)
            if reason:
                progress.skip(reason)
            else:
                shares[treatment].append(endpoint)
                self.application.message_counts.add(endpoint["Id"], self.campaign["Id"], self.now)
        return shares

    def _choice(self, endpoint: Document) -> tuple[int, str]:
        """Return the number of an endpoint's treatment, or why it gets nothing."""
        treatment = self._treatment(endpoint["Id"])
        if treatment is None:
            return 0, "holdout"
        channels = channels_of(treatments_of(self.campaign)[treatment])
        obstacles = {
            "other_channel": endpoint.get("ChannelType") not in channels,
            "no_address": not endpoint.get("Address"),
            "inactive": endpoint["EndpointStatus"] != "ACTIVE",
            "opted_out": endpoint["OptOut"] == "ALL",
            "quiet_time": _is_quiet(self._setting("QuietTime"), endpoint, self.now),
            "limit": not self.application.message_counts.allows(
                endpoint["Id"], self.campaign["Id"], self._limits(), self.now, self.factor
            ),
        }
        return treatment, next((reason for reason, holds in obstacles.items() if holds), "")

    def _treatment(self, endpoint_id: str) -> int | None:
        """Split the members by a hash, so that an endpoint always falls into the same part of a campaign."""
        digest = hashlib.sha256(f"{self.campaign['Id']}/{endpoint_id.lower()}".encode()).digest()
        left = int.from_bytes(digest[:4]) / _PARTS * 100 - self.campaign.get("HoldoutPercent", 0)
        if left < 0:
            return None
        for number, treatment in enumerate(self.campaign.get("AdditionalTreatments", []), start=1):
            left -= treatment["SizePercent"]
            if left < 0:
                return number
        return 0

    def _limits(self) -> Limits:
        own, default = self.campaign.get("Limits", {}), self.application.settings["Limits"]
        return Limits(
            daily=own.get("Daily") or default.get("Daily", 0),
            total=own.get("Total") or default.get("Total", 0),
            shared=not own.get("Daily"),
        )

    def _setting(self, name: str) -> Document:
        """Service model, WriteApplicationSettingsRequest: the application has defaults, which a campaign overrides."""
        own: Document = self.campaign["Schedule"].get(name) or self.application.settings[name]
        return own


def _is_quiet(quiet_time: Document, endpoint: Document, now: datetime) -> bool:
    """Service model, QuietTime: without a valid time zone an endpoint gets messages, quiet time or not."""
    start, end = quiet_time.get("Start"), quiet_time.get("End")
    try:
        zone = ZoneInfo(endpoint.get("Demographic", {}).get("Timezone") or "")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    if not start or not end:
        return False
    local, start, end = now.astimezone(zone).strftime("%H:%M"), str(start), str(end)
    return start <= local <= end if start <= end else local >= start or local <= end
