"""Whom a run of a campaign targets, and with which treatment. Nothing is sent here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from local_cloud.pinpoint.applications import Application
from local_cloud.pinpoint.campaign_rules import channels_of, treatments_of
from local_cloud.pinpoint.campaign_store import Progress
from local_cloud.pinpoint.chance import percentile
from local_cloud.pinpoint.members import Membership
from local_cloud.pinpoint.message_counts import Limits
from local_cloud.pinpoint.obstacles import is_quiet, obstacle_of

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Audience:
    """The endpoints that a run of a campaign targets.

    Attributes
    ----------
    application, campaign, segment
        The campaign, and the version of its segment.
    now, factor
        The moment, and how many times faster durations pass.
    """

    application: Application
    campaign: Document
    segment: Document
    now: datetime
    factor: float

    def members(self, candidates: Iterable[Document]) -> list[Document]:
        """Return the endpoints that belong to the segment. This takes the time, and needs no lock.

        Parameters
        ----------
        candidates
            Endpoints that may belong to it.

        Returns
        -------
        list
            Those that do.
        """
        membership = Membership(self.application.segments, self.now, self.factor)
        return [endpoint for endpoint in candidates if membership.belongs(endpoint, self.segment)]

    def shares(self, members: Iterable[Document], progress: Progress) -> list[list[Document]]:
        """Choose the endpoints that get a message, and count them as targeted.

        Parameters
        ----------
        members
            Endpoints of the segment.
        progress
            Counts those that get nothing, by reason.

        Returns
        -------
        list of list
            Endpoints for each treatment.
        """
        treatments = treatments_of(self.campaign)
        channels = [channels_of(treatment) for treatment in treatments]
        limits, quiet_time = self._limits(), self._quiet_time()
        shares: list[list[Document]] = [[] for _ in treatments]
        for endpoint in members:
            number = self._treatment(endpoint["Id"])
            if number is None:
                progress.skip("holdout")
            elif reason := (
                _obstacle(endpoint, channels[number])
                or (is_quiet(quiet_time, endpoint, self.now) and "quiet_time")
                or (not self._allows(limits, endpoint["Id"]) and "limit")
            ):
                progress.skip(reason)
            else:
                shares[number].append(endpoint)
                self.application.message_counts.add(endpoint["Id"], self.campaign["Id"], self.now)
        return shares

    def _allows(self, limits: Limits, endpoint_id: str) -> bool:
        counts = self.application.message_counts
        return counts.allows(endpoint_id, self.campaign["Id"], limits, self.now, self.factor)

    def _treatment(self, endpoint_id: str) -> int | None:
        """Split the members by a hash, so that an endpoint always falls into the same part of a campaign."""
        left = percentile(f"{self.campaign['Id']}/{endpoint_id.lower()}") - self.campaign.get("HoldoutPercent", 0)
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

    def _quiet_time(self) -> Document:
        """Service model, WriteApplicationSettingsRequest: the application's is the default."""
        own: Document = self.campaign["Schedule"].get("QuietTime") or self.application.settings["QuietTime"]
        return own


def _obstacle(endpoint: Document, channels: frozenset[str]) -> str | None:
    return "other_channel" if endpoint.get("ChannelType") not in channels else obstacle_of(endpoint)
