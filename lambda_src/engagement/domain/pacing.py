"""How fast requests may go out, and when what came back may be tried again."""

from __future__ import annotations

from dataclasses import dataclass

SAFETY = 0.95
"""Share of the quota that is used: two instances never run in step."""

FIRST_PAUSE = 0.25
LONGEST_PAUSE = 5.0
LONGEST_RETURN_FACTOR = 60


@dataclass(slots=True)
class Pace:
    """A token bucket that holds one second's worth of what a quota counts: requests, or what is in them.

    Parameters
    ----------
    per_second
        Units per second that this process may send.
    now
        Seconds of any steady clock, at the start.
    """

    per_second: float
    now: float
    tokens: float = 1.0

    @classmethod
    def share(cls, per_second: float, instances: int, now: float) -> Pace:
        """The pace of one of `instances` processes that share `per_second`."""
        return cls(per_second * SAFETY / instances, now)

    def reserve(self, now: float, units: int = 1) -> float:
        """Take a request of so many units out of the bucket and say how many seconds to wait before sending it."""
        most = max(1.0, self.per_second)
        self.tokens = min(most, self.tokens + (now - self.now) * self.per_second) - units
        self.now = now
        return max(0.0, -self.tokens / self.per_second)


@dataclass(slots=True)
class Pause:
    """The wait after requests that achieved nothing; it doubles until one is answered."""

    seconds: float = 0.0

    def lengthen(self) -> None:
        """One more request achieved nothing."""
        self.seconds = min(LONGEST_PAUSE, max(FIRST_PAUSE, self.seconds * 2))

    def end(self) -> None:
        """A request was answered."""
        self.seconds = 0.0


def return_delay(receive_count: int, first: int) -> int:
    """Seconds until a message that was received `receive_count` times (from 1) may be received again.

    Doubles with each receive up to 60 times `first`: with the default of 30 seconds, 20 receives outlast six hours.
    """
    return first * min(LONGEST_RETURN_FACTOR, 1 << min(receive_count - 1, 16))
