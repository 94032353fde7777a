"""Sends and stamps as campaigns; which documents make them is the destination's business."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engagement.domain.destinations import DestinationName
from engagement.domain.plans.faults import Fault, Path
from engagement.domain.plans.model import Channel, Plan, Send, Stamp, Start, Step
from engagement.domain.plans.moments import instant
from engagement.domain.plans.names import Names
from engagement.domain.plans.settings import PlanSettings
from engagement.domain.plans.texts import Text

Request = dict[str, Any]


def needed(step: Step, sends_by: DestinationName) -> int:
    """The most campaigns that a step makes, active at once; on Amazon Connect a stamp makes none."""
    stamped = len(step.stamp.audiences) if step.stamp and sends_by == "pinpoint" else 0
    return len(step.sends) + stamped


@dataclass(frozen=True, slots=True)
class PlannedCampaign(ABC):
    """A campaign to make.

    Parameters
    ----------
    where
        The send or the stamp that it comes from.
    audience, channel
        Whom it is for; the channel of a stamp is CUSTOM.
    segment
        Name of the planned segment that it goes to.
    starts
        When it begins to send, in whole seconds.
    body
        The request that makes it, without its segment.
    """

    name: str
    where: Path
    audience: str
    channel: Channel
    segment: str
    starts: datetime
    body: Mapping[str, Any]

    @abstractmethod
    def request(self, segment_id: str) -> Request:
        """The request that makes it, once its segment exists."""


@dataclass(frozen=True, slots=True)
class Campaigns(ABC):
    """The campaigns of one step of one run.

    Parameters
    ----------
    values
        Attributes of the event.
    now
        When the step begins. The same step must be given the same moment if it is done again.
    made_at
        When the campaigns are made; not before `now`.
    faults
        Gets what is wrong only with these values or at this moment.
    """

    names: Names
    plan: Plan
    step: Step
    settings: PlanSettings
    values: Mapping[str, str]
    now: datetime
    made_at: datetime
    faults: list[Fault]

    @abstractmethod
    def of_send(self, send: Send, segment: str) -> PlannedCampaign:
        """The campaign of a send."""

    @abstractmethod
    def of_stamp(self, stamp: Stamp, audience: str, segment: str) -> PlannedCampaign | None:
        """The campaign that finds an audience's members for a stamp; None if they have to be exported."""

    @property
    def earliest(self) -> datetime:
        """When a campaign may start at the soonest."""
        return self.made_at + self.settings.start_lead

    def fill(self, text: Text) -> str:
        """A text with the event's values; what cannot be is a fault, and empty."""
        missing = text.missing(self.values)
        for attribute in dict.fromkeys(missing):
            rule = f"the event has no attribute {attribute}"
            self.faults.append(Fault(text.where, rule, f"Send the event with detail.{attribute}"))
        if missing:
            return ""
        filled = text.fill(text.text, self.values)
        if fault := text.too_long(filled):
            self.faults.append(fault)
        return filled

    def starts(self, start: Start, where: Path) -> datetime:
        """When a campaign starts; a moment that has passed is a fault."""
        if start.moment is not None and start.moment <= self.now:
            rule = f"{instant(start.moment)} has passed"
            self.faults.append(Fault(where, rule, "Write a moment to come, a delay, or now"))
        return max(self.earliest, start.moment or self.now + start.delay).replace(microsecond=0)

    def name(self, send: Send) -> str:
        """Name of a send's campaign."""
        parts = [send.audience, send.channel, *([send.custom_channel] if send.custom_channel else [])]
        own = send.name is not None
        label = f"{self.step.id}-{self.fill(Text((*send.where, 'name'), send.name or ''))}" if own else ""
        return self.names.of("campaign", self.step.id, *parts, label=label)
