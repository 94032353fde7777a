"""What the ledger keeps of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from engagement.domain.destinations import DestinationName


class RunStatus(StrEnum):
    """How far a run is."""

    RUNNING = "running"
    COMPLETED = "completed"
    REFUSED = "refused"
    FAILED = "failed"
    STOPPED = "stopped"


class StepStatus(StrEnum):
    """How far a step is."""

    WORKING = "working"
    SETTLING = "settling"
    LISTENING = "listening"
    COUNTING = "counting"
    AWAITED = "awaited"
    SENDING = "sending"
    STAMPING = "stamping"
    WAITING = "waiting"
    COMPLETED = "completed"


class Kind(StrEnum):
    """What a run makes at the engagement service."""

    SEGMENT = "segment"
    CAMPAIGN = "campaign"
    EXPORT = "export"


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A run.

    Parameters
    ----------
    run
        Its ID, 40 hexadecimal digits.
    key
        What makes it the only one; names of what it makes follow from it.
    values
        The event's attributes.
    plan_key, plan_version
        The object that holds the plan, and its version: a run keeps the one with which it began.
    stopping
        Somebody has asked to stop it: nothing more is made.
    started
        The state machine has been told.
    reserved
        How many of the account's active campaigns are kept free for it.
    outline
        The plan's steps for people, as JSON.
    journey
        The version of the plan's journey that calls for the steps; empty if nobody does.
    lost
        Why the journey's calls are not awaited any more; empty as long as they are.
    only_step
        ID of the only step that is walked, for a journey that was drawn by hand; empty for all.
    sends_by
        The destination that sends: a run keeps the one with which it began.
    """

    run: str
    key: str
    plan: str
    status: RunStatus
    values: Mapping[str, str]
    plan_key: str
    plan_version: str
    began: datetime
    outline: str = "[]"
    dry_run: bool = False
    reason: str = ""
    faults: tuple[str, ...] = ()
    ended: datetime | None = None
    stopping: bool = False
    started: bool = False
    reserved: int = 0
    journey: str = ""
    lost: str = ""
    only_step: str = ""
    sends_by: DestinationName = DestinationName.PINPOINT

    @property
    def awaits_calls(self) -> bool:
        """Whether a journey calls for its steps."""
        return bool(self.journey) and not self.lost


@dataclass(frozen=True, slots=True)
class StepRecord:
    """A step of a run.

    Parameters
    ----------
    began
        When it was first taken up; what the plan says counts from here.
    unsettled
        Something may have been made without being recorded: looked for before anything more is made.
    until
        When the machine looks at it again.
    counts
        Endpoints by audience, where they were counted.
    failure
        Why the run fails here; empty as long as it does not.
    listening, shards
        Since when the step waits for what recipients did to be recorded, and the shards in which it has put markers.
    heard
        What was recorded by the time the step went by it; empty if it goes by nothing of the kind, or not yet.
    """

    index: int
    status: StepStatus
    began: datetime
    unsettled: bool = False
    until: datetime | None = None
    ended: datetime | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    failure: str = ""
    listening: datetime | None = None
    shards: tuple[str, ...] = ()
    heard: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """Something that a run has made.

    Parameters
    ----------
    starts
        When a campaign starts.
    status
        Of a campaign or an export, as last seen.
    attempted, reached
        Endpoints of a campaign, or of an export.
    folder, done
        Where an export writes, and up to where its endpoints are on the stamp queue.
    removed
        Nobody needs it any more, and it is gone.
    """

    kind: Kind
    name: str
    id: str
    step: int
    step_id: str
    made: datetime
    audience: str = ""
    channel: str = ""
    starts: datetime | None = None
    status: str = ""
    attempted: int = 0
    reached: int = 0
    folder: str = ""
    done: str = ""
    removed: bool = False
