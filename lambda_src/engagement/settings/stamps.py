"""Settings of the functions that stamp: the hook that takes endpoints, and the stamper that updates them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from engagement.settings.reading import SHARED, Settings, positive


class _Settings(Settings):
    __slots__ = ()
    variables: ClassVar = {
        **SHARED,
        "updates_per_second": (positive(float), "a number above 0"),
    }


@dataclass(frozen=True, slots=True)
class StampHookSettings(_Settings):
    """Settings of the function that Amazon Pinpoint calls; field names are the variables' names in lower case.

    Parameters
    ----------
    run_retention_days
        How long the ledger keeps a batch that nobody stamps.
    """

    ledger_table: str
    stamp_queue_url: str
    run_retention_days: int


@dataclass(frozen=True, slots=True)
class StamperSettings(_Settings):
    """Settings of the stamper; field names are the variables' names in lower case.

    Parameters
    ----------
    updates_per_second
        UpdateEndpointsBatch requests per second that this environment may send, over all instances.
    maximum_concurrency
        How many instances share that rate.
    """

    pinpoint_application_id: str
    ledger_table: str
    updates_per_second: float
    maximum_concurrency: int
