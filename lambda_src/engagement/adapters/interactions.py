"""The table of interactions: what endpoints did, by run, and which markers have come through the stream.

A run is spread over 16 partitions; docs/company-events.md has the list of items.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from engagement.adapters.items import from_item, read_partition, to_item
from engagement.domain.interactions.recording import UnavailableError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from engagement.domain.interactions.records import Marker
    from engagement.domain.runs.ports import Clock

SHARDS = "0123456789abcdef"
_KEYS_PER_CALL = 100
_FIRST_PAUSE = 0.05
_LONGEST_PAUSE = 1.0


class Interactions:
    """The table as the recorder writes it.

    Parameters
    ----------
    dynamodb, table
        Client and name of the table.
    retention
        How long an item is kept after it was last written.
    now
        The time, with its zone.
    """

    def __init__(self, dynamodb: DynamoDBClient, table: str, retention: timedelta, now: Callable[[], datetime]) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._retention = retention
        self._now = now

    def add(self, run: str, endpoint_id: str, entries: Iterable[str]) -> None:
        """Add what an endpoint did in a run to what is known already.

        Raises
        ------
        UnavailableError
            It may not be there.
        """
        self._write(_key(run, endpoint_id), "ADD did :did SET expires = :expires", {":did": frozenset(entries)})

    def mark(self, marker: Marker) -> None:
        """Keep a marker; raises UnavailableError."""
        self._write({"pk": _marked(marker.id), "sk": marker.shard}, "SET expires = :expires", {})

    def _write(self, key: Mapping[str, str], update: str, values: Mapping[str, Any]) -> None:
        expires = int((self._now() + self._retention).timestamp())
        try:
            self._dynamodb.update_item(
                TableName=self._table,
                Key=to_item(key),
                UpdateExpression=update,
                ExpressionAttributeValues=to_item({**values, ":expires": expires}),
            )
        except (BotoCoreError, ClientError) as error:
            raise UnavailableError("DynamoDB") from error


class Recorded:
    """The table as everybody else reads it.

    Parameters
    ----------
    dynamodb, table
        Client and name of the table.
    """

    def __init__(self, dynamodb: DynamoDBClient, table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def of(self, run: str, endpoint_ids: Iterable[str], clock: Clock, deadline: float) -> dict[str, AbstractSet[str]]:
        """What endpoints did in a run, also those that did nothing.

        Parameters
        ----------
        deadline
            Seconds since 1970 after which no request begins.

        Raises
        ------
        UnavailableError
            Not everything could be read in time.
        """
        found: dict[str, AbstractSet[str]] = {endpoint_id: frozenset() for endpoint_id in endpoint_ids}
        pending = [to_item(_key(run, endpoint_id)) for endpoint_id in found]
        pause = _FIRST_PAUSE
        while pending:
            if clock.time() >= deadline:
                raise UnavailableError("DynamoDB left keys unread")
            keys, rest = pending[:_KEYS_PER_CALL], pending[_KEYS_PER_CALL:]
            items, unread = self._batch(keys)
            found |= {item["sk"]: item["did"] for item in items if "did" in item}
            if unread:
                clock.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
            pending = [*unread, *rest]
        return found

    def heard(self, marker: str) -> Collection[str]:
        """The shards whose marker of that ID has been recorded."""
        return {item["sk"] for item in read_partition(self._dynamodb, self._table, _marked(marker))}

    def tally(self, run: str) -> Counter[str]:
        """How many endpoints of a run have each entry."""
        shards = (read_partition(self._dynamodb, self._table, f"{run}.{shard}") for shard in SHARDS)
        items = (item for shard in shards for item in shard)
        return Counter(entry for item in items for entry in item.get("did", ()))

    def _batch(self, keys: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[Any]]:
        """Items of at most 100 keys, and the keys that were not read."""
        request: Any = {self._table: {"Keys": keys, "ConsistentRead": True}}
        try:
            answer = self._dynamodb.batch_get_item(RequestItems=request)
        except (BotoCoreError, ClientError) as error:
            raise UnavailableError("DynamoDB") from error
        unread = answer["UnprocessedKeys"]
        left = list(unread[self._table]["Keys"]) if self._table in unread else []
        return [from_item(item) for item in answer["Responses"].get(self._table, [])], left


def _key(run: str, endpoint_id: str) -> dict[str, str]:
    return {"pk": f"{run}.{sha256(endpoint_id.encode()).hexdigest()[0]}", "sk": endpoint_id}


def _marked(marker: str) -> str:
    return f"marker#{marker}"
