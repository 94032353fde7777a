"""A plan as dataclasses, read from a document that the schema has let pass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from engagement.domain.interactions.conditions import Word
from engagement.domain.interactions.kinds import Did
from engagement.domain.plans import audience
from engagement.domain.plans.faults import Path
from engagement.domain.plans.moments import duration, moment

Document = Mapping[str, Any]


class Orchestrator(StrEnum):
    """What walks the steps of a plan."""

    STATE_MACHINE = "state_machine"
    JOURNEY = "journey"
    SCHEDULE = "schedule"


class Channel(StrEnum):
    """What a send goes out on."""

    EMAIL = "EMAIL"
    SMS = "SMS"
    PUSH = "PUSH"
    CUSTOM = "CUSTOM"


class Via(StrEnum):
    """How a stamp finds its endpoints."""

    CUSTOM = "custom"
    HOOK = "hook"
    EXPORT = "export"


_WORDS: tuple[Word, ...] = ("only", "unless")


@dataclass(frozen=True, slots=True)
class Start:
    """When a campaign starts: at a moment, else so long after its step has begun."""

    delay: timedelta = timedelta(0)
    moment: datetime | None = None

    @classmethod
    def parse(cls, text: str) -> Start:
        """Read `now`, a duration or a moment."""
        if text == "now":
            return cls()
        return cls(duration(text)) if text.startswith("P") else cls(moment=moment(text))


@dataclass(frozen=True, slots=True)
class Content:
    """What a recipient reads: a stored template, or the parts of an inline message by name.

    Parameters
    ----------
    where
        The object of the plan that holds `template` or `message`.
    template_version
        None: the version that is active when the campaign runs.
    message
        None if there is a template. Values are texts; only `data` of a CUSTOM message is an object.
    """

    where: Path
    template: str | None
    template_version: str | None
    message: Document | None

    @classmethod
    def parse(cls, document: Document, where: Path) -> Content:
        """Read the keys `template`, `template_version` and `message` of a send or a treatment."""
        return cls(where, document.get("template"), document.get("template_version"), document.get("message"))


@dataclass(frozen=True, slots=True)
class Treatment:
    """A variant of a send for a share of its audience."""

    where: Path
    name: str
    percent: int
    content: Content


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of a campaign; None leaves the project's default."""

    daily: int | None = None
    total: int | None = None
    messages_per_second: int | None = None
    maximum_duration: timedelta | None = None

    @classmethod
    def parse(cls, document: Document) -> Limits:
        """Read the object `limits`."""
        longest = document.get("maximum_duration")
        return cls(
            document.get("daily"),
            document.get("total"),
            document.get("messages_per_second"),
            None if longest is None else duration(longest),
        )


@dataclass(frozen=True, slots=True)
class Condition:
    """What a recipient must have done, or must not have done, in an earlier step.

    Parameters
    ----------
    word
        `only` for who did, `unless` for who did not.
    step
        ID of the step.
    """

    where: Path
    word: Word
    step: str
    did: Did

    @classmethod
    def all_of(cls, document: Document, where: Path) -> tuple[Condition, ...]:
        """Read the keys `only` and `unless` of a send."""
        return tuple(
            cls((*where, word), word, document[word]["step"], Did(document[word]["did"]))
            for word in _WORDS
            if word in document
        )


@dataclass(frozen=True, slots=True)
class Send:
    """One campaign: an audience on a channel.

    Parameters
    ----------
    quiet_time
        From and to, as `HH:MM` in the endpoint's time zone: who is in it when the campaign runs is skipped.
    """

    where: Path
    audience: str
    channel: Channel
    content: Content
    name: str | None = None
    sender: str | None = None
    message_type: str | None = None
    custom_channel: str | None = None
    endpoint_types: tuple[str, ...] = ()
    treatments: tuple[Treatment, ...] = ()
    holdout_percent: int = 0
    start: Start = Start()
    quiet_time: tuple[str, str] | None = None
    limits: Limits = Limits()
    conditions: tuple[Condition, ...] = ()

    @classmethod
    def parse(cls, document: Document, where: Path) -> Send:
        """Read one element of a step's `send`."""
        quiet = document.get("quiet_time")
        return cls(
            where=where,
            audience=document["audience"],
            channel=Channel(document["channel"]),
            content=Content.parse(document, where),
            name=document.get("name"),
            sender=document.get("sender"),
            message_type=document.get("message_type"),
            custom_channel=document.get("custom_channel"),
            endpoint_types=tuple(document.get("endpoint_types", ())),
            treatments=tuple(
                Treatment(at, item["name"], item["percent"], Content.parse(item, at))
                for index, item in enumerate(document.get("treatments", ()))
                for at in [(*where, "treatments", index)]
            ),
            holdout_percent=document.get("holdout_percent", 0),
            start=Start.parse(document.get("start", "now")),
            quiet_time=None if quiet is None else (quiet["from"], quiet["to"]),
            limits=Limits.parse(document.get("limits", {})),
            conditions=Condition.all_of(document, where),
        )

    @property
    def contents(self) -> tuple[Content, ...]:
        """Its own content and that of each treatment."""
        return self.content, *(treatment.content for treatment in self.treatments)


@dataclass(frozen=True, slots=True)
class Stamp:
    """User attributes for the members of audiences, without a message."""

    where: Path
    audiences: tuple[str, ...]
    values: Mapping[str, tuple[str, ...]]
    via: Via
    allow_shared: bool

    @classmethod
    def parse(cls, document: Document, where: Path) -> Stamp:
        """Read a step's `stamp`."""
        given = document["set"].items()
        return cls(
            where=where,
            audiences=tuple(document["audiences"]),
            values={name: (value,) if isinstance(value, str) else tuple(value) for name, value in given},
            via=Via(document.get("via", "custom")),
            allow_shared=document.get("allow_shared", False),
        )


@dataclass(frozen=True, slots=True)
class Step:
    """One of a stamp, sends or a wait."""

    where: Path
    id: str
    stamp: Stamp | None = None
    sends: tuple[Send, ...] = ()
    wait: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Who hears what, when, and what happens next.

    Parameters
    ----------
    event
        Name of the company event, and of the plan.
    schedule
        When it runs without an event; None for plans that an event starts.
    otherwise
        What walks the steps if the orchestrator cannot; None: nobody.
    """

    event: str
    orchestrator: Orchestrator
    schedule: Start | None
    audiences: Mapping[str, audience.Expression]
    steps: tuple[Step, ...]
    otherwise: Orchestrator | None = None

    def step(self, step_id: str) -> Step | None:
        """The step of that id."""
        return next((step for step in self.steps if step.id == step_id), None)
