"""What the platform team lets plans reach, and what plans are compiled for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from engagement.domain.destinations import DestinationName
from engagement.domain.plans import limits
from engagement.domain.plans.connect import limits as connect_limits
from engagement.domain.plans.connect.settings import ConnectSettings
from engagement.domain.plans.faults import Fault, PlanError

_SHORTEST_LEAD = 60


@dataclass(frozen=True, slots=True)
class PlanSettings:
    """Settings that hold for all plans.

    Parameters
    ----------
    custom_channels
        ARN of the function of each custom channel, by the name that plans use.
    allowed_senders
        E-mail addresses, phone numbers and sender IDs that plans may send from.
    reserved_user_attributes
        Globs of the user attributes that no plan may stamp or select by.
    reserved_active_campaigns
        How many of the active campaigns of the account, or of the Connect instance, belong to others.
    stamp_function
        ARN of the function that stamps.
    filter_function
        ARN of the function that knows what recipients did; empty where interactions are not recorded.
    start_lead_seconds
        How long before its start a campaign is made, at least 60; time to find and delete one that was made twice.
    journey_activities, journey_shortest_wait_seconds
        How many activities a journey may have, and how long it waits at least.
    sends_by
        The destination that sends.
    connect
        What plans reach on Amazon Connect; None if it is no destination.
    """

    custom_channels: Mapping[str, str] = field(default_factory=dict)
    allowed_senders: frozenset[str] = frozenset()
    reserved_user_attributes: tuple[str, ...] = ("engagement_*",)
    reserved_active_campaigns: int = 0
    stamp_function: str = "stamp"
    filter_function: str = ""
    start_lead_seconds: int = 180
    journey_activities: int = limits.JOURNEY_ACTIVITIES
    journey_shortest_wait_seconds: int = int(limits.JOURNEY_SHORTEST_WAIT.total_seconds())
    sends_by: DestinationName = DestinationName.PINPOINT
    connect: ConnectSettings | None = None

    def __post_init__(self) -> None:
        if self.sends_by == "connect" and self.connect is None:
            raise ValueError("sends_by is connect, which has no settings: give connect")
        if self.start_lead_seconds < _SHORTEST_LEAD:
            raise ValueError(f"start_lead_seconds must be at least {_SHORTEST_LEAD}")

    @property
    def start_lead(self) -> timedelta:
        """`start_lead_seconds` as a duration."""
        return timedelta(seconds=self.start_lead_seconds)

    def sent_by(self, destination: DestinationName) -> PlanSettings:
        """The same settings with another destination that sends."""
        return replace(self, sends_by=destination)

    @property
    def active_campaigns(self) -> int:
        """How many campaigns may be active at once for plans."""
        most = connect_limits.ACTIVE_CAMPAIGNS if self.sends_by == "connect" else limits.ACTIVE_CAMPAIGNS
        return max(0, most - self.reserved_active_campaigns)

    @classmethod
    def parse(cls, document: object) -> PlanSettings:
        """Read settings that a person wrote, as one JSON object with any of the fields.

        Raises
        ------
        PlanError
            A field is unknown or has the wrong type.
        """
        if not isinstance(document, dict):
            raise PlanError([Fault((), "must be an object", f"Write an object with any of {_KEYS}")])
        faults: list[Fault] = []
        fields: dict[str, Any] = {}
        for key, value in document.items():
            if key == "connect":
                fields[key] = None if value is None else ConnectSettings.parse(value, (key,), faults)
            elif key not in _READERS:
                faults.append(Fault((key,), "unknown key", f"Use {_KEYS}"))
            elif not _READERS[key][0](value):
                faults.append(Fault((key,), f"must be {_READERS[key][1]}", "Mend it in the settings"))
            else:
                fields[key] = _READERS[key][2](value)
        if fields.get("sends_by") == "connect" and document.get("connect") is None:
            remedy = "Give connect its templates and senders, or let pinpoint send"
            faults.append(Fault(("connect",), "missing, and sends_by is connect", remedy))
        if faults:
            raise PlanError(faults)
        return cls(**fields)


def _texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _mapping(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(item, str) for item in value.values())


def _whole(least: int, value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


_READERS: Mapping[str, Any] = {
    "custom_channels": (_mapping, "an object of function ARNs by name", dict),
    "allowed_senders": (_texts, "a list of texts", frozenset),
    "reserved_user_attributes": (_texts, "a list of globs", tuple),
    "reserved_active_campaigns": (lambda value: _whole(0, value), "a whole number from 0", int),
    "stamp_function": (lambda value: isinstance(value, str), "a text", str),
    "journey_activities": (lambda value: _whole(1, value), "a whole number from 1", int),
    "journey_shortest_wait_seconds": (lambda value: _whole(0, value), "a whole number from 0", int),
    "filter_function": (lambda value: isinstance(value, str), "a text", str),
    "sends_by": (tuple(DestinationName).__contains__, " or ".join(DestinationName), DestinationName),
    "start_lead_seconds": (lambda value: _whole(_SHORTEST_LEAD, value), f"a whole number from {_SHORTEST_LEAD}", int),
}
_KEYS = ", ".join([*_READERS, "connect"])
