"""Settings of the functions that stamp: the hook that takes endpoints, and the stamper that updates them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from engagement.settings.destinations import DESTINATIONS
from engagement.settings.reading import SHARED, Settings, positive


class _Settings(Settings):
    __slots__ = ()
    variables: ClassVar = {
        **SHARED,
        **DESTINATIONS,
        "updates_per_second": (positive(float), "a number above 0"),
        "update_profiles_rate": (positive(float), "a number above 0"),
    }


@dataclass(frozen=True, slots=True)
class StampHookSettings(_Settings):
    """Settings of the function that Amazon Pinpoint calls; field names are the variables' names in lower case.

    Parameters
    ----------
    run_retention_days
        How long the ledger keeps a batch that nobody stamps.
    profiles_domain
        The domain of Customer Profiles, where the same customers are stamped; empty if it is not a destination.
    """

    profiles_domain: str
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
    update_profiles_rate
        Customers per second that this environment may stamp in Customer Profiles, over all instances.
    maximum_concurrency
        How many instances share these rates.
    pinpoint_application_id, profiles_domain
        Where endpoints are stamped; one of them may be empty.
    """

    pinpoint_application_id: str
    profiles_domain: str
    ledger_table: str
    updates_per_second: float
    update_profiles_rate: float
    maximum_concurrency: int
