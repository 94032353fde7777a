"""What a run needs of the world: the ledger, the engagement service, stamps and exports."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from engagement.domain.runs.records import Kind, Made, RunRecord, RunStatus, StepRecord
from engagement.domain.stamps.batches import Endpoints
from engagement.domain.stamps.exports import ExportState, Page


class RefusedError(Exception):
    """The service will never take this request; the text says why, without personal data."""


class ThrottledError(Exception):
    """The service took nothing in; the same request may be sent again later."""


class UnknownOutcomeError(Exception):
    """No usable answer: the request may or may not have taken effect."""


class Clock(Protocol):
    """The clock: the module `time`."""

    def time(self) -> float:
        """Seconds since 1970."""

    def sleep(self, seconds: float, /) -> None:
        """Let time pass."""


def now(clock: Clock) -> datetime:
    """The moment that a clock shows, in UTC."""
    return datetime.fromtimestamp(clock.time(), UTC)


@dataclass(frozen=True, slots=True)
class StoredPlan:
    """A plan's text, and which object and version it was read from.

    Parameters
    ----------
    written
        When that version was written.
    """

    text: str
    key: str
    version: str
    written: datetime


@dataclass(frozen=True, slots=True)
class Found:
    """A segment or a campaign of a run, as the service lists it."""

    name: str
    id: str
    made: datetime
    starts: datetime | None = None


_ENDED = frozenset({"COMPLETED", "DELETED", "INVALID", "STOPPED", "FAILED"})


@dataclass(frozen=True, slots=True)
class CampaignState:
    """How far a campaign is.

    Parameters
    ----------
    status
        The service's, in upper case; `DELETED` also if it is not there any more.
    attempted, reached
        Endpoints that it tried to reach, and that it delivered to.
    """

    status: str
    attempted: int = 0
    reached: int = 0

    @property
    def ended(self) -> bool:
        """Whether it will not send any more."""
        return self.status in _ENDED


class Service(Protocol):
    """Segments and campaigns of the engagement service.

    Creating raises RefusedError, ThrottledError or UnknownOutcomeError; everything else raises ThrottledError for
    whatever may pass.
    """

    def create(self, kind: Kind, request: Mapping[str, Any]) -> str:
        """Make a segment or a campaign, in one attempt, and return its ID."""

    def found(self, kind: Kind, run: str) -> Sequence[Found]:
        """Everything of that kind which carries the run's tag, oldest first."""

    def campaign(self, campaign_id: str) -> CampaignState:
        """How far a campaign is."""

    def launch(self, campaign_id: str) -> bool:
        """Let a campaign go that was made, at its start; False if that cannot be done now.

        Raises as creating does; whatever came of it, it may be asked again.
        """

    def delete(self, kind: Kind, identifier: str) -> bool:
        """Delete; False if it cannot be deleted now. What is gone already counts as deleted."""

    def pause(self, campaign_id: str) -> bool:
        """Let a campaign send no more for now; False if it cannot be held up."""

    def active_campaigns_of_others(self) -> int:
        """Active campaigns of the project that no run has made."""


class Ledger(Protocol):
    """What has been done, with conditional writes."""

    def claim(self, record: RunRecord) -> bool:
        """Write a new run, or one that was refused before; False if there is one already."""

    def run(self, run: str) -> RunRecord | None:
        """A run, as it is now."""

    def mark_started(self, run: str) -> None:
        """The state machine has been told of the run."""

    def end_run(self, run: str, status: RunStatus, at: datetime, reason: str = "") -> bool:
        """Close a run that is running; False if it is closed already."""

    def ask_to_stop(self, run: str, failure: str = "") -> None:
        """Let nothing more be made for a run; with `failure` because it has failed, whoever finishes that."""

    def take(self, run: str, index: int, owner: str, now: datetime, until: datetime) -> StepRecord | datetime | None:
        """Take a step's lease; the moment at which it ends if another call has it, None while the run is stopping.

        A step that was left without giving its lease back is unsettled.
        """

    def leave(self, run: str, owner: str, step: StepRecord) -> None:
        """Write a step's state and give its lease back."""

    def leased_until(self, run: str) -> datetime | None:
        """When the last lease of the run's steps ends; None if nobody has one."""

    def called(self, run: str, step_id: str) -> datetime | None:
        """When a journey first called for a step; None if it has not."""

    def lose_journey(self, run: str, reason: str) -> None:
        """Await no more calls of the run's journey."""

    def made(self, run: str) -> Sequence[Made]:
        """Everything that is recorded as made."""

    def record(self, run: str, made: Made) -> None:
        """Record something that exists; a later record of the same name replaces it."""

    def reserve(self, run: str, campaigns: int, most: int) -> bool:
        """Set how many active campaigns a run may have; False if all runs together would have more than `most`.

        Having none is always possible.
        """

    def slots(self, operation: str, per_second: float, count: int, now: float, latest: float) -> float:
        """Book `count` calls of an operation and return the moment of the first, in seconds since 1970.

        None is booked if that moment is `latest` or later: whoever cannot wait takes no place from others.
        """


class Entrance(Protocol):
    """How a run enters the journey that calls for its steps: with a company endpoint of its own, and an event.

    Raises ThrottledError for whatever may pass.
    """

    def opens(self, record: RunRecord) -> datetime | None:
        """From when on the run's version of the journey lets it in; None if it is not active."""

    def prepare(self, run: str) -> bool:
        """Make the run's company endpoint; False if it cannot be seen yet."""

    def enter(self, record: RunRecord) -> None:
        """Send the event."""

    def leave(self, record: RunRecord) -> None:
        """Remove the company endpoint and let the journey go; nothing happens to a run without a journey."""


class Stamping(Protocol):
    """Endpoints to be stamped."""

    def set_values(self, run: str, index: int, values: Mapping[str, Sequence[str]]) -> None:
        """Say what a step writes."""

    def put(self, run: str, index: int, source: str, endpoints: Endpoints) -> None:
        """Put endpoints on the stamp queue, for every destination."""

    def pending(self, run: str, index: int, destination: str) -> int:
        """Batches that are not stamped yet at a destination."""

    def send_again(self, run: str, index: int, older_than: datetime) -> int:
        """Put batches on the queue again whose message may be lost."""


class Counting(Protocol):
    """Counts of segments."""

    def start(self, segment_id: str, folder: str) -> str:
        """Start a job that may write into a folder, in one attempt, and return its ID; raises ExportError."""

    def state(self, job_id: str, folder: str) -> ExportState:
        """How far a job is, and how many endpoints there are."""


class Exporting(Counting, Protocol):
    """Exports of segments."""

    def endpoints(self, folder: str, start: str = "") -> Iterator[Page]:
        """Exported endpoints, after what was used up already."""


class Hearing(Protocol):
    """How far the recording of what recipients do has come."""

    def ask(self, marker: str) -> Sequence[str]:
        """Put a marker into every shard of the event stream and return their IDs; nothing if that cannot be done now.

        A marker that is there twice does no harm.
        """

    def heard(self, marker: str) -> Collection[str]:
        """The shards whose marker has been recorded, as far as that can be read now."""
