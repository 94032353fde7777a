"""Chance that falls the same way every time it is asked."""

from __future__ import annotations

import hashlib
from typing import Final

_PARTS: Final = 2**32


def percentile(subject: str) -> float:
    """Return a number from 0 to below 100, spread evenly over subjects and always the same for one.

    Parameters
    ----------
    subject
        What chance decides about.

    Returns
    -------
    float
        The number.
    """
    return int.from_bytes(hashlib.sha256(subject.encode()).digest()[:4]) / _PARTS * 100
