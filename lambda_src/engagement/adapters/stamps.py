"""Stamps in the ledger and on the stamp queue.

A batch is open as long as its item is there: it is written before its message is sent, and deleted after the service
took its endpoints.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from engagement.adapters.items import RUN, from_item, read_item, run_key, to_item
from engagement.adapters.queues import ENTRIES_PER_CALL, ClientOf
from engagement.domain.plans.moments import instant
from engagement.domain.stamps.batches import Batch, BatchKey, Endpoints, Step
from engagement.domain.stamps.stamping import Order, Values

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_Item = Mapping[str, Any]


class Stamps:
    """What steps stamp: values to write, and batches of endpoints that get them.

    Parameters
    ----------
    dynamodb
        Client of the ledger.
    sqs
        Gives the client of SQS.
    table, queue_url
        The ledger and the stamp queue.
    retention
        How long the ledger keeps an item.
    now
        The time, with its zone.
    destinations
        Where endpoints are stamped.
    """

    def __init__(
        self,
        dynamodb: DynamoDBClient,
        sqs: ClientOf,
        table: str,
        queue_url: str,
        retention: timedelta,
        now: Callable[[], datetime],
        destinations: Sequence[str],
    ) -> None:
        self._dynamodb = dynamodb
        self._sqs = sqs
        self._table = table
        self._queue_url = queue_url
        self._retention = retention
        self._now = now
        self._destinations = destinations

    def set_values(self, run: str, index: int, values: Values) -> None:
        """Say what a step stamps, before any of its endpoints comes."""
        self._write({**_values_key((run, index)), "values": {name: list(texts) for name, texts in values.items()}})

    def put(self, run: str, index: int, source: str, endpoints: Endpoints) -> None:
        """Open one batch of at most 100 endpoints at every destination; whoever repeats this opens no second ones.

        Parameters
        ----------
        source
            Where the endpoints come from: a campaign or an export.
        """
        self.open(Batch(BatchKey.of(run, index, source, endpoints), endpoints))

    def open(self, batch: Batch) -> None:
        """Open a batch that has its key, at every destination."""
        now = instant(self._now())
        for key in map(batch.key.at, self._destinations):
            self._write({**_batch_key(key), "endpoints": _text(batch.endpoints), "made": now, "sent": now})
            self._sqs().send_message(QueueUrl=self._queue_url, MessageBody=key.text())

    def pending(self, run: str, index: int, destination: str) -> int:
        """How many batches of a step are open at a destination."""
        return sum(page["Count"] for page in self._open((run, index), destination, Select="COUNT"))

    def send_again(self, run: str, index: int, older_than: datetime) -> int:
        """Send the messages of open batches once more: those that were lost, or lie in the dead-letter queue.

        Parameters
        ----------
        older_than
            Only batches whose last message is older; later than anything that can still be in the queue.

        Returns
        -------
        int
            How many were sent.
        """
        keys = [key for destination in self._destinations for key in self._lost((run, index), destination, older_than)]
        return sum(
            self._send_again(keys[start : start + ENTRIES_PER_CALL]) for start in range(0, len(keys), ENTRIES_PER_CALL)
        )

    def _lost(self, step: Step, destination: str, older_than: datetime) -> Iterator[BatchKey]:
        pages = self._open(
            step,
            destination,
            ProjectionExpression="sk",
            FilterExpression="sent < :older",
            seen={":older": instant(older_than)},
        )
        for item in (from_item(item) for page in pages for item in page["Items"]):
            yield BatchKey(*step, item["sk"], destination)

    def _send_again(self, keys: list[BatchKey]) -> int:
        answer = self._sqs().send_message_batch(
            QueueUrl=self._queue_url,
            Entries=[{"Id": str(number), "MessageBody": key.text()} for number, key in enumerate(keys)],
        )
        sent = [keys[int(item["Id"])] for item in answer.get("Successful", [])]
        for key in sent:
            _update_open(self._dynamodb, self._table, key, "sent", instant(self._now()))
        return len(sent)

    def _open(
        self,
        step: Step,
        destination: str,
        *,
        seen: _Item | None = None,
        **query: Any,  # noqa: ANN401 (of the SDK)
    ) -> Iterator[Any]:
        return iter(
            self._dynamodb.get_paginator("query").paginate(
                TableName=self._table,
                ConsistentRead=True,
                KeyConditionExpression="pk = :pk",
                ExpressionAttributeValues=to_item({":pk": _partition(step, destination), **(seen or {})}),
                **query,
            )
        )

    def _write(self, item: _Item) -> None:
        expires = int((self._now() + self._retention).timestamp())
        self._dynamodb.put_item(TableName=self._table, Item=to_item({**item, "expires_at": expires}))


class StampLedger:
    """The stamps as the stamper reads and settles them.

    Parameters
    ----------
    dynamodb
        Client of the ledger.
    table
        The ledger.
    """

    def __init__(self, dynamodb: DynamoDBClient, table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def open(self, keys: Iterable[BatchKey]) -> list[Batch]:
        """Those of these batches that are open."""
        items = ((key, self._read(_batch_key(key))) for key in keys)
        return [Batch(key, json.loads(item["endpoints"])) for key, item in items if item]

    def order(self, step: Step) -> Order:
        """What a step stamps."""
        run = self._read(run_key(step[0], RUN)) or {}
        item = self._read(_values_key(step)) or {}
        return Order(item.get("values", {}), stopping=run.get("stopping", False))

    def close(self, key: BatchKey) -> None:
        """Nothing is left of a batch."""
        self._dynamodb.delete_item(TableName=self._table, Key=to_item(_batch_key(key)))

    def keep(self, batch: Batch) -> None:
        """Only this is left of a batch, unless somebody else was faster."""
        _update_open(self._dynamodb, self._table, batch.key, "endpoints", _text(batch.endpoints))

    def _read(self, key: Mapping[str, str]) -> _Item | None:
        return read_item(self._dynamodb, self._table, key)


def _update_open(dynamodb: DynamoDBClient, table: str, key: BatchKey, name: str, text: str) -> None:
    """Change a batch that is open; one that is done stays done."""
    try:
        dynamodb.update_item(
            TableName=table,
            Key=to_item(_batch_key(key)),
            UpdateExpression="SET #name = :text",
            ConditionExpression="attribute_exists(pk)",
            ExpressionAttributeNames={"#name": name},
            ExpressionAttributeValues=to_item({":text": text}),
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise


def _text(endpoints: Endpoints) -> str:
    return json.dumps(endpoints, separators=(",", ":"))


def _partition(step: Step, destination: str) -> str:
    """The batches of a step at a destination; Pinpoint's are where earlier releases put them."""
    end = "" if destination == "pinpoint" else f"#{destination}"
    return f"stamps#{step[0]}#{step[1]:03}{end}"


def _batch_key(key: BatchKey) -> dict[str, str]:
    return {"pk": _partition(key.step, key.destination), "sk": key.batch}


def _values_key(step: Step) -> dict[str, str]:
    return run_key(step[0], f"stamp#{step[1]:03}")
