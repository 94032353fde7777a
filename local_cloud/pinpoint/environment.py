"""What work in the background needs: the state, the services around it, the time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from local_cloud.pinpoint.applications import Applications
from local_cloud.pinpoint.neighbours import Neighbours
from local_cloud.pinpoint.settings import Settings
from local_cloud.pinpoint.stream_queue import StreamQueue
from local_cloud.pinpoint.template_store import AllTemplates
from local_cloud.service.outbox import Outbox


@dataclass(frozen=True)
class Environment:
    """Shared by the operations and the work in the background.

    Attributes
    ----------
    applications, templates, outbox
        The state.
    stream
        What event streams will tell.
    neighbours
        Other services.
    wall_clock
        The time that dates show.
    settings
        Returns the settings in force.
    lock
        Guards the state; never held while a function runs.
    stopping
        Set when work has to end.
    """

    applications: Applications
    templates: AllTemplates
    outbox: Outbox
    stream: StreamQueue
    neighbours: Neighbours
    wall_clock: Callable[[], datetime]
    settings: Callable[[], Settings]
    lock: threading.RLock
    stopping: threading.Event = field(default_factory=threading.Event)
