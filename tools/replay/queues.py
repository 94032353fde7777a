"""The three queues of a pixel, by the names that `modules/pixel` gives them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

INGEST = "-pixel-events"
SOURCES = {"dlq": "-pixel-events-dlq", "rejects": "-pixel-rejects"}
_MISSING = {"AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"}


class ReplayError(RuntimeError):
    """The replay cannot go on; the text says what to do."""


@dataclass(frozen=True)
class Queues:
    """Where messages come from and where they go, as URLs."""

    source: str
    ingest: str


def name_of(url: str) -> str:
    """Name of the queue behind a URL."""
    return url.rstrip("/").rpartition("/")[2]


def find(client: SQSClient, kind: str, name: str, url: str) -> Queues:
    """Find both queues.

    Parameters
    ----------
    client
        SQS client of the pixel's account and Region.
    kind
        `dlq` or `rejects`.
    name
        The module's input `name`; empty if `url` is given.
    url
        URL of the source queue instead.

    Returns
    -------
    Queues
        The source and the ingest queue.

    Raises
    ------
    ReplayError
        Neither or both are given, the URL is that of another queue, or a queue does not exist.
    """
    if bool(name) == bool(url):
        raise ReplayError("say which pixel, in one way: NAME=<its input name> or URL=<URL of the queue>")
    suffix = SOURCES[kind]
    if name:
        return Queues(_url(client, name + suffix), _url(client, name + INGEST))
    if not name_of(url).endswith(suffix):
        raise ReplayError(f"{name_of(url)} is not the {kind} queue of a pixel: its name does not end in {suffix}")
    return Queues(url.rstrip("/"), url.rstrip("/").removesuffix(suffix) + INGEST)


def _url(client: SQSClient, queue: str) -> str:
    try:
        return client.get_queue_url(QueueName=queue)["QueueUrl"]
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") in _MISSING:
            raise ReplayError(
                f"there is no queue {queue} in this account and Region: NAME is the input name of the modules"
            ) from None
        raise
