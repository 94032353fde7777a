"""What lies in a queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

_HIDE_SECONDS = 600
"""Longer than a pause of a busy machine between receiving and deleting."""


def drain(client: SQSClient, url: str) -> list[MessageTypeDef]:
    """Everything in a queue that can be received, removed from it."""
    found: list[MessageTypeDef] = []
    while messages := client.receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"], VisibilityTimeout=_HIDE_SECONDS
    ).get("Messages"):
        found += messages
        for message in messages:
            client.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return found
