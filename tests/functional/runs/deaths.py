"""Functions that die at one of their AWS calls."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

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
        self.died = False
        self.calls: list[str] = []
        session.register("before-call", self._before)
        session.register("after-call", self._later)

    def order(self, number: int, *, after: bool) -> None:
        """Die at the call of that number, counted from 0 and from now."""
        self._left, self._after, self.died = number, after, False

    def forget(self) -> None:
        """Live again, and die no more."""
        self._dead, self._left = False, None

    def _before(self, model: Any, **_: object) -> None:
        with self._lock:
            if self._dead:
                raise Death
            self.calls.append(f"{model.service_model.service_name}.{model.name}")
            if self._left is None:
                return
            self._left -= 1
            if self._left < 0 and not self._after:
                self._dead = self.died = True
                raise Death

    def _later(self, **_: object) -> None:
        with self._lock:
            if self._left is not None and self._left < 0 and self._after:
                self._dead = self.died = True
                raise Death
