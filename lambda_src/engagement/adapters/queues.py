"""The ingest queue and its neighbors: where a message goes that was not settled."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from engagement.adapters.crew import side_by_side
from engagement.domain.event import Rejection
from engagement.domain.message import Message
from engagement.domain.pacing import return_delay

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef

ENTRIES_PER_CALL = 10
BYTES_PER_CALL = 262_144
LONGEST_DELAY_SECONDS = 900
_ATTRIBUTE_BYTES = 1_024

ClientOf = Callable[[], "SQSClient"]
"""Gives the client when it is needed: most batches leave nothing to be queued, and a client costs start-up time."""

_Name = TypeVar("_Name")


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
    """Where events end that can never succeed, each with its reason as message attributes."""

    def __init__(self, client: ClientOf, url: str) -> None:
        self._client = client
        self._url = url

    def put(self, rejections: Iterable[tuple[Rejection, str]]) -> set[Rejection]:
        """Write rejections, each with the text of its event.

        Returns
        -------
        set
            Those that could not be written.
        """
        entries = [(rejection, _reject(rejection, text)) for rejection, text in rejections]
        return _send(self._client, self._url, entries)


class IngestQueue:
    """Where events wait that were not settled.

    Parameters
    ----------
    client
        Gives the client of SQS.
    url, dlq_url
        The ingest queue and its dead-letter queue.
    first_delay
        Seconds that a message waits after its first receive.
    max_receives
        Receives after which events go to the dead-letter queue.
    """

    def __init__(self, client: ClientOf, url: str, dlq_url: str, first_delay: int, max_receives: int) -> None:
        self._client = client
        self._url = url
        self._dlq_url = dlq_url
        self._first_delay = first_delay
        self._max_receives = max_receives

    def put_back(self, messages: Mapping[str, Message]) -> set[str]:
        """Queue messages in the place of others; what has used up its receives goes to the dead-letter queue.

        Parameters
        ----------
        messages
            New messages by the ids of those that they replace.

        Returns
        -------
        set of str
            Ids whose message could not be queued, so that the old one must be returned.
        """
        again, over = [], []
        for message_id, message in messages.items():
            if message.attempt >= self._max_receives:
                # Whoever redrives them from there gives them their receives anew.
                over.append((message_id, _entry(replace(message, attempt=0).text())))
            else:
                delay = min(LONGEST_DELAY_SECONDS, return_delay(message.attempt, self._first_delay))
                again.append((message_id, _entry(message.text(), delay)))
        return _send(self._client, self._url, again) | _send(self._client, self._dlq_url, over)

    def postpone(self, records: Sequence[Record]) -> int:
        """Let returned messages wait longer with each receive.

        Returns
        -------
        int
            How many could not be postponed: those wait for the queue's own visibility timeout.
        """
        client = self._client()
        parts = [records[start : start + ENTRIES_PER_CALL] for start in range(0, len(records), ENTRIES_PER_CALL)]
        return sum(side_by_side(lambda part: self._postpone(client, part), parts))

    def _postpone(self, client: SQSClient, records: Sequence[Record]) -> int:
        """One call; how many it could not postpone."""
        try:
            answer = client.change_message_visibility_batch(
                QueueUrl=self._url,
                Entries=[
                    {
                        "Id": str(number),
                        "ReceiptHandle": record.receipt_handle,
                        "VisibilityTimeout": return_delay(record.receive_count, self._first_delay),
                    }
                    for number, record in enumerate(records)
                ],
            )
        except (BotoCoreError, ClientError):
            return len(records)
        return len(answer.get("Failed", []))


def _reject(rejection: Rejection, text: str) -> SendMessageBatchRequestEntryTypeDef:
    attributes = {"reason": str(rejection.reason), "detail": rejection.detail}
    if rejection.destination:
        attributes["destination"] = rejection.destination
    return _entry(text) | {
        "MessageAttributes": {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()}
    }


def _entry(text: str, delay: int = 0) -> SendMessageBatchRequestEntryTypeDef:
    return {"Id": "", "MessageBody": text, "DelaySeconds": delay}


def _send(
    client: ClientOf, url: str, entries: Iterable[tuple[_Name, SendMessageBatchRequestEntryTypeDef]]
) -> set[_Name]:
    """Send messages, each under a name of its own; the names of those that could not be sent.

    Several calls at a time: there is a hundred of them when a whole batch is put back, at the end of an invocation.
    """
    groups = list(_groups(entries))
    if not groups:
        return set()
    sqs = client()
    return set().union(*side_by_side(lambda group: _send_group(sqs, url, group), groups))


def _send_group(
    client: SQSClient, url: str, group: Iterable[tuple[_Name, SendMessageBatchRequestEntryTypeDef]]
) -> set[_Name]:
    """One call; the names of what it could not send."""
    numbered = {str(number): (name, entry) for number, (name, entry) in enumerate(group)}
    try:
        answer = client.send_message_batch(
            QueueUrl=url, Entries=[{**entry, "Id": number} for number, (_, entry) in numbered.items()]
        )
    except (BotoCoreError, ClientError):
        return {name for name, _ in numbered.values()}
    return {numbered[item["Id"]][0] for item in answer.get("Failed", [])}


def _groups(
    entries: Iterable[tuple[_Name, SendMessageBatchRequestEntryTypeDef]],
) -> Iterator[list[tuple[_Name, SendMessageBatchRequestEntryTypeDef]]]:
    """At most 10 entries and 256 KiB per call."""
    group: list[tuple[_Name, SendMessageBatchRequestEntryTypeDef]] = []
    size = 0
    for name, entry in entries:
        weight = len(entry["MessageBody"].encode()) + _ATTRIBUTE_BYTES
        if group and (len(group) == ENTRIES_PER_CALL or size + weight > BYTES_PER_CALL):
            yield group
            group, size = [], 0
        group.append((name, entry))
        size += weight
    if group:
        yield group
