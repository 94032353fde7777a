"""When the requests of one batch may go out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from engagement.domain.destination import Call
from engagement.domain.pacing import Pace, Pause

GIVE_UP_AFTER = 5
"""Requests in a row without an answer after which the rest of the batch is returned: the service is down."""


class Clock(Protocol):
    """Steady time, given from outside."""

    def monotonic(self) -> float:
        """Seconds since some fixed moment."""

    def sleep(self, seconds: float, /) -> None:
        """Wait."""


@dataclass(slots=True)
class Turns:
    """The turns of one batch: at the pace, later after failures, and never behind the deadline.

    Parameters
    ----------
    pace
        Kept by the caller between batches, since the quota does not start anew with each of them.
    deadline
        Time of `clock` after which no request is started.
    tries
        Requests in a row that may achieve nothing, throttled or not, because somebody else waits for the end of the
        batch. Without a number only those without an answer are counted.
    pause
        Ended by the caller when a request that was answered has achieved something.
    """

    pace: Pace
    clock: Clock
    deadline: float
    tries: int | None = None
    pause: Pause = field(default_factory=Pause)
    _unanswered: int = 0
    _fruitless: int = 0

    @property
    def over(self) -> bool:
        """Whether the service is of no use for now."""
        return self._unanswered >= GIVE_UP_AFTER or (self.tries is not None and self._fruitless >= self.tries)

    def wait(self, units: int = 1) -> bool:
        """Wait for the turn of the next request, of so many units; false when there is none any more."""
        if self.over:
            return False
        now = self.clock.monotonic()
        seconds = max(self.pace.reserve(now, units), self.pause.seconds)
        if now + seconds >= self.deadline:
            return False
        if seconds:
            self.clock.sleep(seconds)
        return True

    def note(self, call: Call) -> None:
        """Take note of what became of the request whose turn it was."""
        self._unanswered = self._unanswered + 1 if call is Call.UNKNOWN else 0
        match call:
            case Call.REFUSED:
                self.achieve(something=True)
            case Call.UNUSABLE:
                self._unanswered = GIVE_UP_AFTER
            case Call.THROTTLED | Call.UNKNOWN:
                self.achieve(something=False)

    def achieve(self, *, something: bool) -> None:
        """Take note of whether a request achieved something: the next one waits longer if not."""
        if something:
            self._fruitless = 0
            self.pause.end()
        else:
            self._fruitless += 1
            self.pause.lengthen()
