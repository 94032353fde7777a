"""A call as operations see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from local_cloud.faults import Faults
from local_cloud.service.moments import known_instant


@dataclass(frozen=True)
class ServiceCall:
    """A request that has the shape of its operation; a service's own class says what else its operations need.

    Attributes
    ----------
    operation
        Name of the operation.
    parameters
        Parameters of path and query.
    body
        The document in the body.
    now
        When it came, ISO 8601.
    faults
        Failures to inject into parts of the call.
    """

    operation: str
    parameters: Mapping[str, Any]
    body: Any
    now: str
    faults: Faults

    @property
    def moment(self) -> datetime:
        """When it came."""
        return known_instant(self.now)
