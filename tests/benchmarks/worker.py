"""A function in a process of its own, as the runtime starts it.

    worker.py MODULE BATCHES SIZE WORKER

Prints JSON: `first` (CPU seconds from the start of the module's import to the end of the first invoke), then, over the
batches that follow, `events`, `returned`, `cpu` (seconds of this process).
"""

from __future__ import annotations

import importlib
import json
import sys
import time
import uuid
from typing import Any
from urllib.parse import quote_plus


class Context:
    """What the runtime hands to a handler."""

    function_name = memory_limit_in_mb = invoked_function_arn = aws_request_id = "benchmark"

    def get_remaining_time_in_millis(self) -> int:
        return 120_000


def record(worker: str, number: int) -> dict[str, Any]:
    """One queued call with a handful of attributes, of an endpoint of its own."""
    parameters = {
        "event": "page.view",
        "endpoint_id": f"visitor-{worker}-{number}",
        "evat_page": "/products/bikes/mountain?color=red",
        "evat_title": "Mountain bikes & more",
        "evat_language": "de-DE",
        "evme_value": "12.5",
        "gtmcb": "1844674407",
    }
    query = "".join(f"{quote_plus(name)}={quote_plus(value)}&" for name, value in parameters.items())
    message = {
        "version": 1,
        "route": "public",
        "request_id": f"{worker}-{number}",
        "request_time": "1790000000000",
        "query": query,
    }
    return {
        "messageId": str(uuid.uuid4()),
        "receiptHandle": "handle",
        "body": json.dumps(message),
        "attributes": {"ApproximateReceiveCount": "1"},
    }


def main() -> None:
    module, batches, size, worker = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    first = {"Records": [record(worker, 0)]}
    events = [
        {"Records": [record(worker, 1 + batch * size + number) for number in range(size)]} for batch in range(batches)
    ]
    context = Context()

    started = time.process_time()
    handler = importlib.import_module(module).handler
    handler(first, context)
    result: dict[str, float] = {"first": time.process_time() - started, "events": batches * size, "returned": 0}

    started = time.process_time()
    for event in events:
        result["returned"] += len(handler(event, context)["batchItemFailures"])
    result["cpu"] = time.process_time() - started
    print("RESULT", json.dumps(result))


if __name__ == "__main__":
    main()
