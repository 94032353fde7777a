"""The emulator behind a loopback HTTP server, for tests that need Customer Profiles alone."""

from __future__ import annotations

from local_cloud.profiles.emulator import Profiles
from local_cloud.service.server import ServiceServer


class ProfilesServer(ServiceServer):
    """Runs the emulator on a free loopback port while the context lasts.

    Parameters
    ----------
    profiles
        The emulator to serve; a new one by default.

    Attributes
    ----------
    profiles
        The emulator.
    """

    def __init__(self, profiles: Profiles | None = None) -> None:
        self.profiles = profiles or Profiles()
        super().__init__([self.profiles.front], [self.profiles.worker()])
