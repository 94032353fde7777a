"""What the gateway's mapping template writes into the ingest queue, for tests that start behind the gateway."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote_plus

REQUEST_TIME = 1_790_000_000_000
REQUEST_ID = "JJbxmE8GoAMFe6g="


def body(
    parameters: Mapping[str, str] | Iterable[tuple[str, str]],
    *,
    request_id: str = REQUEST_ID,
    request_time: int = REQUEST_TIME,
) -> str:
    """The text of one queue message."""
    pairs = parameters.items() if isinstance(parameters, Mapping) else parameters
    query = "".join(f"{quote_plus(name)}={quote_plus(value)}&" for name, value in pairs)
    document = {
        "version": 1,
        "route": "public",
        "request_id": quote_plus(request_id),
        "request_time": str(request_time),
        "query": query,
    }
    return json.dumps(document, separators=(",", ":"))


def record(text: str, *, message_id: str = "message-1", receive_count: int = 1) -> dict[str, Any]:
    """One record of the SQS event source."""
    return {
        "messageId": message_id,
        "receiptHandle": f"handle-of-{message_id}",
        "body": text,
        "attributes": {"ApproximateReceiveCount": str(receive_count), "SentTimestamp": str(REQUEST_TIME)},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:shop-pixel-events",
        "awsRegion": "eu-west-1",
    }
