"""What can be switched while an emulated service runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, ClassVar, Self


class SettingsError(ValueError):
    """A setting that does not exist or whose value makes no sense."""


@dataclass(frozen=True)
class Switches:
    """Settings that are numbers; a service's own class says which there are.

    Attributes
    ----------
    smallest
        Smallest values where 0 makes no sense.
    """

    smallest: ClassVar[Mapping[str, float]] = {}

    def changed(self, values: Mapping[str, Any]) -> Self:
        """Return a copy with some values changed.

        Parameters
        ----------
        values
            New values by name; the others stay.

        Returns
        -------
        Switches
            The changed copy.

        Raises
        ------
        SettingsError
            If a name is unknown or a value is not a number of 0 or more; some must be 1 or more.
        """
        if not isinstance(values, Mapping):
            raise SettingsError("settings must be an object")
        known = asdict(self)
        for name, value in values.items():
            if name not in known:
                raise SettingsError(f"{name} is not a setting; there are {', '.join(known)}")
            smallest = self.smallest.get(name, 0)
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not smallest <= value < float("inf"):
                raise SettingsError(f"{name} must be a number, {smallest} or more")
        return replace(self, **values)
