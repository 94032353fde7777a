"""Settings of the functions of interactions: the recorder, the filter and the keeper of the event stream."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engagement.settings.reading import SHARED, Variable, positive, read, text


@dataclass(frozen=True, slots=True)
class RecorderSettings:
    """Settings of the recorder; field names are the variables' names in lower case.

    Parameters
    ----------
    interactions_retention_days
        How long the table keeps what an endpoint did in a run.
    """

    pinpoint_application_id: str
    interactions_table: str
    interactions_retention_days: int

    @classmethod
    def parse(cls, environment: Mapping[str, str]) -> RecorderSettings:
        """Read the variables.

        Raises
        ------
        SettingsError
            Variables are missing or malformed.
        """
        return read(cls, environment, _VARIABLES)


@dataclass(frozen=True, slots=True)
class FilterSettings:
    """Settings of the filter; field names are the variables' names in lower case."""

    pinpoint_application_id: str
    interactions_table: str

    @classmethod
    def parse(cls, environment: Mapping[str, str]) -> FilterSettings:
        """Read the variables.

        Raises
        ------
        SettingsError
            Variables are missing or malformed.
        """
        return read(cls, environment, _VARIABLES)


@dataclass(frozen=True, slots=True)
class EventStreamSettings:
    """Settings of the keeper of the event stream; field names are the variables' names in lower case."""

    pinpoint_application_id: str

    @classmethod
    def parse(cls, environment: Mapping[str, str]) -> EventStreamSettings:
        """Read the variables.

        Raises
        ------
        SettingsError
            Variables are missing or malformed.
        """
        return read(cls, environment, _VARIABLES)


_VARIABLES: Mapping[str, Variable] = {
    **SHARED,
    "interactions_table": (text, "name of the table of interactions"),
    "interactions_retention_days": (positive(int), "a whole number of days above 0"),
}
