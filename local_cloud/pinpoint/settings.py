"""What can be switched while the emulator runs: latency and the account's rates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any


class SettingsError(ValueError):
    """A setting that does not exist or whose value makes no sense."""


@dataclass(frozen=True)
class Settings:
    """Latency and rates; a rate of 0 means unlimited.

    Pinpoint quotas (2026): PutEvents 15 per second with a burst of 15, UpdateEndpoint 10, UpdateEndpointsBatch 2,
    GetEndpoint 10, DeleteEndpoint 5, every operation that is not named 300; per account, Region and operation.

    Attributes
    ----------
    latency_seconds
        Delay of every answer of the data plane.
    put_events_rate, put_events_burst
        Calls per second, and how many at once after a pause.
    update_endpoint_rate, update_endpoints_batch_rate, get_endpoint_rate, delete_endpoint_rate
        Calls per second, with a burst of one second.
    other_rate
        Calls per second of each other operation of the data plane.
    """

    latency_seconds: float = 0.0
    put_events_rate: float = 15.0
    put_events_burst: float = 15.0
    update_endpoint_rate: float = 10.0
    update_endpoints_batch_rate: float = 2.0
    get_endpoint_rate: float = 10.0
    delete_endpoint_rate: float = 5.0
    other_rate: float = 300.0

    def changed(self, values: Mapping[str, Any]) -> Settings:
        """Return a copy with some values changed.

        Parameters
        ----------
        values
            New values by name; the others stay.

        Returns
        -------
        Settings
            The changed copy.

        Raises
        ------
        SettingsError
            If a name is unknown or a value is not a number of 0 or more; a burst must be 1 or more.
        """
        if not isinstance(values, Mapping):
            raise SettingsError("settings must be an object")
        known = asdict(self)
        for name, value in values.items():
            if name not in known:
                raise SettingsError(f"{name} is not a setting; there are {', '.join(known)}")
            smallest = 1 if name == "put_events_burst" else 0
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not smallest <= value < float("inf"):
                raise SettingsError(f"{name} must be a number, {smallest} or more")
        return replace(self, **values)

    def limit(self, operation: str) -> tuple[float, float]:
        """Return rate and burst of an operation.

        Parameters
        ----------
        operation
            Name of the operation.

        Returns
        -------
        tuple
            Calls per second (0: unlimited) and burst.
        """
        if operation == "PutEvents":
            return self.put_events_rate, self.put_events_burst
        rate = {
            "UpdateEndpoint": self.update_endpoint_rate,
            "UpdateEndpointsBatch": self.update_endpoints_batch_rate,
            "GetEndpoint": self.get_endpoint_rate,
            "DeleteEndpoint": self.delete_endpoint_rate,
        }.get(operation, self.other_rate)
        return rate, max(rate, 1.0)
