"""The ledger of one environment, read with the operator's own rights."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import ClientError

from engagement.adapters.interactions import Recorded
from engagement.adapters.ledger import Ledger
from engagement.adapters.stamps import Stamps
from engagement.domain.destinations import DestinationName
from engagement.domain.interactions.kinds import Did, tally
from engagement.domain.runs.records import Made, RunRecord, StepRecord, StepStatus

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

SUFFIX = "-company-events"
INTERACTIONS_SUFFIX = "-interactions"
"""Behind the ledger's name: the table of what customers did."""
_BEGINNING = re.compile(r"[0-9a-f]{1,40}")
_MOST_NAMED = 5
# Nothing is written with it: the ledger is only read here.
_NO_RETENTION = timedelta(0)


class RunError(RuntimeError):
    """The command cannot go on; the text says what to do."""


@dataclass(frozen=True, slots=True)
class History:
    """Everything that the ledger holds of a run.

    Parameters
    ----------
    open_batches
        By the index of a step that stamps: batches of at most 100 endpoints that are not stamped yet.
    interactions
        By the index of a step that sends: how many endpoints did what; None where that is not recorded, or not ours to
        read.
    """

    run: RunRecord
    steps: tuple[StepRecord, ...]
    made: tuple[Made, ...]
    open_batches: dict[int, int]
    interactions: dict[int, dict[Did, int]] | None


class Runs:
    """The runs of one environment.

    Parameters
    ----------
    dynamodb
        Client of the table's account and Region.
    table
        The table, named as the module's input `name` with `-company-events`.
    """

    def __init__(self, dynamodb: DynamoDBClient, table: str) -> None:
        self._table = table
        self._recorded = Recorded(dynamodb, f"{table}{INTERACTIONS_SUFFIX}")
        self._ledger = Ledger(dynamodb, table, _NO_RETENTION)
        self._stamps = Stamps(
            dynamodb,
            lambda: boto3.client("sqs"),
            table,
            "",
            _NO_RETENTION,
            lambda: datetime.now(UTC),
            tuple(DestinationName),
        )

    def newest(self, most: int) -> list[RunRecord]:
        """The newest runs, newest first."""
        with self._explained():
            records = (self._ledger.run(run) for run in self._ledger.runs())
            return list(islice((record for record in records if record), most))

    def find(self, beginning: str) -> RunRecord:
        """The run whose ID begins so.

        Raises
        ------
        RunError
            No run's ID begins so, or several do.
        """
        if not _BEGINNING.fullmatch(beginning):
            raise RunError(f"RUN={beginning}: must be a run's ID or its beginning, 1 to 40 of 0-9 and a-f")
        with self._explained():
            found = self._ledger.run(beginning)
            alike = [] if found else [run for run in self._ledger.runs() if run.startswith(beginning)]
            if len(alike) == 1:
                found = self._ledger.run(alike[0])
        if found:
            return found
        if len(alike) > 1:
            named = ", ".join(alike[:_MOST_NAMED]) + (" and others" if len(alike) > _MOST_NAMED else "")
            raise RunError(f"RUN={beginning}: {len(alike)} runs begin so, {named}. Give more of the ID")
        raise RunError(
            f"RUN={beginning}: no such run in {self._table}. make run-show without RUN lists the newest; a run that "
            "is older than runs.retention_days is forgotten"
        )

    def history(self, record: RunRecord) -> History:
        """What the ledger holds of a run."""
        with self._explained():
            steps = self._ledger.steps(record.run)
            return History(
                run=record,
                steps=tuple(steps),
                made=tuple(self._ledger.made(record.run)),
                open_batches={
                    step.index: sum(self._stamps.pending(record.run, step.index, name) for name in DestinationName)
                    for step in steps
                    if step.status is StepStatus.STAMPING
                },
                interactions=self._interactions(record.run),
            )

    def _interactions(self, run: str) -> dict[int, dict[Did, int]] | None:
        """What recipients did; nobody needs that table, or the right to read it, to see the rest."""
        try:
            return tally(self._recorded.tally(run))
        except ClientError as error:
            if error.response.get("Error", {}).get("Code", "") in (
                "ResourceNotFoundException",
                "AccessDeniedException",
            ):
                return None
            raise

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            if code == "ResourceNotFoundException":
                raise RunError(
                    f"there is no table {self._table} in this account and Region: NAME is the input name of the "
                    "modules, TABLE the output ledger_table_name"
                ) from None
            if code == "AccessDeniedException":
                raise RunError(
                    f"these credentials may not read the table {self._table}: they need dynamodb:GetItem and "
                    "dynamodb:Query on it, and kms:Decrypt on its key if it has one"
                ) from None
            raise
