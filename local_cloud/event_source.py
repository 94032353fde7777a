"""SQS as an event source of Lambda: real batches and windows, the role's permissions, partial failures."""

from __future__ import annotations

import functools
import json
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from ministack.services import lambda_svc, sqs

from local_cloud import patching
from local_cloud import sqs as local_sqs
from local_cloud.mapping_polls import Alarms, RoleWatch, check_function_role, function_of
from local_cloud.partial_batch import failed_ids
from local_cloud.refusals import refusals

_Response = tuple[int, dict[str, str], bytes]
_Message = dict[str, Any]
_ACTIONS: Final = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
# Lambda quotas: the payload of an invocation; and what a record weighs besides its body, generously.
_MOST_PAYLOAD_BYTES: Final = 6 * 1024 * 1024
_RECORD_BYTES: Final = 1_000
_LARGEST_PLAIN_BATCH: Final = 10
_FAILURE_BACKOFF_SECONDS: Final = 1.0

log = logging.getLogger("local_cloud.event_source")


def install() -> None:
    """Change MiniStack's event source mappings."""
    poller = _Poller()
    patching.replace(
        "batches and windows",
        sqs,
        "_receive_messages_for_esm",
        "max_n = min(int(max_number or 1), 10)",
        by=lambda _: poller.receive,
    )
    patching.replace(
        "partial failures", lambda_svc, "_run_sqs_batch", 'failure.get("itemIdentifier", "")', by=lambda _: _run_batch
    )
    patching.replace("mappings are checked", lambda_svc, "_create_esm", "_validate_scaling_config", by=_creating)


class _Poller:
    """Decides when a mapping's messages become a batch."""

    def __init__(self) -> None:
        self._roles = RoleWatch()
        self._alarms = Alarms()

    def receive(self, queue_url: str, batch_size: int) -> list[_Message]:
        """Take a batch off a queue, if one is due."""
        with local_sqs.lock:
            queue = sqs._get_q(queue_url)
            arn = queue["attributes"]["QueueArn"]
            mapping = _mapping(arn, batch_size)
            if mapping is None or not self._roles.may_poll(mapping, _ACTIONS):
                return []
            sqs._expire_retained(queue)
            sqs._dlq_sweep(queue)
            count = self._due(mapping, queue, batch_size)
            if not count:
                return []
            batch: list[_Message] = sqs._collect_msgs(queue, count, int(queue["attributes"]["VisibilityTimeout"]))
            return batch

    def _due(self, mapping: Mapping[str, Any], queue: Mapping[str, Any], batch_size: int) -> int:
        """Return how many messages to take now."""
        now = time.time()
        ready = [message for message in queue["messages"] if message["visible_at"] <= now]
        if not ready:
            return 0
        window = mapping.get("MaximumBatchingWindowInSeconds") or 0
        if not window:
            return min(len(ready), batch_size, _LARGEST_PLAIN_BATCH)
        fitting = _fitting(ready[:batch_size])
        if fitting == batch_size or fitting < len(ready[:batch_size]):
            return fitting
        closes = min(max(message["visible_at"], message["sent_at"]) for message in ready) + window
        if now >= closes:
            return fitting
        self._alarms.set(mapping["UUID"], closes)
        return 0


def _mapping(queue_arn: str, batch_size: int) -> dict[str, Any] | None:
    # MiniStack's poller does not say for which mapping it asks.
    for _, _, mapping in lambda_svc._iter_all_esms():
        if mapping["EventSourceArn"] == queue_arn and mapping["Enabled"] and mapping["BatchSize"] == batch_size:
            found: dict[str, Any] = mapping
            return found
    return None


def _fitting(messages: Sequence[_Message]) -> int:
    """Return how many messages one invocation can carry."""
    size = 0
    for count, message in enumerate(messages):
        size += len(json.dumps(message["body"])) + _RECORD_BYTES
        if size > _MOST_PAYLOAD_BYTES:
            return max(count, 1)
    return len(messages)


def _creating(create: Callable[..., _Response]) -> Callable[..., _Response]:
    @functools.wraps(create)
    def create_event_source_mapping(data: Mapping[str, Any]) -> _Response:
        arn = str(data.get("EventSourceArn", ""))
        problem = _problem(data, arn) if ":sqs:" in arn else None
        if problem:
            refused: _Response = lambda_svc._invalid_parameter_value(problem)
            return refused
        return create(data)

    return create_event_source_mapping


def _problem(data: Mapping[str, Any], queue_arn: str) -> str | None:
    """Tell what AWS objects to before it makes a mapping."""
    name, qualifier = function_of(data)
    record, config = lambda_svc._get_func_record_for_qualifier(name, qualifier)
    queue = sqs._queue_by_arn(queue_arn)
    if record is None or queue is None:
        return None
    window = data.get("MaximumBatchingWindowInSeconds") or 0
    if (data.get("BatchSize") or _LARGEST_PLAIN_BATCH) > _LARGEST_PLAIN_BATCH and not window:
        return "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10"
    visibility, timeout = int(queue["attributes"]["VisibilityTimeout"]), int((config or {}).get("Timeout", 3))
    if visibility < timeout:
        return f"Queue visibility timeout: {visibility} seconds is less than Function timeout: {timeout} seconds"
    denial = check_function_role(name, qualifier, _ACTIONS, queue_arn)
    if denial:
        refusals.add(denial.refusal)
        operation = denial.refusal.action.partition(":")[2]
        return f"The provided execution role does not have permissions to call {operation} on SQS"
    return None


def _run_batch(
    mapping: dict[str, Any],
    function: Mapping[str, Any],
    event: Mapping[str, Any],
    batch: Sequence[_Message],
    queue_url: str,
    queue_name: str,
) -> None:
    result = lambda_svc._execute_function(function, event)
    name = mapping["FunctionName"]
    if result.get("error"):
        mapping["LastProcessingResult"] = "FAILED"
        log.warning("%s failed on %d messages of %s: %s", name, len(batch), queue_name, result.get("body"))
        # As on AWS, a function that fails is called less often for a while.
        lambda_svc._esm_backoff_until[mapping["UUID"]] = time.time() + _FAILURE_BACKOFF_SECONDS
        return
    lambda_svc._esm_backoff_until.pop(mapping["UUID"], None)
    failed: set[str] | None = set()
    if "ReportBatchItemFailures" in (mapping.get("FunctionResponseTypes") or []):
        failed = failed_ids(result.get("body"), {message["id"] for message in batch})
    if failed is None:
        mapping["LastProcessingResult"] = "FAILED"
        log.warning("%s answered batchItemFailures that AWS does not accept: all messages stay", name)
        return
    done = {message["receipt_handle"] for message in batch if message["id"] not in failed}
    sqs._delete_messages_for_esm(queue_url, done)
    mapping["LastProcessingResult"] = f"OK - {len(done)} records"
    log.info("%s processed %d messages of %s, returned %d", name, len(done), queue_name, len(failed))
