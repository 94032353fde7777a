"""Audiences as export jobs write them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from engagement.domain.destination import Call
from engagement.domain.stamps.batches import Endpoints


class ExportError(Exception):
    """A job could not be started.

    Parameters
    ----------
    call
        `UNKNOWN`: it may have been started, so look before trying again. `THROTTLED`: it was not; try again later.
        Anything else: it never will be.
    """

    def __init__(self, call: Call) -> None:
        super().__init__(f"no export job was started: {call.name.lower()}")
        self.call = call


class Progress(Enum):
    """How far a job is."""

    RUNNING = auto()
    COMPLETED = auto()
    FAILED = auto()


@dataclass(frozen=True, slots=True)
class ExportState:
    """A job.

    Parameters
    ----------
    endpoints
        How many it has written; all of them once it is completed.
    """

    progress: Progress
    endpoints: int


@dataclass(frozen=True, slots=True)
class Page:
    """At most 100 exported endpoints.

    Parameters
    ----------
    next
        Where the following page begins; pages have the same bounds whoever asks.
    """

    endpoints: Endpoints
    next: str
