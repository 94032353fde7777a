"""EventBridge Scheduler: MiniStack's schedules, carried out with their roles and as fast as the time factor says."""

from __future__ import annotations

from collections.abc import Callable

from local_cloud.scheduler import permissions, requests, ticks


def install(time_factor: Callable[[], float]) -> None:
    """Change MiniStack's scheduler.

    Parameters
    ----------
    time_factor
        Tells how many times faster durations pass.
    """
    permissions.install()
    requests.install()
    ticks.install(time_factor)


__all__ = ["install"]
