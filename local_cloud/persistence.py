"""Saving the whole cloud when it stops cleanly, and taking it up again at the next start.

MiniStack keeps its own state in files; this adds what is not MiniStack's.
"""

from __future__ import annotations

import json
import logging

from local_cloud.apigateway.deployments import snapshots
from local_cloud.layout import Layout, StateError
from local_cloud.pinpoint import Pinpoint


class FailureWatch(logging.Handler):
    """Notices when MiniStack fails to save a service: it only logs that."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.failures: list[str] = []
        logging.getLogger("persistence").addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """Remember an error."""
        self.failures.append(record.getMessage())


def restore(layout: Layout, pinpoint: Pinpoint) -> bool:
    """Take up our part of the saved state.

    Parameters
    ----------
    layout
        The cloud's folders.
    pinpoint
        The emulator.

    Returns
    -------
    bool
        Whether there was any.
    """
    if not layout.manifest.exists():
        return False
    document = json.loads(layout.manifest.read_text())
    snapshots.restore(document["deployments"])
    pinpoint.restore(document["pinpoint"])
    layout.manifest.unlink()
    return True


def save(layout: Layout, port: int, pinpoint: Pinpoint, watch: FailureWatch) -> None:
    """Save our part, once MiniStack has saved its own.

    Parameters
    ----------
    layout
        The cloud's folders.
    port
        Where it was served: queue URLs hold it.
    pinpoint
        The emulator.
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
        "pinpoint": pinpoint.snapshot(),
    }
    partial = layout.manifest.with_suffix(".partial")
    partial.write_text(json.dumps(document))
    partial.replace(layout.manifest)
