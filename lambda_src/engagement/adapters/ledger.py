"""The ledger: what runs have done, in one DynamoDB table, with conditional writes.

Keys are `pk` and `sk`; docs/company-events.md has the list of items.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar, cast

from engagement.adapters.items import RUN, from_item, read_item, read_partition, run_key, to_item
from engagement.domain.runs.records import Kind, Made, RunRecord, RunStatus, StepRecord, StepStatus

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import PutTypeDef, TransactWriteItemTypeDef

Record = TypeVar("Record", RunRecord, StepRecord, Made)

_STEP = "step#"
_MADE = "made#"
_CALLED = "called#"
_HEAD_ROOM = {"pk": "head_room", "sk": "campaigns"}


class Ledger:
    """The ledger of one environment.

    Parameters
    ----------
    dynamodb
        Client of the table's Region.
    table
        Its name.
    retention
        How long a run is kept: longer than anything lasts that could announce it again.
    """

    def __init__(self, dynamodb: DynamoDBClient, table: str, retention: timedelta) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._retention = retention

    def claim(self, record: RunRecord) -> bool:
        """Write a new run, or one that was refused before; False if there is one already."""
        key, expires = run_key(record.run, RUN), self._expires(record.began)
        listed = {"pk": "runs", "sk": f"{record.began.isoformat()}#{record.run}", "plan": record.plan}
        return self._transact(
            self._put(
                {**key, **_values(record), "expires_at": expires},
                "attribute_not_exists(pk) OR #status = :refused",
                {":refused": RunStatus.REFUSED},
                {"#status": "status"},
            ),
            self._put({**listed, "run": record.run, "expires_at": expires}),
        )

    def run(self, run: str) -> RunRecord | None:
        """A run, as it is now."""
        item = self._get(run_key(run, RUN))
        return _read(RunRecord, item) if item else None

    def runs(self) -> Iterator[str]:
        """IDs of all runs, newest first; one that was refused and announced again stands where it was last."""
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :runs",
            ExpressionAttributeValues=to_item({":runs": "runs"}),
            ScanIndexForward=False,
        )
        seen: set[str] = set()
        for item in (item for page in pages for item in page["Items"]):
            run = from_item(item)["run"]
            if run not in seen:
                seen.add(run)
                yield run

    def mark_started(self, run: str) -> None:
        """The state machine has been told of the run."""
        self._update(run_key(run, RUN), {"started": True}, "attribute_exists(pk)")

    def end_run(self, run: str, status: RunStatus, at: datetime, reason: str = "") -> bool:
        """Close a run that is running; False if it is closed already."""
        changes = {"status": status, "ended": at, "reason": reason}
        return self._update(run_key(run, RUN), changes, "#status = :running", {":running": RunStatus.RUNNING})

    def ask_to_stop(self, run: str, failure: str = "") -> None:
        """Let nothing more be made for a run; with `failure` because it has failed, whoever finishes that."""
        why = {"reason": failure} if failure else {}
        self._update(run_key(run, RUN), {"stopping": True, **why}, "attribute_exists(pk)")

    def take(self, run: str, index: int, owner: str, now: datetime, until: datetime) -> StepRecord | datetime | None:
        """Take a step's lease; the moment at which it ends if another call has it, None while the run is stopping.

        A step that was left without giving its lease back is unsettled.
        """
        key = run_key(run, f"{_STEP}{index:03}")
        item = self._get(key) or {}
        leased = datetime.fromtimestamp(item.get("lease_until", 0), UTC)
        if leased > now:
            return leased
        before = _read(StepRecord, item) if item else StepRecord(index, StepStatus.WORKING, now)
        step = replace(before, unsettled=before.unsettled or "lease_owner" in item)
        lease = {"lease_owner": owner, "lease_until": until.timestamp(), "attempts": item.get("attempts", 0) + 1}
        condition = "lease_owner = :owner" if "lease_owner" in item else "attribute_not_exists(lease_owner)"
        seen = {":owner": item["lease_owner"]} if "lease_owner" in item else {}
        # The number of attempts tells a lease that was given back, and taken again, from the one that was seen.
        seen |= {":attempts": item["attempts"]} if item else {}
        condition += " AND attempts = :attempts" if item else " AND attribute_not_exists(pk)"
        taken = self._transact(
            self._put({**key, **_values(step), **lease, "expires_at": self._expires(step.began)}, condition, seen),
            {
                "ConditionCheck": {
                    "TableName": self._table,
                    "Key": to_item(run_key(run, RUN)),
                    "ConditionExpression": "attribute_exists(pk) AND stopping <> :stopping",
                    "ExpressionAttributeValues": to_item({":stopping": True}),
                }
            },
        )
        if taken:
            return step
        record = self.run(run)
        if record is None or record.stopping:
            return None
        # Another call was faster by a moment; its lease is not known here, and asked for again soon.
        return now

    def leave(self, run: str, owner: str, step: StepRecord) -> None:
        """Write a step's state and give its lease back."""
        key = run_key(run, f"{_STEP}{step.index:03}")
        values = _values(step)
        names = {f"#{name}": name for name in values}
        sets = ", ".join(f"#{name} = :{name}" for name in values)
        gone = [field.name for field in fields(StepRecord) if field.name not in values]
        names |= {f"#{name}": name for name in gone}
        removed = ", ".join(["lease_owner", "lease_until", *(f"#{name}" for name in gone)])
        self._dynamodb.update_item(
            TableName=self._table,
            Key=to_item(key),
            UpdateExpression=f"SET {sets} REMOVE {removed}",
            ConditionExpression="lease_owner = :owner",
            ExpressionAttributeNames=names,
            ExpressionAttributeValues=to_item(
                {**{f":{name}": value for name, value in values.items()}, ":owner": owner}
            ),
        )

    def leased_until(self, run: str) -> datetime | None:
        """When the last lease of the run's steps ends; None if nobody has one."""
        leases = [item["lease_until"] for item in self._query(run, _STEP) if "lease_until" in item]
        return datetime.fromtimestamp(max(leases), UTC) if leases else None

    def steps(self, run: str) -> list[StepRecord]:
        """The steps that have begun."""
        return [_read(StepRecord, item) for item in self._query(run, _STEP)]

    def call(self, run: str, step_id: str, at: datetime) -> None:
        """A journey calls for a step; the first call counts."""
        called = {**run_key(run, f"{_CALLED}{step_id}"), "at": at.isoformat(), "expires_at": self._expires(at)}
        self._transact(self._put(called, "attribute_not_exists(pk)"))

    def called(self, run: str, step_id: str) -> datetime | None:
        """When a journey first called for a step; None if it has not."""
        item = self._get(run_key(run, f"{_CALLED}{step_id}"))
        return datetime.fromisoformat(item["at"]) if item else None

    def lose_journey(self, run: str, reason: str) -> None:
        """Await no more calls of the run's journey."""
        self._update(run_key(run, RUN), {"lost": reason}, "attribute_exists(pk)")

    def made(self, run: str) -> list[Made]:
        """Everything that is recorded as made."""
        return [_read(Made, item) for item in self._query(run, _MADE)]

    def record(self, run: str, made: Made) -> None:
        """Record something that exists; a later record of the same name replaces it."""
        item = {
            **run_key(run, f"{_MADE}{made.kind}#{made.name}"),
            **_values(made),
            "expires_at": self._expires(made.made),
        }
        self._dynamodb.put_item(TableName=self._table, Item=to_item(item))

    def reserve(self, run: str, campaigns: int, most: int) -> bool:
        """Set how many active campaigns a run may have; False if all runs together would have more than `most`.

        Having none is always possible.
        """
        while (record := self.run(run)) is not None and record.reserved != campaigns:
            more = campaigns - record.reserved
            if more > 0 and self._reserved() > most - more:
                return False
            self._transact(self._reservation(record, campaigns), self._counter(more, most))
        return True

    def slots(self, operation: str, per_second: float, count: int, now: float, latest: float) -> float:
        """Book `count` calls of an operation and return the moment of the first, in seconds since 1970.

        None is booked if that moment is `latest` or later: whoever cannot wait takes no place from others.
        """
        key = {"pk": "pace", "sk": operation}
        while True:
            free_at = (self._get(key) or {}).get("free_at")
            first = max(free_at or 0, now * 1000)
            if first >= latest * 1000:
                return first / 1000
            condition = "attribute_not_exists(free_at)" if free_at is None else "free_at = :free_at"
            seen = {} if free_at is None else {":free_at": free_at}
            if self._update(key, {"free_at": int(first + count * 1000 / per_second)}, condition, seen):
                return first / 1000

    def _reserved(self) -> int:
        return int((self._get(_HEAD_ROOM) or {}).get("reserved", 0))

    def _reservation(self, record: RunRecord, campaigns: int) -> TransactWriteItemTypeDef:
        return {
            "Update": {
                "TableName": self._table,
                "Key": to_item(run_key(record.run, RUN)),
                "UpdateExpression": "SET reserved = :campaigns",
                "ConditionExpression": "reserved = :before",
                "ExpressionAttributeValues": to_item({":campaigns": campaigns, ":before": record.reserved}),
            }
        }

    def _counter(self, more: int, most: int) -> TransactWriteItemTypeDef:
        update: TransactWriteItemTypeDef = {
            "Update": {
                "TableName": self._table,
                "Key": to_item(_HEAD_ROOM),
                "UpdateExpression": "ADD reserved :more",
                "ExpressionAttributeValues": to_item({":more": more}),
            }
        }
        if more > 0:
            update["Update"]["ConditionExpression"] = "attribute_not_exists(reserved) OR reserved <= :most"
            update["Update"]["ExpressionAttributeValues"] = to_item({":more": more, ":most": most - more})
        return update

    def _expires(self, begin: datetime) -> int:
        return int((begin + self._retention).timestamp())

    def _get(self, key: Mapping[str, str]) -> dict[str, Any] | None:
        return read_item(self._dynamodb, self._table, key)

    def _query(self, run: str, prefix: str) -> Iterator[dict[str, Any]]:
        return read_partition(self._dynamodb, self._table, f"run#{run}", prefix)

    def _put(
        self,
        values: Mapping[str, Any],
        condition: str = "",
        seen: Mapping[str, Any] | None = None,
        names: Mapping[str, str] | None = None,
    ) -> TransactWriteItemTypeDef:
        put: dict[str, Any] = {"TableName": self._table, "Item": to_item(values)}
        if condition:
            put["ConditionExpression"] = condition
        if seen:
            put["ExpressionAttributeValues"] = to_item(seen)
        if names:
            put["ExpressionAttributeNames"] = names
        return {"Put": cast("PutTypeDef", put)}

    def _transact(self, *writes: TransactWriteItemTypeDef) -> bool:
        """All writes or none; False if a condition does not hold, or somebody else writes the same items."""
        try:
            self._dynamodb.transact_write_items(TransactItems=writes)
        except self._dynamodb.exceptions.TransactionCanceledException as error:
            reasons = {reason.get("Code") for reason in error.response.get("CancellationReasons", [])}
            if reasons <= {"None", "ConditionalCheckFailed", "TransactionConflict"}:
                return False
            raise
        return True

    def _update(
        self, key: Mapping[str, str], changes: Mapping[str, Any], condition: str, seen: Mapping[str, Any] | None = None
    ) -> bool:
        """Change attributes of an item; False if the condition does not hold."""
        values = {f":new_{name}": _plain(value) for name, value in changes.items()}
        try:
            self._dynamodb.update_item(
                TableName=self._table,
                Key=to_item(key),
                UpdateExpression="SET " + ", ".join(f"#{name} = :new_{name}" for name in changes),
                ConditionExpression=condition,
                ExpressionAttributeNames={f"#{name}": name for name in changes},
                ExpressionAttributeValues=to_item({**values, **(seen or {})}),
            )
        except self._dynamodb.exceptions.ConditionalCheckFailedException:
            return False
        return True


_READERS: Mapping[str, Any] = {
    **dict.fromkeys(("began", "ended", "until", "made", "starts", "listening"), datetime.fromisoformat),
    "kind": Kind,
    "faults": tuple,
    "shards": tuple,
}


def _values(record: RunRecord | StepRecord | Made) -> dict[str, Any]:
    """A record as an item's attributes; what is not known is left out."""
    values = {field.name: _plain(getattr(record, field.name)) for field in fields(record)}
    return {name: value for name, value in values.items() if value is not None}


def _plain(value: Any) -> Any:  # noqa: ANN401 (any field)
    return value.isoformat() if isinstance(value, datetime) else value


def _read(kind: type[Record], item: Mapping[str, Any]) -> Record:
    readers = {**_READERS, "status": {RunRecord: RunStatus, StepRecord: StepStatus, Made: str}[kind]}
    values = {
        field.name: readers.get(field.name, lambda value: value)(item[field.name])
        for field in fields(kind)
        if field.name in item
    }
    return kind(**values)
