"""The emulator behind a loopback HTTP server, for tests that need Pinpoint alone."""

from __future__ import annotations

from local_cloud.pinpoint.emulator import Pinpoint
from local_cloud.service.server import ServiceServer


class PinpointServer(ServiceServer):
    """Runs the emulator on a free loopback port while the context lasts.

    Parameters
    ----------
    pinpoint
        The emulator to serve; a new one by default.

    Attributes
    ----------
    pinpoint
        The emulator.
    """

    def __init__(self, pinpoint: Pinpoint | None = None) -> None:
        self.pinpoint = pinpoint or Pinpoint()
        super().__init__([self.pinpoint.front], [self.pinpoint.worker()])
