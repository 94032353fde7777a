"""The rejects queue: read first, then each message is sent to the ingest queue and only then deleted.

Nothing is sent while the queue is read, so what the consumer rejects again is never read in the same run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from tools.replay.queues import Queues

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import (
        DeleteMessageBatchRequestEntryTypeDef,
        MessageTypeDef,
        SendMessageBatchRequestEntryTypeDef,
    )

ENTRIES_PER_CALL = 10
BYTES_PER_CALL = 262_144
HIDE_SECONDS = 1_800
"""Longer than a run takes. A run that ends puts back at once what it leaves; one that is killed, after this time."""
WAIT_SECONDS = 2
"""How long an empty answer is waited for; above 0 SQS asks all its servers."""
WITHOUT_REASON = "(no reason)"
_OF_ONE_MESSAGE = {"BatchRequestTooLong", "InvalidMessageContents", "InvalidParameterValue"}


@dataclass(frozen=True)
class Rejected:
    """One message of the rejects queue, hidden from others."""

    body: str
    reason: str
    receipt_handle: str


@dataclass
class Progress:
    """What a run has done so far."""

    sent: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    undeleted: int = 0


def read(client: SQSClient, url: str, limit: int) -> list[Rejected]:
    """Read the queue until it shows no more messages.

    Parameters
    ----------
    client
        SQS client.
    url
        The rejects queue.
    limit
        Messages after which reading ends.

    Returns
    -------
    list of Rejected
        The messages; put back with `release` what is not sent.
    """
    # By message id: a standard queue may deliver a message twice.
    found: dict[str, Rejected] = {}
    try:
        while len(found) < limit:
            messages = client.receive_message(
                QueueUrl=url,
                MaxNumberOfMessages=min(ENTRIES_PER_CALL, limit - len(found)),
                VisibilityTimeout=HIDE_SECONDS,
                WaitTimeSeconds=WAIT_SECONDS,
                MessageAttributeNames=["reason"],
            ).get("Messages", [])
            if not messages:
                break
            found.update((message["MessageId"], _rejected(message)) for message in messages)
    except BaseException:
        release(client, url, found.values())
        raise
    return list(found.values())


def send_back(client: SQSClient, queues: Queues, messages: Sequence[Rejected], progress: Progress) -> None:
    """Send messages to the ingest queue; each is deleted when SQS has taken it, and put back otherwise.

    Parameters
    ----------
    client
        SQS client.
    queues
        The rejects queue and the ingest queue.
    messages
        What to send.
    progress
        Kept up to date, so that it is right even after an exception or Ctrl-C.
    """
    left = dict.fromkeys(messages)
    try:
        for group in _groups(messages):
            for message in _sent(client, queues.ingest, group, progress):
                left.pop(message)
            _delete(client, queues.source, [message for message in group if message not in left], progress)
    finally:
        release(client, queues.source, left)


def release(client: SQSClient, url: str, messages: Iterable[Rejected]) -> None:
    """Let others see messages again; what SQS does not do now it does by itself later."""
    for group in _chunks(list(messages)):
        try:
            client.change_message_visibility_batch(
                QueueUrl=url,
                Entries=[
                    {"Id": str(number), "ReceiptHandle": message.receipt_handle, "VisibilityTimeout": 0}
                    for number, message in enumerate(group)
                ],
            )
        except (BotoCoreError, ClientError):
            return


def _rejected(message: MessageTypeDef) -> Rejected:
    attribute = message.get("MessageAttributes", {}).get("reason")
    reason = attribute.get("StringValue", WITHOUT_REASON) if attribute else WITHOUT_REASON
    return Rejected(message["Body"], reason, message["ReceiptHandle"])


def _sent(client: SQSClient, url: str, group: Sequence[Rejected], progress: Progress) -> list[Rejected]:
    entries: list[SendMessageBatchRequestEntryTypeDef] = [
        {"Id": str(number), "MessageBody": message.body} for number, message in enumerate(group)
    ]
    try:
        answer = client.send_message_batch(QueueUrl=url, Entries=entries)
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        if code not in _OF_ONE_MESSAGE:
            raise
        if len(group) == 1:
            progress.refused[code] += 1
            return []
        # One message must not keep the others here.
        return [sent for message in group for sent in _sent(client, url, [message], progress)]
    progress.refused.update(entry["Code"] for entry in answer.get("Failed", []))
    taken = [group[int(entry["Id"])] for entry in answer.get("Successful", [])]
    progress.sent += len(taken)
    progress.undeleted += len(taken)
    return taken


def _delete(client: SQSClient, url: str, group: Sequence[Rejected], progress: Progress) -> None:
    if not group:
        return
    entries: list[DeleteMessageBatchRequestEntryTypeDef] = [
        {"Id": str(number), "ReceiptHandle": message.receipt_handle} for number, message in enumerate(group)
    ]
    answer = client.delete_message_batch(QueueUrl=url, Entries=entries)
    progress.undeleted -= len(answer.get("Successful", []))


def _groups(messages: Iterable[Rejected]) -> Iterator[list[Rejected]]:
    """At most 10 messages and 256 KiB per call."""
    group: list[Rejected] = []
    size = 0
    for message in messages:
        weight = len(message.body.encode())
        if group and (len(group) == ENTRIES_PER_CALL or size + weight > BYTES_PER_CALL):
            yield group
            group, size = [], 0
        group.append(message)
        size += weight
    if group:
        yield group


def _chunks(messages: Sequence[Rejected]) -> Iterator[Sequence[Rejected]]:
    for start in range(0, len(messages), ENTRIES_PER_CALL):
        yield messages[start : start + ENTRIES_PER_CALL]
