"""The engagement services that there are."""

from __future__ import annotations

from enum import StrEnum


class DestinationName(StrEnum):
    """A destination, as envelopes, rejects, plans' settings, ledgers and metrics name it."""

    PINPOINT = "pinpoint"
    CONNECT = "connect"
