"""Token buckets per account, Region and operation."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from local_cloud.pinpoint.settings import Settings


@dataclass
class _Bucket:
    tokens: float
    filled_at: float


class Throttle:
    """Decides whether a call may pass.

    Pinpoint quotas: throttling is per account, Region and operation, and operations do not share a bucket.

    Parameters
    ----------
    clock
        Seconds, never going back.
    settings
        The rates.
    """

    def __init__(self, clock: Callable[[], float], settings: Settings) -> None:
        self._clock = clock
        self._settings = settings
        self._buckets: dict[tuple[str, str, str], _Bucket] = {}
        self._lock = threading.Lock()

    def reset(self, settings: Settings) -> None:
        """Take over new rates; every bucket is full again.

        Parameters
        ----------
        settings
            The new rates.
        """
        with self._lock:
            self._settings = settings
            self._buckets.clear()

    def allows(self, account: str, region: str, operation: str) -> bool:
        """Use up one call if there is one left.

        Parameters
        ----------
        account, region, operation
            Whose bucket it is.

        Returns
        -------
        bool
            False: the call is throttled, and nothing was used up.
        """
        rate, burst = self._settings.limit(operation)
        if rate == 0:
            return True
        now = self._clock()
        with self._lock:
            bucket = self._buckets.setdefault((account, region, operation), _Bucket(burst, now))
            bucket.tokens = min(burst, bucket.tokens + (now - bucket.filled_at) * rate)
            bucket.filled_at = now
            if bucket.tokens < 1:
                return False
            bucket.tokens -= 1
            return True
