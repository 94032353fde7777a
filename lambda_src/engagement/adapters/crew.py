"""Several calls of a service under way at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

from engagement.domain.crew import Result, Thing

WORKERS = 8
"""An answer takes longer than the time between two requests; connections are kept for ten."""
_TOGETHER = 2
"""One thing alone needs no thread."""


def side_by_side(work: Callable[[Thing], Result], things: Iterable[Thing]) -> list[Result]:
    """Do the same work for each thing, several at a time; results in their order, or the first error."""
    waiting = list(things)
    if len(waiting) < _TOGETHER:
        return list(map(work, waiting))
    with ThreadPoolExecutor(WORKERS, thread_name_prefix="crew") as pool:
        return list(pool.map(work, waiting))
