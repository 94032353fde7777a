"""Where a run stands, as the state machine carries it from one step to the next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum

from engagement.domain.plans.moments import instant

VERSION = 1
"""Of the payload: executions in a long wait meet newer code."""


class Phase(StrEnum):
    """What the state machine has waited for."""

    BEGIN = "begin"
    SETTLED = "settled"
    WAITED = "waited"
    LOOK = "look"
    OPENING = "opening"
    PREPARED = "prepared"
    CALL = "call"


class Next(StrEnum):
    """What the state machine does next."""

    STEP = "step"
    WAIT = "wait"
    COMPLETED = "completed"
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Position:
    """Where a run stands.

    Parameters
    ----------
    step
        Index of the step.
    phase
        What has been waited for; a wait is over when the machine says so, not when a clock does.
    looks
        How often the step has been looked at since it began to send, or to await its call.
    """

    run: str
    step: int = 0
    phase: Phase = Phase.BEGIN
    looks: int = 0

    @classmethod
    def parse(cls, payload: Mapping[str, object]) -> Position:
        """Read the payload of a state machine.

        Raises
        ------
        ValueError
            It has another version or is not complete.
        """
        if payload.get("version") != VERSION:
            raise ValueError(f"version must be {VERSION}")
        run, step, looks = payload.get("run"), payload.get("step", 0), payload.get("looks", 0)
        if not isinstance(run, str) or not isinstance(step, int) or not isinstance(looks, int):
            raise ValueError("run must be a text, step and looks whole numbers")  # noqa: TRY004 (one error for callers)
        return cls(run, step, Phase(str(payload.get("phase", Phase.BEGIN))), looks)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the state machine is told.

    Parameters
    ----------
    until
        With `wait`: until when.
    overdue
        The step takes longer than it should; somebody has to look.
    fallback
        The run's journey did not call for the step, so that it is done without a call.
    """

    next: Next
    position: Position
    until: datetime | None = None
    overdue: bool = False
    fallback: bool = False

    def payload(self) -> dict[str, object]:
        """The answer to the state machine, which is also the next payload."""
        answer = {**payload_of(self.position), "next": self.next.value}
        return answer | ({"until": instant(self.until)} if self.until else {})


def payload_of(position: Position) -> dict[str, object]:
    """A position as the state machine carries it."""
    return {"version": VERSION, **asdict(position)}
