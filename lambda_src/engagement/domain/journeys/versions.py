"""Versions of a plan's journey: which there are, and which one a new run enters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Protocol

from engagement.domain.runs.ports import StoredPlan

COMPANY_PREFIX = "company-"
"""Of the IDs of company endpoints and of the events that enter journeys; no call of the pixel can name one."""
_HASH_LENGTH = 16


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a plan's journey.

    Parameters
    ----------
    name
        The value of the event attribute that it waits for, and that nobody else does.
    plan_key, plan_version
        The object that holds the plan, and its version.
    wished, maker
        When it was first wanted, and by which call, which makes its journey.
    journey
        ID of its journey; empty until there is one.
    live_from
        From when on new runs enter it; None until it is active.
    refusal
        Why the service does not take it; empty as long as it does.
    superseded
        Since when new runs enter a later version, or none.
    ended
        When its journey was cancelled, by us or by somebody else.
    """

    plan: str
    name: str
    plan_key: str
    plan_version: str
    wished: datetime
    maker: str
    journey: str = ""
    live_from: datetime | None = None
    refusal: str = ""
    superseded: datetime | None = None
    ended: datetime | None = None

    @classmethod
    def of(cls, environment: str, plan: str, stored: StoredPlan, count: int, now: datetime, maker: str) -> Version:
        """The version of a plan's text that is made for the `count`-th time."""
        return cls(plan, f"{text_digest(environment, stored)}-{count}", stored.key, stored.version, now, maker)

    def is_of(self, environment: str, stored: StoredPlan) -> bool:
        """Whether it was made from this text."""
        return self.name.startswith(f"{text_digest(environment, stored)}-")


class Versions(Protocol):
    """The versions that are known, and the runs that are in them."""

    def of_plan(self, plan: str) -> Sequence[Version]:
        """Versions of a plan, ended ones too."""

    def all(self) -> Sequence[Version]:
        """Versions of every plan."""

    def wish(self, version: Version) -> bool:
        """Write a new version; False if it is there already."""

    def write(self, version: Version) -> None:
        """Replace what is known of a version."""

    def enter(self, plan: str, version: str, run: str) -> None:
        """A run is about to enter a version: its journey must stay."""

    def leave(self, plan: str, version: str, run: str) -> None:
        """A run has ended."""

    def inside(self, version: Version) -> Iterable[str]:
        """Runs that have entered a version and have not left it."""


def text_digest(environment: str, stored: StoredPlan) -> str:
    """Names the text of a plan within one environment: several may share a project."""
    return sha256(f"{environment}\n{stored.text}".encode("utf-8", "surrogatepass")).hexdigest()[:_HASH_LENGTH]


def entrance(versions: Iterable[Version], now: datetime) -> Version | None:
    """The version that a new run enters: the newest that is live, else the newest that will be."""
    open_ones = [one for one in versions if not (one.ended or one.superseded or one.refusal)]
    live = [version for version in open_ones if version.live_from is not None and version.live_from <= now]
    return max(live or open_ones, key=lambda version: version.wished, default=None)
