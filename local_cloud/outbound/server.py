"""Outbound campaigns behind a loopback HTTP server, for tests that need nothing else."""

from __future__ import annotations

from local_cloud.outbound.emulator import Outbound
from local_cloud.service.server import ServiceServer


class OutboundServer(ServiceServer):
    """Runs outbound campaigns, Connect and Q in Connect on a free loopback port while the context lasts.

    Parameters
    ----------
    outbound
        The emulator to serve; a new one by default.

    Attributes
    ----------
    outbound
        The emulator.
    """

    def __init__(self, outbound: Outbound | None = None) -> None:
        self.outbound = outbound or Outbound()
        super().__init__(self.outbound.fronts, [self.outbound.worker()])
