"""Time for several threads that passes only while all of them wait."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

_BEGIN = datetime(2027, 1, 1, tzinfo=UTC)


class SharedClock:
    """A clock as handlers and the emulator know it; a thread that takes part in time says so with `working`."""

    def __init__(self) -> None:
        # What was told the real time before goes on from there.
        self._began = self._now = time.monotonic()
        self._workers = 0
        self._waiting: list[float] = []
        self._passed = threading.Condition()

    def monotonic(self) -> float:
        return self._now

    def wall(self) -> datetime:
        return _BEGIN + timedelta(seconds=self._now - self._began)

    def sleep(self, seconds: float, /) -> None:
        with self._passed:
            until = self._now + seconds
            self._waiting.append(until)
            self._advance()
            while self._now < until:
                self._passed.wait()

    @contextmanager
    def working(self) -> Iterator[None]:
        """Take part: time stands still until this thread waits, too."""
        with self._passed:
            self._workers += 1
        try:
            yield
        finally:
            with self._passed:
                self._workers -= 1
                self._advance()

    def _advance(self) -> None:
        if self._waiting and len(self._waiting) >= self._workers:
            self._now = min(self._waiting)
            self._waiting = [until for until in self._waiting if until > self._now]
            self._passed.notify_all()
