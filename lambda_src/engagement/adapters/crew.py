"""Several calls of a service under way at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Thing = TypeVar("Thing")
Result = TypeVar("Result")

WORKERS = 8
"""An answer takes longer than the time between two requests; connections are kept for ten."""


def side_by_side(work: Callable[[Thing], Result], things: Iterable[Thing]) -> list[Result]:
    """Do the same work for each thing, several at a time; results in their order, or the first error."""
    with ThreadPoolExecutor(WORKERS, thread_name_prefix="crew") as pool:
        return list(pool.map(work, things))
