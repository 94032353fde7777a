"""Versions of journeys, and the runs in them, in the ledger."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from engagement.adapters.items import read_item, read_partition, to_item
from engagement.domain.journeys.versions import Version

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_PARTITION = "journeys"
_CLOSED = {"pk": _PARTITION, "sk": "closed"}
_MOMENTS = frozenset({"wished", "live_from", "superseded", "ended"})


class Versions:
    """The versions of one environment.

    Parameters
    ----------
    dynamodb
        Client of the ledger.
    table
        The ledger.
    retention
        How long a version that has ended is kept.
    """

    def __init__(self, dynamodb: DynamoDBClient, table: str, retention: timedelta) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._retention = retention

    def of_plan(self, plan: str) -> list[Version]:
        """Versions of a plan, ended ones too."""
        return [_version(item) for item in self._query(f"version#{plan}#")]

    def all(self) -> list[Version]:
        """Versions of every plan."""
        return [_version(item) for item in self._query("version#")]

    def find(self, plan: str, name: str) -> Version | None:
        """A version; None if it is not known."""
        item = read_item(self._dynamodb, self._table, _key(plan, name))
        return _version(item) if item else None

    def wish(self, version: Version) -> bool:
        """Write a new version; False if it is there already."""
        try:
            self._put(self._item(version), ConditionExpression="attribute_not_exists(pk)")
        except self._dynamodb.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def write(self, version: Version) -> None:
        """Replace what is known of a version."""
        self._put(self._item(version))

    def enter(self, plan: str, version: str, run: str) -> None:
        """A run is about to enter a version: its journey must stay."""
        self._put({**_inside(plan, version, run), "run": run})

    def leave(self, plan: str, version: str, run: str) -> None:
        """A run has ended."""
        self._dynamodb.delete_item(TableName=self._table, Key=to_item(_inside(plan, version, run)))

    def close(self) -> None:
        """No journeys and schedules are made any more: the module is being destroyed."""
        self._put(_CLOSED)

    def reopen(self) -> None:
        """They are made again."""
        self._dynamodb.delete_item(TableName=self._table, Key=to_item(_CLOSED))

    def closed(self) -> bool:
        """Whether none are made."""
        return read_item(self._dynamodb, self._table, _CLOSED) is not None

    def inside(self, version: Version) -> Iterator[str]:
        """Runs that have entered a version and have not left it."""
        for item in self._query(_inside(version.plan, version.name, "")["sk"]):
            yield str(item["run"])

    def _item(self, version: Version) -> dict[str, Any]:
        values = {field.name: getattr(version, field.name) for field in fields(version)}
        moments = {name: values[name].isoformat() for name in _MOMENTS if values[name]}
        kept = {name: value for name, value in values.items() if name not in _MOMENTS}
        expires = {"expires_at": int((version.ended + self._retention).timestamp())} if version.ended else {}
        return {**_key(version.plan, version.name), **kept, **moments, **expires}

    def _put(self, item: Mapping[str, Any], **condition: Any) -> None:  # noqa: ANN401 (of the SDK)
        self._dynamodb.put_item(TableName=self._table, Item=to_item(item), **condition)

    def _query(self, prefix: str) -> Iterator[dict[str, Any]]:
        return read_partition(self._dynamodb, self._table, _PARTITION, prefix)


def _key(plan: str, name: str) -> dict[str, str]:
    return {"pk": _PARTITION, "sk": f"version#{plan}#{name}"}


def _inside(plan: str, version: str, run: str) -> dict[str, str]:
    return {"pk": _PARTITION, "sk": f"run#{plan}#{version}#{run}"}


def _version(item: Mapping[str, Any]) -> Version:
    values: dict[str, Any] = {
        field.name: datetime.fromisoformat(item[field.name]) if field.name in _MOMENTS else item[field.name]
        for field in fields(Version)
        if field.name in item
    }
    return Version(**values)
