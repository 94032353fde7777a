"""The ingest queue's records, and the two things that may happen to a message besides success."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from engagement.domain.event import Rejection
from engagement.domain.message import without_token
from engagement.domain.pacing import return_delay

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef

ENTRIES_PER_CALL = 10
BYTES_PER_CALL = 262_144
_ATTRIBUTE_BYTES = 1_024


@dataclass(frozen=True, slots=True)
class Record:
    """One delivery of a queue message."""

    message_id: str
    body: str
    receipt_handle: str
    receive_count: int

    @classmethod
    def parse(cls, record: Mapping[str, Any]) -> Record:
        """Read a record of the SQS event source."""
        return cls(
            message_id=record["messageId"],
            body=record["body"],
            receipt_handle=record["receiptHandle"],
            receive_count=int(record["attributes"]["ApproximateReceiveCount"]),
        )


class RejectsQueue:
    """Where events end that can never succeed, with the reason as message attributes beside the untouched body."""

    def __init__(self, client: SQSClient, url: str) -> None:
        self._client = client
        self._url = url

    def put(self, rejections: Iterable[Rejection], bodies: Mapping[str, str]) -> set[str]:
        """Write rejections.

        Parameters
        ----------
        rejections
            What was refused.
        bodies
            Message bodies by message id; a token in them is removed.

        Returns
        -------
        set of str
            Ids of the messages whose rejection could not be written: they must be returned.
        """
        entries = [_entry(number, rejection, bodies) for number, rejection in enumerate(rejections)]
        failed: set[str] = set()
        for group in _groups(entries):
            try:
                answer = self._client.send_message_batch(QueueUrl=self._url, Entries=[entry for _, entry in group])
                refused = {item["Id"] for item in answer.get("Failed", [])}
            except (BotoCoreError, ClientError):
                refused = {entry["Id"] for _, entry in group}
            failed.update(message_id for message_id, entry in group if entry["Id"] in refused)
        return failed


class IngestQueue:
    """Where messages wait that were not settled."""

    def __init__(self, client: SQSClient, url: str, first_delay: int) -> None:
        self._client = client
        self._url = url
        self._first_delay = first_delay

    def postpone(self, records: Sequence[Record]) -> int:
        """Let returned messages wait longer with each receive.

        Returns
        -------
        int
            How many could not be postponed: those wait for the queue's own visibility timeout.
        """
        failed = 0
        for start in range(0, len(records), ENTRIES_PER_CALL):
            part = records[start : start + ENTRIES_PER_CALL]
            try:
                answer = self._client.change_message_visibility_batch(
                    QueueUrl=self._url,
                    Entries=[
                        {
                            "Id": str(number),
                            "ReceiptHandle": record.receipt_handle,
                            "VisibilityTimeout": return_delay(record.receive_count, self._first_delay),
                        }
                        for number, record in enumerate(part)
                    ],
                )
                failed += len(answer.get("Failed", []))
            except (BotoCoreError, ClientError):
                failed += len(part)
        return failed


_Entry = tuple[str, "SendMessageBatchRequestEntryTypeDef"]


def _entry(number: int, rejection: Rejection, bodies: Mapping[str, str]) -> _Entry:
    return rejection.message_id, {
        "Id": str(number),
        "MessageBody": without_token(bodies[rejection.message_id]),
        "MessageAttributes": {
            "reason": {"DataType": "String", "StringValue": str(rejection.reason)},
            "detail": {"DataType": "String", "StringValue": rejection.detail},
        },
    }


def _groups(entries: Iterable[_Entry]) -> Iterator[list[_Entry]]:
    """At most 10 entries and 256 KiB per call."""
    group: list[_Entry] = []
    size = 0
    for entry in entries:
        weight = len(entry[1]["MessageBody"].encode()) + _ATTRIBUTE_BYTES
        if group and (len(group) == ENTRIES_PER_CALL or size + weight > BYTES_PER_CALL):
            yield group
            group, size = [], 0
        group.append(entry)
        size += weight
    if group:
        yield group
