"""Event triggers come: an object that fulfils one hands its profile to a campaign."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from local_cloud.profiles.criteria import fits
from local_cloud.profiles.mapping import field_text, text_of, value_at
from local_cloud.profiles.matching import Match
from local_cloud.profiles.membership import Membership, joined
from local_cloud.profiles.neighbours import Campaigns
from local_cloud.profiles.object_type_rules import source_path
from local_cloud.profiles.state import SECONDS_PER_DAY, Domain

Document = Mapping[str, Any]

# A month of 30 days (reading).
_SECONDS: Final[Mapping[str, float]] = {
    "MINUTES": 60.0,
    "HOURS": 3_600.0,
    "DAYS": SECONDS_PER_DAY,
    "WEEKS": 7 * SECONDS_PER_DAY,
    "MONTHS": 30 * SECONDS_PER_DAY,
}
# Connect admin guide, event triggers: the default limit, and how long an event counts when it starts a campaign.
_DEFAULT_PERIODS: Final = ({"Unit": "DAYS", "Value": 1, "MaxInvocationsPerProfile": 10},)
_LONGEST_EXPIRATION_SECONDS: Final = 900.0


@dataclass(frozen=True)
class Firing:
    """What decides whether triggers come now.

    Attributes
    ----------
    domain
        Where the object is stored.
    campaigns
        What the profiles are handed to.
    now, time_factor
        The time, and how many times faster durations pass.
    """

    domain: Domain
    campaigns: Campaigns
    now: float
    time_factor: float

    def fire(self, match: Match, received: float) -> None:
        """Let every trigger come that an object fulfils. An object that overwrites another counts again (reading).

        Parameters
        ----------
        match
            The object, with its profile.
        received
            When it was put, in seconds since 1970.
        """
        for trigger in self.domain.triggers.values():
            campaign = self.domain.campaign_of(trigger["EventTriggerName"])
            if campaign and self._fulfils(trigger, match) and self._is_fresh(trigger, received):
                self._hand_over(trigger, campaign, match.stored.profile_id)

    def _fulfils(self, trigger: Document, match: Match) -> bool:
        """Connect admin guide, event triggers: one condition is enough; attributes of a dimension must all fit."""
        if trigger["ObjectTypeName"] != match.stored.type_name:
            return False
        object_type = self.domain.object_type(match.stored.type_name)
        if not any(_fits_condition(one, object_type, match.document) for one in trigger["EventTriggerConditions"]):
            return False
        profile = self.domain.profiles.get(match.stored.profile_id)
        return "SegmentFilter" not in trigger or Membership(self.domain.segments).belongs(
            profile, trigger["SegmentFilter"]
        )

    def _is_fresh(self, trigger: Document, received: float) -> bool:
        milliseconds = trigger.get("EventTriggerLimits", {}).get("EventExpiration")
        own = _LONGEST_EXPIRATION_SECONDS if milliseconds is None else milliseconds / 1000
        return self.now - received <= min(own, _LONGEST_EXPIRATION_SECONDS) / self.time_factor

    def _hand_over(self, trigger: Document, campaign: str, profile_id: str) -> None:
        periods = trigger.get("EventTriggerLimits", {}).get("Periods") or _DEFAULT_PERIODS
        since = self.now - max(self._seconds(period) for period in periods)
        firings = self.domain.firings.setdefault(trigger["EventTriggerName"], {})
        moments = [moment for moment in firings.get(profile_id, []) if moment > since]
        if all(self._has_room(period, moments) for period in periods):
            moments.append(self.now)
            self.campaigns.take(campaign, profile_id)
        firings[profile_id] = moments

    def _has_room(self, period: Document, moments: list[float]) -> bool:
        if period.get("Unlimited"):
            return True
        since = self.now - self._seconds(period)
        return sum(moment > since for moment in moments) < int(period["MaxInvocationsPerProfile"])

    def _seconds(self, period: Document) -> float:
        return _SECONDS[period["Unit"]] * float(period["Value"]) / self.time_factor


def _fits_condition(condition: Document, object_type: Document, document: Document) -> bool:
    return joined(
        condition["LogicalOperator"],
        (
            all(_fits_attribute(attribute, object_type, document) for attribute in dimension["ObjectAttributes"])
            for dimension in condition["EventTriggerDimensions"]
        ),
    )


def _fits_attribute(attribute: Document, object_type: Document, document: Document) -> bool:
    if "FieldName" in attribute:
        value = field_text(object_type, document, attribute["FieldName"])
    else:
        value = text_of(value_at(document, source_path(attribute["Source"])))
    return fits(attribute["ComparisonOperator"], attribute["Values"], value)
