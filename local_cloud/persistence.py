"""Saving the whole cloud when it stops cleanly, and taking it up again at the next start.

MiniStack keeps its own state in files; this adds what is not MiniStack's.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

from ministack import app

from local_cloud import patching
from local_cloud.apigateway.deployments import snapshots
from local_cloud.layout import Layout, StateError

_States = dict[str, Callable[[], Any]]
# Reading a service's state takes milliseconds; what changes it comes now and then.
_READINGS: Final = 100


def install() -> None:
    """Save services whole that are still at work, such as the metrics of functions."""
    patching.replace("states are read whole", app, "_build_persistence_save_dict", "mod.get_state", by=whole)


def whole(build: Callable[[], _States]) -> Callable[[], _States]:
    """Let each of the functions that `build` returns read its service's state again if that changed meanwhile."""
    return lambda: {name: _patient(get_state) for name, get_state in build().items()}


def _patient(get_state: Callable[[], Any]) -> Callable[[], Any]:
    def state() -> Any:  # noqa: ANN401 - MiniStack's own
        for _ in range(_READINGS - 1):
            try:
                return get_state()
            except RuntimeError:
                # Python refuses to copy what grows under its hands.
                continue
        return get_state()

    return state


class Emulated(Protocol):
    """A service whose state is not MiniStack's."""

    def snapshot(self) -> dict[str, Any]:
        """Return the state as a JSON document."""

    def restore(self, snapshot: Mapping[str, Any]) -> None:
        """Take over what `snapshot` returned, instead of everything that is here."""


class FailureWatch(logging.Handler):
    """Notices when MiniStack fails to save a service: it only logs that."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.failures: list[str] = []
        logging.getLogger("persistence").addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """Remember an error."""
        self.failures.append(record.getMessage())


def restore(layout: Layout, emulated: Mapping[str, Emulated]) -> bool:
    """Take up our part of the saved state.

    Parameters
    ----------
    layout
        The cloud's folders.
    emulated
        The emulated services by name.

    Returns
    -------
    bool
        Whether there was any.
    """
    if not layout.manifest.exists():
        return False
    document = json.loads(layout.manifest.read_text())
    snapshots.restore(document["deployments"])
    for name, service in emulated.items():
        service.restore(document[name])
    layout.manifest.unlink()
    return True


def save(layout: Layout, port: int, emulated: Mapping[str, Emulated], watch: FailureWatch) -> None:
    """Save our part, once MiniStack has saved its own.

    Parameters
    ----------
    layout
        The cloud's folders.
    port
        Where it was served: queue URLs hold it.
    emulated
        The emulated services by name.
    watch
        What happened when MiniStack saved.

    Raises
    ------
    StateError
        If MiniStack failed to save a service; the next start is empty then.
    """
    if watch.failures:
        raise StateError("; ".join(watch.failures))
    document = {
        **layout.stamp(),
        "port": port,
        "deployments": snapshots.documents(),
        **{name: service.snapshot() for name, service in emulated.items()},
    }
    partial = layout.manifest.with_suffix(".partial")
    partial.write_text(json.dumps(document))
    partial.replace(layout.manifest)
