"""What work in the background needs: the state, the services around it, the time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from local_cloud.profiles.neighbours import Neighbours
from local_cloud.profiles.state import Domains


@dataclass(frozen=True)
class Environment:
    """Shared by the operations and the work in the background.

    Attributes
    ----------
    domains
        The state.
    neighbours
        Other services.
    wall_clock
        The time that dates show.
    time_factor
        Returns how many times faster days pass.
    lock
        Guards the state; never held while another service is called.
    stopping
        Set when work has to end.
    """

    domains: Domains
    neighbours: Neighbours
    wall_clock: Callable[[], datetime]
    time_factor: Callable[[], float]
    lock: threading.RLock
    stopping: threading.Event = field(default_factory=threading.Event)

    def now(self) -> float:
        """Seconds since 1970."""
        return self.wall_clock().timestamp()
