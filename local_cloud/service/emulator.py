"""What emulators have in common: services that share a state, its lock, faults, and settings that can be changed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, Generic, TypeVar

from local_cloud.faults import Faults
from local_cloud.service.description import Service
from local_cloud.service.front import Front, Habits, Process
from local_cloud.service.settings import Switches

SwitchesT = TypeVar("SwitchesT", bound=Switches)


class Emulator(Generic[SwitchesT]):
    """Services of one state, for every account and Region of one process. Thread safe.

    Parameters
    ----------
    settings
        What can be switched, with the values to begin with.
    faults
        Failures to inject; by default there are none yet.
    clock
        Seconds, never going back; paces the throttling.
    wall_clock
        The time that dates show.

    Attributes
    ----------
    faults
        Failures to inject.
    fronts
        The services, in the order in which they were added.
    """

    def __init__(
        self,
        settings: SwitchesT,
        faults: Faults | None,
        clock: Callable[[], float],
        wall_clock: Callable[[], datetime],
    ) -> None:
        self.faults = faults or Faults()
        self.fronts: list[Front] = []
        self._settings = settings
        self._clock = clock
        self._wall_clock = wall_clock
        self._lock = threading.RLock()

    @property
    def settings(self) -> dict[str, float]:
        """The settings in force, by name."""
        return asdict(self._settings)

    def configure(self, values: Mapping[str, Any]) -> dict[str, float]:
        """Change some settings; every token bucket is full again.

        Parameters
        ----------
        values
            New values by name.

        Returns
        -------
        dict
            All settings in force.

        Raises
        ------
        SettingsError
            If a name is unknown or a value makes no sense; nothing has changed then.
        """
        with self._lock:
            self._settings = self._settings.changed(values)
            for front in self.fronts:
                front.throttle.refill()
            return self.settings

    def _add_front(
        self,
        service: Service,
        process: Process,
        habits: Habits,
        limit: Callable[[SwitchesT, str], tuple[float, float]],
    ) -> Front:
        """Add a service, paced by the settings in force: `limit` takes them and the name of an operation."""
        front = Front(
            service,
            process,
            habits,
            limit=lambda operation: limit(self._settings, operation),
            faults=self.faults,
            lock=self._lock,
            clock=self._clock,
            wall_clock=self._wall_clock,
        )
        self.fronts.append(front)
        return front
