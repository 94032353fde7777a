"""Time that passes by itself, and at once for whoever waits."""

from __future__ import annotations

import threading
import time


class Hurry:
    """A clock whose sleeps are over as soon as they begin; several sleep side by side."""

    def __init__(self) -> None:
        self._ahead = 0.0
        self._lock = threading.Lock()

    def monotonic(self) -> float:
        return time.monotonic() + self._ahead

    def sleep(self, seconds: float, /) -> None:
        until = self.monotonic() + seconds
        with self._lock:
            self._ahead = max(self._ahead, until - time.monotonic())
