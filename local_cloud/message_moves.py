"""SQS's message move tasks, which MiniStack lacks: the redrive of a dead-letter queue."""

from __future__ import annotations

import base64
import contextvars
import functools
import json
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ministack.core import iam_actions
from ministack.services import sqs

from local_cloud import callers, patching
from local_cloud.sqs import lock

_READ: Final = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
_RATES: Final = range(1, 501)
_MOST_LISTED: Final = 10
_TICK_SECONDS: Final = 0.02
_GONE: Final = "AWS.SimpleQueueService.NonExistentQueue"
_UNKNOWN: Final = "CouldNotDetermineMessageSource"

Queue = dict[str, Any]


@dataclass
class Task:
    """One move of messages, as SQS lists it."""

    source: str
    destination: str | None
    rate: int | None
    to_move: int
    task_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    started: int = field(default_factory=lambda: time.time_ns() // 1_000_000)
    status: str = "RUNNING"
    moved: int = 0
    failure: str | None = None

    @property
    def active(self) -> bool:
        """Whether it still moves messages."""
        return self.status in {"RUNNING", "CANCELLING"}

    @property
    def handle(self) -> str:
        """By what it is named to cancel it."""
        return base64.b64encode(json.dumps({"taskId": self.task_id, "sourceArn": self.source}).encode()).decode()

    def document(self) -> dict[str, Any]:
        """What SQS tells of it."""
        described = {
            # Only a running task can be named.
            "TaskHandle": self.handle if self.status == "RUNNING" else None,
            "Status": self.status,
            "SourceArn": self.source,
            "DestinationArn": self.destination,
            "MaxNumberOfMessagesPerSecond": self.rate,
            "ApproximateNumberOfMessagesMoved": self.moved,
            "ApproximateNumberOfMessagesToMove": self.to_move,
            "FailureReason": self.failure,
            "StartedTimestamp": self.started,
        }
        return {name: value for name, value in described.items() if value is not None}


_tasks: dict[str, list[Task]] = {}


def install() -> None:
    """Add the three operations to MiniStack's SQS."""
    patching.replace(
        "the queue of a move task is its resource",
        iam_actions,
        "extract_resource_arn",
        'queue_url = _param(body, query_params, "QueueUrl")',
        by=_naming,
    )
    for action, handler in {
        "StartMessageMoveTask": _start,
        "ListMessageMoveTasks": _list,
        "CancelMessageMoveTask": _cancel,
    }.items():
        sqs._HANDLERS[action] = handler


def _naming(extract: Callable[..., str]) -> Callable[..., str]:
    @functools.wraps(extract)
    def extract_resource_arn(service: str, *request: Any) -> str:  # noqa: ANN401 - MiniStack's own values
        arn = extract(service, *request)
        if service != "sqs" or arn != "*":
            return arn
        try:
            document = json.loads(request[3])
            return str(document.get("SourceArn") or _source_of(document["TaskHandle"]))
        except (ValueError, KeyError, TypeError, AttributeError):
            return arn

    return extract_resource_arn


def start(queue: Queue, destination: str | None, rate: int | None = None) -> Task:
    """Start to move the messages of a dead-letter queue, for whoever may do so.

    Parameters
    ----------
    queue
        MiniStack's record of the queue.
    destination
        ARN of the queue to move them to; None: each to where it came from.
    rate
        Messages per second.

    Returns
    -------
    Task
        The task, which runs on.

    Raises
    ------
    sqs._Err
        If a task runs already.
    """
    source = queue["attributes"]["QueueArn"]
    with lock:
        if any(task.active for task in _tasks.get(source, [])):
            raise _invalid(
                "There is already a task running. Only one active task is allowed for a source queue arn at a "
                "given time."
            )
        task = Task(source, destination, rate, to_move=len(ready(queue)))
        _tasks.setdefault(source, []).insert(0, task)
    # The thread works in the account and Region of the request.
    threading.Thread(target=contextvars.copy_context().run, args=(_work, task), daemon=True).start()
    return task


def _start(data: Mapping[str, Any], _url: str) -> dict[str, Any]:
    source, destination = data.get("SourceArn", ""), data.get("DestinationArn")
    rate = data.get("MaxNumberOfMessagesPerSecond")
    if rate is not None and rate not in _RATES:
        raise _invalid("MaxNumberOfMessagesPerSecond must be from 1 to 500.")
    with lock:
        queue = _queue(source, "SourceArn")
        sources = _sources_of(source)
        if not sources:
            raise _invalid("Source queue must be configured as a Dead Letter Queue.")
        if destination is not None:
            _queue(destination, "DestinationArn")
        for target in [destination] if destination else sources:
            _check_caller("sqs:SendMessage", target)
        for action in _READ:
            _check_caller(action, source)
        return {"TaskHandle": start(queue, destination, rate).handle}


def _list(data: Mapping[str, Any], _url: str) -> dict[str, Any]:
    source, most = data.get("SourceArn", ""), data.get("MaxResults") or 1
    if not 1 <= most <= _MOST_LISTED:
        raise _invalid("Value for parameter MaxResults is invalid. Reason: must be between 1 and 10.")
    with lock:
        _queue(source, "SourceArn")
        for action in _READ:
            _check_caller(action, source)
        return {"Results": [task.document() for task in _tasks.get(source, [])[:most]]}


def _cancel(data: Mapping[str, Any], _url: str) -> dict[str, Any]:
    handle = data.get("TaskHandle", "")
    try:
        source = _source_of(handle)
    except (ValueError, KeyError, TypeError):
        raise _invalid("Value for parameter TaskHandle is invalid.") from None
    with lock:
        for action in _READ:
            _check_caller(action, source)
        task = next((task for task in _tasks.get(source, []) if task.handle == handle), None)
        if task is None:
            raise sqs._Err("ResourceNotFoundException", "Task does not exist.", 404)
        if task.status != "RUNNING":
            raise _invalid("Only active tasks can be cancelled.")
        task.status = "CANCELLING"
        return {"ApproximateNumberOfMessagesMoved": task.moved}


def _work(task: Task) -> None:
    while task.active:
        with lock:
            if task.status == "CANCELLING":
                task.status = "CANCELLED"
            else:
                _move_some(task)
        time.sleep(1 / task.rate if task.rate else _TICK_SECONDS)


def _move_some(task: Task) -> None:
    queue = sqs._queue_by_arn(task.source)
    waiting = ready(queue) if queue else []
    if queue is None or not waiting:
        task.status = "COMPLETED"
        return
    for message in waiting[: 1 if task.rate else 10]:
        target = sqs._queue_by_arn(task.destination or message["sys"].get("DeadLetterQueueSourceArn", ""))
        if target is None:
            task.status = "FAILED"
            task.failure = _GONE if task.destination else _UNKNOWN
            return
        queue["messages"].remove(message)
        target["messages"].append(anew(message))
        task.moved += 1
    sqs.esm_wake.set()


def anew(message: Mapping[str, Any]) -> dict[str, Any]:
    """Return a message as SQS sends it again: with another id and age."""
    now = time.time()
    known = {name: value for name, value in message["sys"].items() if name != "DeadLetterQueueSourceArn"}
    return {
        **{name: value for name, value in message.items() if name != "enqueued_at"},
        "id": str(uuid.uuid4()),
        "receipt_handle": None,
        "sent_at": now,
        "visible_at": now,
        "receive_count": 0,
        "first_receive_at": None,
        "sys": {**known, "SentTimestamp": str(int(now * 1000))},
    }


def ready(queue: Queue) -> list[dict[str, Any]]:
    """Return the messages that could be received now."""
    sqs._expire_retained(queue)
    now = time.time()
    return [message for message in queue["messages"] if message["visible_at"] <= now]


def _queue(arn: str, parameter: str) -> Queue:
    queue: Queue | None = sqs._queue_by_arn(arn)
    if queue is None:
        message = f"The resource that you specified for the {parameter} parameter doesn't exist."
        raise sqs._Err("ResourceNotFoundException", message, 404)
    return queue


def _sources_of(arn: str) -> list[str]:
    """Return the queues whose dead letters go to a queue."""
    found = []
    for _, queue in sqs._queues.all_items():
        redrive = json.loads(queue["attributes"].get("RedrivePolicy") or "{}")
        if redrive.get("deadLetterTargetArn") == arn:
            found.append(str(queue["attributes"]["QueueArn"]))
    return found


def _source_of(handle: str) -> str:
    return str(json.loads(base64.b64decode(handle, validate=True))["sourceArn"])


def _check_caller(action: str, arn: str) -> None:
    refused = callers.refusal(action, arn)
    if refused:
        raise sqs._Err("AccessDenied", refused, 403)


def _invalid(message: str) -> sqs._Err:
    return sqs._Err("InvalidParameterValue", message)
