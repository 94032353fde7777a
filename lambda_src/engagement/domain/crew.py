"""Work that is done for several things at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol, TypeVar

Thing = TypeVar("Thing")
Result = TypeVar("Result")


class Crew(Protocol):
    """Does the same work for several things at once."""

    def __call__(self, work: Callable[[Thing], Result], things: Iterable[Thing], /) -> list[Result]:
        """Results in the order of the things, or the first error."""
