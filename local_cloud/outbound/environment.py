"""What operations and the work in the background share: the state, the services around it, the time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from local_cloud.outbound.handover import Handover
from local_cloud.outbound.neighbours import CustomerProfiles
from local_cloud.outbound.settings import Settings
from local_cloud.outbound.store import Accounts
from local_cloud.service.outbox import Outbox


@dataclass(frozen=True)
class Environment:
    """Shared by the operations and the work in the background.

    Attributes
    ----------
    accounts, outbox
        The state, and where messages go.
    profiles
        Customer Profiles.
    wall_clock
        The time that dates show.
    settings, time_factor
        Return what is in force.
    handover
        Profiles from event triggers.
    lock
        Guards the state.
    stopping
        Set when work has to end.
    """

    accounts: Accounts
    outbox: Outbox
    profiles: CustomerProfiles
    wall_clock: Callable[[], datetime]
    settings: Callable[[], Settings]
    time_factor: Callable[[], float]
    handover: Handover
    lock: threading.RLock
    stopping: threading.Event = field(default_factory=threading.Event)
