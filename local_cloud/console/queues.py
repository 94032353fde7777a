"""A look into every queue: how deep it is, what it is for, and which calls its messages come from."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import unquote_plus

from ministack.services import sqs

from local_cloud.console.fates import Place, Role
from local_cloud.sqs import lock

REJECTS: Final = "-rejects"
EVENTS: Final = "-events"
"""Endings of the names that a pixel's rejects queue and its ingest queue have."""

# Every call that is kept has its messages among the last ones.
_MOST_LOOKED_AT: Final = 5_000

_Queue = Mapping[str, Any]
_Read = tuple[str, Place] | None


class Queues:
    """Looks into the queues of every account."""

    def __init__(self) -> None:
        # A message never changes, so it is read once.
        self._read: dict[str, _Read] = {}

    def documents(self) -> list[dict[str, Any]]:
        """Describe every queue.

        Returns
        -------
        list
            Each with `arn`, `name`, `account`, `region`, `role`, `source` (ARN of the queue that it belongs to, empty
            for one that stands for itself), `visible`, `hidden`, `delayed` and `oldest` (seconds).
        """
        with lock:
            sources = _sources()
            return [
                _document(queue, account, region, sources)
                for (account, region, _), queue in sorted(sqs._queues.all_items(), key=lambda item: item[0])
            ]

    def places(self) -> dict[str, list[Place]]:
        """Tell where calls are.

        Returns
        -------
        dict
            Messages by the extended request id of their call.
        """
        found: dict[str, list[Place]] = {}
        read: dict[str, _Read] = {}
        with lock:
            sources = _sources()
            for _, queue in sqs._queues.all_items():
                role = _role(queue, sources)
                for message in queue["messages"][-_MOST_LOOKED_AT:]:
                    key = f"{message['id']} {role}"
                    read[key] = self._read[key] if key in self._read else _place(message, role)
        self._read = read
        for request_id, place in filter(None, read.values()):
            found.setdefault(request_id, []).append(place)
        return found


def source_of(arn: str) -> tuple[Role, str]:
    """Tell what a queue is for, and to which queue its messages can go back.

    Parameters
    ----------
    arn
        The queue.

    Returns
    -------
    tuple
        Its role, and the ARN of its source; empty without exactly one.
    """
    with lock:
        queue, sources = sqs._queue_by_arn(arn), _sources()
        return (_role(queue, sources), _source(queue, sources)) if queue else (Role.QUEUE, "")


def _sources() -> dict[str, list[str]]:
    """ARNs of the queues whose dead letters go to a queue, by the ARN of that one."""
    found: dict[str, list[str]] = {}
    for _, queue in sqs._queues.all_items():
        target = json.loads(queue["attributes"].get("RedrivePolicy") or "{}").get("deadLetterTargetArn")
        if target:
            found.setdefault(target, []).append(queue["attributes"]["QueueArn"])
    return found


def _role(queue: _Queue, sources: Mapping[str, list[str]]) -> Role:
    if queue["attributes"]["QueueArn"] in sources:
        return Role.DLQ
    return Role.REJECTS if queue["name"].endswith(REJECTS) else Role.QUEUE


def _source(queue: _Queue, sources: Mapping[str, list[str]]) -> str:
    arn: str = queue["attributes"]["QueueArn"]
    role = _role(queue, sources)
    if role is Role.DLQ:
        return sources[arn][0] if len(sources[arn]) == 1 else ""
    ingest = arn.removesuffix(REJECTS) + EVENTS
    return ingest if role is Role.REJECTS and sqs._queue_by_arn(ingest) else ""


def _document(queue: _Queue, account: str, region: str, sources: Mapping[str, list[str]]) -> dict[str, Any]:
    sqs._refresh_counts(queue)
    attributes, now = queue["attributes"], time.time()
    return {
        "arn": attributes["QueueArn"],
        "name": queue["name"],
        "account": account,
        "region": region,
        "role": _role(queue, sources).name.lower(),
        "source": _source(queue, sources),
        "visible": int(attributes["ApproximateNumberOfMessages"]),
        "hidden": int(attributes["ApproximateNumberOfMessagesNotVisible"]),
        "delayed": int(attributes["ApproximateNumberOfMessagesDelayed"]),
        "oldest": round(now - min((message["sent_at"] for message in queue["messages"]), default=now)),
    }


def _place(message: Mapping[str, Any], role: Role) -> _Read:
    """Read a message of a pixel: which call it comes from, and which of its events it holds."""
    try:
        document = json.loads(message["body"])
        request_id = unquote_plus(document["request_id"])
        events = document.get("events")
        indexes = None if events is None else frozenset(event["index"] for event in events)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    said = {
        name: str(attribute.get("StringValue", "")) for name, attribute in message.get("message_attributes", {}).items()
    }
    return request_id, Place(role, indexes, said.get("reason", ""), said.get("detail", ""))
