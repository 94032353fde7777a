"""Doing again what may pass."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from engagement.domain.runs.ports import Clock

Result = TypeVar("Result")

PAUSE_SECONDS = 3.0


def patiently(
    work: Callable[[], Result],
    clock: Clock,
    passing: type[Exception] | tuple[type[Exception], ...],
    seconds: float,
    pause: float = PAUSE_SECONDS,
) -> Result:
    """Do something that may not be possible yet.

    Parameters
    ----------
    passing
        Errors after which it is tried again.
    seconds
        For how long; then the last error is raised.
    pause
        Seconds between two tries.
    """
    end = clock.time() + seconds
    while True:
        try:
            return work()
        except passing:
            if clock.time() >= end:
                raise
        clock.sleep(pause)
