"""Amazon Connect: Customer Profiles, and the outbound campaigns that reach their profiles."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from local_cloud.faults import Faults
from local_cloud.outbound import Handover, Outbound
from local_cloud.profiles import Neighbours, Profiles
from local_cloud.service.front import Front
from local_cloud.service.outbox import Outbox
from local_cloud.service.server import ServiceServer
from local_cloud.service.worker import Worker


class AmazonConnect:
    """Emulators that work with one another.

    Parameters
    ----------
    clock
        Seconds, never going back; paces the throttling.
    wall_clock
        The time that dates show.
    time_factor
        Returns how many times faster durations pass.
    faults
        Failures to inject.
    outbox
        Where messages go.
    neighbours
        Services that Customer Profiles uses beside campaigns; by default there are none.

    Attributes
    ----------
    profiles, outbound
        The emulators.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        time_factor: Callable[[], float] = lambda: 1.0,
        faults: Faults | None = None,
        outbox: Outbox | None = None,
        neighbours: Neighbours | None = None,
    ) -> None:
        faults, handover = faults or Faults(), Handover()
        self.profiles = Profiles(
            clock=clock,
            wall_clock=wall_clock,
            time_factor=time_factor,
            faults=faults,
            neighbours=replace(neighbours or Neighbours(), campaigns=handover),
        )
        self.outbound = Outbound(
            clock=clock,
            wall_clock=wall_clock,
            time_factor=time_factor,
            faults=faults,
            outbox=outbox,
            profiles=self.profiles,
            handover=handover,
        )

    @property
    def fronts(self) -> list[Front]:
        """The services."""
        return [self.profiles.front, *self.outbound.fronts]

    def workers(self) -> list[Worker]:
        """Return what does the work in the background."""
        return [self.profiles.worker(), self.outbound.worker()]


class ConnectServer(ServiceServer):
    """Runs Amazon Connect on a free loopback port while the context lasts.

    Parameters
    ----------
    connect
        The emulators to serve; new ones by default.

    Attributes
    ----------
    connect
        The emulators.
    """

    def __init__(self, connect: AmazonConnect | None = None) -> None:
        self.connect = connect or AmazonConnect()
        super().__init__(self.connect.fronts, self.connect.workers())
