"""Threads that do what is due, without anybody asking."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Final, Protocol

Job = Callable[[], None]

_INTERVAL_SECONDS: Final = 0.1
_MOST_AT_ONCE: Final = 32

_logger = logging.getLogger(__name__)


class Companion(Protocol):
    """What starts and stops with a worker."""

    def start(self) -> None:
        """Begin to work."""

    def stop(self) -> None:
        """Stop, and wait for it."""


class Worker:
    """Does what is due in threads of its own, between `start` and `stop`.

    Parameters
    ----------
    due
        Returns functions to call, none of them twice.
    stopping
        Set when work has to end.
    name
        Of the threads.
    companions
        What works at the same time.
    """

    def __init__(
        self, due: Callable[[], list[Job]], stopping: threading.Event, name: str, companions: Sequence[Companion] = ()
    ) -> None:
        self._due = due
        self._stopping = stopping
        self._name = name
        self._companions = companions
        self._places = threading.BoundedSemaphore(_MOST_AT_ONCE)
        self._thread = threading.Thread(target=self._run, name=f"{name}-worker", daemon=True)

    def start(self) -> None:
        """Begin to work."""
        self._stopping.clear()
        self._thread.start()
        for companion in self._companions:
            companion.start()

    def stop(self) -> None:
        """Stop: what is under way goes no further than to its next step, and functions that run are not waited for."""
        self._stopping.set()
        self._thread.join()
        for companion in self._companions:
            companion.stop()

    def _run(self) -> None:
        while not self._stopping.wait(_INTERVAL_SECONDS):
            for job in self._due():
                threading.Thread(target=self._do, args=(job,), name=f"{self._name}-work", daemon=True).start()

    def _do(self, job: Job) -> None:
        with self._places:
            if not self._stopping.is_set():
                try:
                    job()
                except Exception:
                    _logger.exception("work in the background failed")
