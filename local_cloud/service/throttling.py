"""Token buckets per account, Region and operation."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

# Calls per second (0: unlimited) and burst of an operation.
Limit = Callable[[str], tuple[float, float]]


@dataclass
class _Bucket:
    tokens: float
    filled_at: float


class Throttle:
    """Decides whether a call may pass.

    Operations do not share a bucket.

    Parameters
    ----------
    clock
        Seconds, never going back.
    limit
        The rates in force.
    """

    def __init__(self, clock: Callable[[], float], limit: Limit) -> None:
        self._clock = clock
        self._limit = limit
        self._buckets: dict[tuple[str, str, str], _Bucket] = {}
        self._lock = threading.Lock()

    def refill(self) -> None:
        """Fill every bucket, as new rates begin."""
        with self._lock:
            self._buckets.clear()

    def allows(self, account: str, region: str, operation: str, count: int = 1) -> bool:
        """Use up calls if there are enough left.

        Parameters
        ----------
        account, region, operation
            Whose bucket it is.
        count
            How many calls it counts as.

        Returns
        -------
        bool
            False: the call is throttled, and nothing was used up.
        """
        rate, burst = self._limit(operation)
        if rate == 0:
            return True
        now = self._clock()
        with self._lock:
            bucket = self._buckets.setdefault((account, region, operation), _Bucket(burst, now))
            bucket.tokens = min(burst, bucket.tokens + (now - bucket.filled_at) * rate)
            bucket.filled_at = now
            if bucket.tokens < count:
                return False
            bucket.tokens -= count
            return True


def with_burst(rate: float) -> tuple[float, float]:
    """Return rate and burst where a service lets one second's calls pass at once.

    Parameters
    ----------
    rate
        Calls per second; 0 for unlimited.

    Returns
    -------
    tuple
        The rate and its burst, never less than one call.
    """
    return rate, max(rate, 1.0)
