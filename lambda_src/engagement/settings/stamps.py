"""Settings of the functions that stamp: the hook that takes endpoints, and the stamper that updates them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engagement.settings.reading import Reader, positive, text


@dataclass(frozen=True, slots=True)
class StampHookSettings:
    """Settings of the function that Amazon Pinpoint calls; field names are the variables' names in lower case.

    Parameters
    ----------
    run_retention_days
        How long the ledger keeps a batch that nobody stamps.
    """

    ledger_table: str
    stamp_queue_url: str
    run_retention_days: int

    @classmethod
    def parse(cls, environment: Mapping[str, str]) -> StampHookSettings:
        """Read the variables.

        Raises
        ------
        SettingsError
            Variables are missing or malformed.
        """
        read = Reader(environment)
        settings = cls(
            ledger_table=read("LEDGER_TABLE", text, "name of the ledger table"),
            stamp_queue_url=read("STAMP_QUEUE_URL", text, "URL of the stamp queue"),
            run_retention_days=read("RUN_RETENTION_DAYS", positive(int), "a whole number of days above 0"),
        )
        read.finish()
        return settings


@dataclass(frozen=True, slots=True)
class StamperSettings:
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

    @classmethod
    def parse(cls, environment: Mapping[str, str]) -> StamperSettings:
        """Read the variables.

        Raises
        ------
        SettingsError
            Variables are missing or malformed.
        """
        read = Reader(environment)
        settings = cls(
            pinpoint_application_id=read("PINPOINT_APPLICATION_ID", text, "ID of the Pinpoint project"),
            ledger_table=read("LEDGER_TABLE", text, "name of the ledger table"),
            updates_per_second=read("UPDATES_PER_SECOND", positive(float), "a number above 0"),
            maximum_concurrency=read("MAXIMUM_CONCURRENCY", positive(int), "a whole number above 0"),
        )
        read.finish()
        return settings
