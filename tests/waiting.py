"""Waiting for what a component does by itself."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
_FIRST_PAUSE, _LONGEST_PAUSE = 0.02, 0.3


def wait_for(what: str, probe: Callable[[], T | None], seconds: float) -> T:
    """The first true answer of `probe`; fails after `seconds`, saying `what` did not happen."""
    deadline, pause, late = time.monotonic() + seconds, _FIRST_PAUSE, False
    while not (found := probe()):
        # The last look begins when the time is up: a pause of the machine may have taken all of it.
        assert not late, f"waited {seconds:.0f} s for {what}"
        time.sleep(pause)
        # What takes long is asked for less often: asking takes the processor from what is waited for.
        pause = min(pause * 1.5, _LONGEST_PAUSE)
        late = time.monotonic() >= deadline
    return found
