"""SQS: message sizes as AWS counts them, refusals to order, and a queue that several threads may use."""

from __future__ import annotations

import functools
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any, Final

from ministack.services import lambda_svc, sqs

from local_cloud import patching
from local_cloud.faults import SEND_MESSAGE, Faults

# MiniStack sends on its event loop and consumes on the event source's threads, each rewriting the list of messages.
lock: Final = threading.RLock()
_MOST_BATCH_BYTES: Final = 1_048_576
# Handlers, and parts of the waiting ReceiveMessage, that read and rewrite the list of messages.
_GUARDED: Final = {
    "_act_send_message_batch": "_act_send_message(sub, url)",
    "_act_delete_message": 'q["messages"] = kept',
    "_act_delete_message_batch": 'q["messages"] = kept',
    "_act_change_visibility": 'm["visible_at"] = time.time() + vt',
    "_act_change_visibility_batch": 'm["visible_at"] = time.time() + vt',
    "_act_get_queue_attributes": "_refresh_counts(q)",
    "_act_purge_queue": 'q["messages"].clear()',
    "_delete_messages_for_esm": 'q["messages"] = kept',
    "_expire_retained": 'q["messages"] = [m for m',
    "_dlq_sweep": 'q["messages"] = keep',
    "_collect_msgs": 'm["receive_count"] += 1',
}


def install(faults: Faults) -> None:
    """Change MiniStack's SQS.

    Parameters
    ----------
    faults
        Tells when SendMessage is refused.
    """
    sqs._queues_lock = lock
    for name, needle in _GUARDED.items():
        patching.replace("messages are not lost between threads", sqs, name, needle, by=patching.locked(lock))
    patching.replace(
        "attributes count as message size",
        sqs,
        "_act_send_message",
        'q["attributes"].get("MaximumMessageSize"',
        by=lambda send: patching.locked(lock)(_sending(send, faults)),
    )
    patching.replace(
        "attributes count as batch size",
        sqs,
        "_act_send_message_batch",
        by=_batching,
    )
    for action, handler in list(sqs._HANDLERS.items()):
        sqs._HANDLERS[action] = getattr(sqs, handler.__name__)


def message_size(message: Mapping[str, Any]) -> int:
    """Return the size of a message as SQS counts it: the body and name, type and value of each attribute.

    Parameters
    ----------
    message
        `MessageBody` and `MessageAttributes`.

    Returns
    -------
    int
        Bytes.
    """
    size = len(str(message.get("MessageBody") or "").encode())
    for name, attribute in (message.get("MessageAttributes") or {}).items():
        value = attribute.get("StringValue") or attribute.get("BinaryValue") or ""
        size += len(name.encode()) + len(attribute.get("DataType", "").encode()) + len(str(value).encode())
    return size


def deliver(queue_arn: str, body: str, attributes: Mapping[str, str] | None = None) -> bool:
    """Put a message on a standard queue for a service of AWS whose permission was checked.

    Parameters
    ----------
    queue_arn
        The queue.
    body
        The message.
    attributes
        Message attributes, all of them texts.

    Returns
    -------
    bool
        Whether there is such a queue.
    """
    with lock:
        queue = sqs._queue_by_arn(queue_arn)
        if queue is None or queue["is_fifo"]:
            return False
        now = time.time()
        message = {
            "id": str(uuid.uuid4()),
            "body": body,
            "sent_at": now,
            "visible_at": now + sqs.queue_delay(queue),
            "attributes": {},
            "message_attributes": {
                name: {"DataType": "String", "StringValue": value} for name, value in (attributes or {}).items()
            },
            "sys": {"SenderId": "AIDAEXAMPLE", "SentTimestamp": str(int(now * 1000))},
        }
        sqs._ensure_msg_fields(message)
        queue["messages"].append(message)
    lambda_svc._esm_wake.set()
    return True


def _sending(send: Callable[..., Any], faults: Faults) -> Callable[..., Any]:
    @functools.wraps(send)
    def send_message(data: Mapping[str, Any], url: str) -> Any:  # noqa: ANN401 - MiniStack's own result
        queue = sqs._get_q(data.get("QueueUrl", url))
        fault = faults.take(SEND_MESSAGE, queue=queue["name"])
        if fault:
            raise sqs._Err(fault.code, f"refused to order: {fault.code}", fault.status)
        limit = int(queue["attributes"]["MaximumMessageSize"])
        if message_size(data) > limit:
            raise sqs._Err(
                "InvalidParameterValue",
                f"One or more parameters are invalid. Reason: Message must be shorter than {limit} bytes.",
            )
        return send(data, url)

    return send_message


def _batching(send_batch: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(send_batch)
    def send_message_batch(data: Mapping[str, Any], url: str) -> Any:  # noqa: ANN401 - MiniStack's own result
        size = sum(message_size(entry) for entry in data.get("Entries", []))
        if size > _MOST_BATCH_BYTES:
            raise sqs._Err(
                "BatchRequestTooLong",
                f"Batch requests cannot be longer than {_MOST_BATCH_BYTES} bytes. You have sent {size} bytes.",
            )
        return send_batch(data, url)

    return send_message_batch
