"""What the gateway's mapping template writes into the ingest queue, for tests that start behind the gateway."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote_plus

REQUEST_TIME = 1_790_000_000_000
REQUEST_ID = "JJbxmE8GoAMFe6g="


def body(parameters: Mapping[str, str] | Iterable[tuple[str, str]], **common: Any) -> str:
    """The message of a GET."""
    return _message({"query": query(parameters)}, **common)


def post(content: Any, content_type: str = "json", **common: Any) -> str:
    """The message of a POST; `content` is what the body says as JSON, or a text that it holds."""
    text = content if isinstance(content, str) else json.dumps(content)
    return _message({"content_type": content_type, "body": quote_plus(text)}, **common)


def trusted(content: Any, authorizer: str, identity: str, **common: Any) -> str:
    """The message of a POST on the trusted route."""
    document = json.loads(post(content, **common))
    return json.dumps(document | {"route": "trusted", "authorizer": authorizer, "identity": quote_plus(identity)})


def query(parameters: Mapping[str, str] | Iterable[tuple[str, str]]) -> str:
    """Parameters as the template writes them down."""
    pairs = parameters.items() if isinstance(parameters, Mapping) else parameters
    return "".join(f"{quote_plus(name)}={quote_plus(value)}&" for name, value in pairs)


def _message(
    content: Mapping[str, str], *, request_id: str = REQUEST_ID, request_time: int = REQUEST_TIME, privacy: str = ""
) -> str:
    document = {
        "version": 1,
        "route": "public",
        "request_id": quote_plus(request_id),
        "request_time": str(request_time),
        "global_privacy_control": quote_plus(privacy),
    }
    return json.dumps(document | content, separators=(",", ":"))


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
