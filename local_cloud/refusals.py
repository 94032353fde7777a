"""What IAM refused, kept for whoever asks why something did not happen."""

from __future__ import annotations

import logging
import threading
from collections import deque
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Final

_KEPT: Final = 1_000

log = logging.getLogger("local_cloud.iam")


@dataclass(frozen=True)
class Refusal:
    """One action that a principal was not allowed."""

    principal: str
    action: str
    resource: str
    reason: str


class Refusals:
    """The latest refusals, oldest first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: deque[tuple[str, Refusal]] = deque(maxlen=_KEPT)

    def add(self, refusal: Refusal) -> None:
        """Keep and log a refusal; one line each, so that a person can follow.

        Parameters
        ----------
        refusal
            What was refused.
        """
        with self._lock:
            self._entries.append((datetime.now(UTC).isoformat(timespec="milliseconds"), refusal))
        log.warning("refused: %s %s on %s: %s", refusal.principal, refusal.action, refusal.resource, refusal.reason)

    def documents(self) -> list[dict[str, str]]:
        """Return the refusals as JSON-able documents.

        Returns
        -------
        list
            Documents with `time`, `principal`, `action`, `resource` and `reason`.
        """
        with self._lock:
            return [{"time": time, **asdict(refusal)} for time, refusal in self._entries]


refusals = Refusals()
