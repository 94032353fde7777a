"""Where metrics go: MiniStack's store, in the account and Region of the request."""

from __future__ import annotations

import time
from collections.abc import Mapping

from ministack.services import cloudwatch


def put(
    namespace: str,
    name: str,
    dimensions: Mapping[str, str],
    values: Mapping[float, int],
    *,
    unit: str = "Count",
    moment: float | None = None,
) -> None:
    """Store values of one moment.

    Parameters
    ----------
    namespace, name, dimensions
        The metric.
    values
        How often each value was seen.
    unit
        CloudWatch's name of the unit.
    moment
        Unix time; now by default.
    """
    now = time.time() if moment is None else moment
    seen, counts = list(values), [float(count) for count in values.values()]
    cloudwatch._store_datum(namespace, name, dict(dimensions), now, unit, None, seen, counts, None)
