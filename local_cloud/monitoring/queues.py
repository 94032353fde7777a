"""AWS/SQS: what queues hold and what happens to their messages."""

from __future__ import annotations

import functools
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any, Final

from ministack.core.responses import request_scope
from ministack.services import sqs

from local_cloud import patching
from local_cloud.monitoring import points
from local_cloud.sqs import lock

_NAMESPACE: Final = "AWS/SQS"
_COUNTED: Final = ("NumberOfMessagesSent", "NumberOfMessagesReceived", "NumberOfMessagesDeleted")
# From its third receive on a message is no longer the oldest one (SQS developer guide, "Available CloudWatch metrics").
_POISON_RECEIVES: Final = 3
# AWS stops publishing for a queue that rests for six hours.
_ACTIVE_SECONDS: Final = 6 * 60 * 60

_Queue = dict[str, Any]


class QueueMetrics:
    """Counts what happens, and looks into the queues."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[str, Counter[str]] = {}
        self._active: dict[str, float] = {}

    def install(self) -> None:
        """Count in MiniStack's SQS."""
        # Not what SQS itself moves to a dead-letter queue: AWS does not count that either.
        patching.replace(
            "sent messages are counted", sqs, "_act_send_message", 'q["messages"].append(msg)', by=self._counting_sent
        )
        patching.replace(
            "received messages are counted",
            sqs,
            "_collect_msgs",
            'm["receive_count"] += 1',
            by=self._counting_received,
        )
        for name in ("_act_delete_message", "_act_delete_message_batch", "_delete_messages_for_esm"):
            patching.replace(
                "deleted messages are counted", sqs, name, 'q["messages"] = kept', by=self._counting_deleted
            )
        for action, handler in list(sqs._HANDLERS.items()):
            sqs._HANDLERS[action] = getattr(sqs, handler.__name__, handler)

    def publish(self, factor: float) -> None:
        """Publish everything since the last time.

        Parameters
        ----------
        factor
            By how much CloudWatch's time is scaled.
        """
        now = time.monotonic()
        with self._lock:
            counts, self._counts = self._counts, {}
        for (account, region, _), queue in sqs._queues.all_items():
            arn = queue["attributes"]["QueueArn"]
            with lock:
                found = _look(queue)
            if arn in counts or found["ApproximateNumberOfMessagesVisible"]:
                self._active[arn] = now + _ACTIVE_SECONDS / factor
            if self._active.get(arn, 0.0) < now:
                continue
            with request_scope(account, region):
                for name in _COUNTED:
                    found[name] = counts.get(arn, Counter())[name]
                for name, value in found.items():
                    unit = "Seconds" if "Age" in name else "Count"
                    points.put(_NAMESPACE, name, {"QueueName": queue["name"]}, {value: 1}, unit=unit)

    def _count(self, queue: _Queue, name: str, number: int) -> None:
        with self._lock:
            self._counts.setdefault(queue["attributes"]["QueueArn"], Counter())[name] += number

    def _counting_sent(self, send: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(send)
        def send_message(data: dict[str, Any], url: str) -> Any:  # noqa: ANN401 - MiniStack's own result
            sent = send(data, url)
            self._count(sqs._get_q(data.get("QueueUrl", url)), "NumberOfMessagesSent", 1)
            return sent

        return send_message

    def _counting_received(self, collect: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(collect)
        def collect_messages(queue: _Queue, *limits: int) -> Any:  # noqa: ANN401 - MiniStack's own result
            received = collect(queue, *limits)
            if received:
                self._count(queue, "NumberOfMessagesReceived", len(received))
            return received

        return collect_messages

    def _counting_deleted(self, delete: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(delete)
        def delete_messages(*arguments: Any) -> Any:  # noqa: ANN401 - MiniStack's own values
            first, *rest = arguments
            url = first if isinstance(first, str) else first.get("QueueUrl", *rest)
            with lock:
                queue = sqs._get_q(url)
                before = len(queue["messages"])
                result = delete(*arguments)
                gone = before - len(queue["messages"])
            if gone:
                self._count(queue, "NumberOfMessagesDeleted", gone)
            return result

        return delete_messages


def _look(queue: _Queue) -> dict[str, float]:
    sqs._refresh_counts(queue)
    now = time.time()
    oldest = min((m["sent_at"] for m in queue["messages"] if m["receive_count"] < _POISON_RECEIVES), default=now)
    attributes = queue["attributes"]
    return {
        "ApproximateNumberOfMessagesVisible": float(attributes["ApproximateNumberOfMessages"]),
        "ApproximateNumberOfMessagesNotVisible": float(attributes["ApproximateNumberOfMessagesNotVisible"]),
        "ApproximateNumberOfMessagesDelayed": float(attributes["ApproximateNumberOfMessagesDelayed"]),
        "ApproximateAgeOfOldestMessage": float(int(max(now - oldest, 0.0))),
    }
