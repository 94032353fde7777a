"""AWS/ApiGateway: calls, errors and latency of stages."""

from __future__ import annotations

from collections import Counter
from typing import Final

from ministack.core.responses import request_scope

from local_cloud.monitoring import points

_NAMESPACE: Final = "AWS/ApiGateway"
_Stage = tuple[str, str, str, str]


class ApiMetrics:
    """Counts answers between two publications."""

    def __init__(self) -> None:
        self._seen: dict[tuple[_Stage, str], Counter[float]] = {}

    def count(self, account: str, region: str, api: str, stage: str, *, status: int, seconds: float) -> None:
        """Count an answer.

        Parameters
        ----------
        account, region, api, stage
            Where it was given; the API by name.
        status
            Its HTTP status.
        seconds
            How long it took.
        """
        values = {
            "Count": 1.0,
            "4XXError": float(400 <= status < 500),
            "5XXError": float(status >= 500),
            "Latency": float(round(seconds * 1000)),
        }
        for name, value in values.items():
            self._seen.setdefault(((account, region, api, stage), name), Counter())[value] += 1

    def publish(self) -> None:
        """Publish everything since the last time."""
        seen, self._seen = self._seen, {}
        for ((account, region, api, stage), name), values in seen.items():
            unit = "Milliseconds" if name == "Latency" else "Count"
            with request_scope(account, region):
                for dimensions in ({"ApiName": api}, {"ApiName": api, "Stage": stage}):
                    points.put(_NAMESPACE, name, dimensions, values, unit=unit)
