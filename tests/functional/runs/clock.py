"""A clock that stands still until somebody waits."""

from __future__ import annotations

import threading
from datetime import UTC, datetime


class Clock:
    """Seconds since 1970 for product and emulator alike; whoever sleeps moves it, and several sleep side by side."""

    def __init__(self) -> None:
        self._now = datetime(2027, 1, 31, 9, tzinfo=UTC).timestamp()
        self._lock = threading.Lock()

    def time(self) -> float:
        return self._now

    def monotonic(self) -> float:
        return self._now

    def sleep(self, seconds: float) -> None:
        self.wait_until(self._now + seconds)

    def wait_until(self, moment: float) -> None:
        with self._lock:
            self._now = max(self._now, moment)

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._now, UTC)
