"""Step Functions: MiniStack's, as strict as AWS where this project leans on it."""

from __future__ import annotations

from collections.abc import Callable

from local_cloud.states import executions, machines, paths, tasks, waiting
from local_cloud.states.executions import halt


def install(time_factor: Callable[[], float]) -> None:
    """Change MiniStack's Step Functions.

    Parameters
    ----------
    time_factor
        Tells how many times faster durations pass.
    """
    machines.install()
    executions.install()
    paths.install()
    tasks.install()
    waiting.install(time_factor)


__all__ = ["halt", "install"]
