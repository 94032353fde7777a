"""Functions that die at one of their AWS calls."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from botocore.session import Session


class Death(BaseException):
    """The process is gone; no `except` of the function sees that."""


class Deaths:
    """Ends a function before, or after, one of its AWS calls; whatever its threads ask for then is not sent either."""

    def __init__(self, session: Session) -> None:
        self._lock = threading.Lock()
        self._dead = False
        self._left: int | None = None
        self._after = False
        self._spared = False
        self.died = False
        session.register("before-call", self._before)
        session.register("after-call", self._later)

    def order(self, number: int, *, after: bool) -> None:
        """Die at the call of that number, counted from 0 and from now."""
        self._left, self._after, self.died = number, after, False

    @contextmanager
    def spared(self) -> Iterator[None]:
        """While the context lasts, calls are those of another function, which lives."""
        self._spared = True
        try:
            yield
        finally:
            self._spared = False

    def forget(self) -> None:
        """Live again, and die no more."""
        self._dead, self._left = False, None

    def numbers(self, *, after: bool) -> Iterator[int]:
        """Numbers of calls to order deaths at, until nobody has died at one: there are no more calls.

        Every second one: a death after a call leaves what a death before the next call leaves, so deaths before some
        calls and after the same calls are deaths at all moments between two calls.
        """
        for number in itertools.count(step=2):
            yield number
            self.forget()
            if not self.died:
                break
        if after:
            # Perhaps this one was the last of all, and its answer is lost.
            yield number - 1
            self.forget()

    def _before(self, **_: object) -> None:
        with self._lock:
            if self._spared:
                return
            if self._dead:
                raise Death
            if self._left is None:
                return
            self._left -= 1
            if self._left < 0 and not self._after:
                self._dead = self.died = True
                raise Death

    def _later(self, **_: object) -> None:
        with self._lock:
            if not self._spared and self._left is not None and self._left < 0 and self._after:
                self._dead = self.died = True
                raise Death
