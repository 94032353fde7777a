"""Settings of the functions of interactions: the recorder, the filter and the keeper of the event stream."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from engagement.settings.reading import SHARED, Settings, positive, text


class _Settings(Settings):
    __slots__ = ()
    variables: ClassVar = {
        **SHARED,
        "interactions_table": (text, "name of the table of interactions"),
        "interactions_retention_days": (positive(int), "a whole number of days above 0"),
    }


@dataclass(frozen=True, slots=True)
class RecorderSettings(_Settings):
    """Settings of the recorder; field names are the variables' names in lower case.

    Parameters
    ----------
    interactions_retention_days
        How long the table keeps what an endpoint did in a run.
    """

    pinpoint_application_id: str
    interactions_table: str
    interactions_retention_days: int


@dataclass(frozen=True, slots=True)
class FilterSettings(_Settings):
    """Settings of the filter; field names are the variables' names in lower case."""

    pinpoint_application_id: str
    interactions_table: str


@dataclass(frozen=True, slots=True)
class EventStreamSettings(_Settings):
    """Settings of the keeper of the event stream; field names are the variables' names in lower case."""

    pinpoint_application_id: str
