"""Waits and retries: how long they take, faster by the time factor, and which errors they are about."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from ministack.services import stepfunctions

from local_cloud import patching
from local_cloud.states import executions

_Retrier = Mapping[str, Any]
# How soon a changed time factor is noticed.
_LOOK_SECONDS: Final = 0.2
# Amazon States Language, timestamps: RFC 3339 with capital T and Z.
_TIMESTAMP: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
# Step Functions developer guide, error handling: neither is caught by States.ALL, and an execution always fails.
_FINAL_ERRORS: Final = frozenset({"States.DataLimitExceeded", "States.Runtime"})
_NO_LIMIT: Final = float("inf")


def install(time_factor: Callable[[], float]) -> None:
    """Change how executions wait.

    Parameters
    ----------
    time_factor
        Tells how many times faster durations pass; asked again while a wait goes on.
    """
    clock = _Clock(time_factor)
    patching.replace("waits follow the time factor", stepfunctions, "_scaled_sleep", by=lambda _: clock.wait)
    patching.replace("waits follow the time factor", stepfunctions, "_sleep_until", by=lambda _: clock.wait_until)
    patching.replace(
        "intervals of retries",
        stepfunctions,
        "_find_matching_retrier",
        'retrier.get("MaxAttempts", 3)',
        by=lambda find: _finding(find, clock),
    )
    patching.replace("final errors", stepfunctions, "_error_matches", '"States.ALL" in error_equals', by=_matching)


class _Clock:
    """Durations of executions."""

    def __init__(self, time_factor: Callable[[], float]) -> None:
        self._time_factor = time_factor

    def wait(self, seconds: float) -> None:
        """Wait for a duration."""
        left = float(seconds)
        while left > 0:
            factor = self._time_factor()
            began = time.monotonic()
            executions.pause(min(left / factor, _LOOK_SECONDS))
            left -= (time.monotonic() - began) * factor

    def wait_until(self, text: str) -> None:
        """Wait for a moment."""
        if not _TIMESTAMP.fullmatch(text):
            raise stepfunctions._ExecutionError(
                "States.Runtime",
                f"'{text}' does not reference a valid ISO-8601 extended offset date-time format string",
            )
        self.wait((datetime.fromisoformat(text) - datetime.now(UTC)).total_seconds())


def delay(retrier: _Retrier, count: int, draw: Callable[[], float] = random.random) -> float:
    """Return how long a retrier waits before the next attempt.

    Parameters
    ----------
    retrier
        The retrier.
    count
        How often it was used before.
    draw
        A random number below 1, for jitter.

    Returns
    -------
    float
        Seconds.
    """
    interval = retrier.get("IntervalSeconds", 1) * retrier.get("BackoffRate", 2.0) ** count
    seconds = float(min(interval, retrier.get("MaxDelaySeconds", _NO_LIMIT)))
    return seconds * draw() if retrier.get("JitterStrategy") == "FULL" else seconds


def _finding(find: Callable[..., Any], clock: _Clock) -> Callable[..., Any]:
    def find_matching_retrier(
        retriers: Sequence[_Retrier], error: str, counts: Mapping[int, int]
    ) -> tuple[_Retrier | None, int]:
        retrier, index = find(retriers, error, counts)
        if retrier is None:
            return None, index
        clock.wait(delay(retrier, counts.get(index, 0)))
        # MiniStack itself then waits no more; it knows no longest delay and never waits above a minute.
        return {"IntervalSeconds": 0}, index

    return find_matching_retrier


def _matching(matches: Callable[[Sequence[str], str], bool]) -> Callable[[Sequence[str], str], bool]:
    def error_matches(error_equals: Sequence[str], error: str) -> bool:
        return error not in _FINAL_ERRORS and matches(error_equals, error)

    return error_matches
