"""Stopping a run: an event on the bus, as from any producer, then the ledger says when it has taken effect."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from engagement.domain.runs.announcement import STOP
from engagement.domain.runs.records import RunRecord, RunStatus
from tools.run.ledger import RunError, Runs

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient

POLL_SECONDS = 2.0
PATIENCE_SECONDS = 900.0
"""A stop that meets a call at work comes back after six times the announcer's timeout, six minutes by default."""


def ask(events: EventBridgeClient, bus: str, source: str, run: str) -> None:
    """Put the stop event on the bus.

    Parameters
    ----------
    events
        Client of EventBridge.
    bus
        The bus on which company events arrive.
    source
        The event's source; the module takes only those of `bus.sources`, if it names some.
    run
        The run's whole ID.

    Raises
    ------
    RunError
        The bus does not exist or does not take the event.
    """
    entry = {"EventBusName": bus, "Source": source, "DetailType": STOP, "Detail": json.dumps({"run": run})}
    try:
        answer = events.put_events(Entries=[entry])  # type: ignore[list-item]  # a TypedDict of the same keys
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        if code == "ResourceNotFoundException":
            raise RunError(
                f"there is no bus {bus} in this account and Region: BUS is the output bus_name of the module"
            ) from None
        if code == "AccessDeniedException":
            raise RunError(
                f"these credentials may not put events on the bus {bus}: they need events:PutEvents"
            ) from None
        raise
    if answer["FailedEntryCount"]:
        failed = answer["Entries"][0]
        raise RunError(f"the bus {bus} did not take the event: {failed.get('ErrorCode')}, {failed.get('ErrorMessage')}")


def follow(runs: Runs, run: str, *, wait: Callable[[float], None] = time.sleep) -> RunRecord:
    """Wait until the ledger says that the run has ended.

    Parameters
    ----------
    runs
        The environment's runs.
    run
        The run's whole ID.
    wait
        Waits between two looks.

    Raises
    ------
    RunError
        It has not ended in time.
    """
    for _ in range(int(PATIENCE_SECONDS / POLL_SECONDS)):
        record = runs.find(run)
        if record.status is not RunStatus.RUNNING:
            return record
        wait(POLL_SECONDS)
    raise RunError(
        f"the run is still running after {PATIENCE_SECONDS / 60:.0f} minutes. See whether bus.sources of the module "
        "lets SOURCE through, whether BUS is its bus, and what the announcer's log says; the event itself is kept"
    )
