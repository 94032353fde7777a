"""The environment of the pixel consumer, as Terraform sets it."""

from __future__ import annotations

PIXEL = {
    "PINPOINT_APPLICATION_ID": "app",
    "PUT_EVENTS_RATE": "15",
    "MAXIMUM_CONCURRENCY": "2",
    "RETURN_DELAY_SECONDS": "30",
    "INGEST_QUEUE_URL": "https://sqs.eu-west-1.amazonaws.com/123456789012/shop-pixel-events",
    "REJECTS_QUEUE_URL": "https://sqs.eu-west-1.amazonaws.com/123456789012/shop-pixel-rejects",
    "DLQ_URL": "https://sqs.eu-west-1.amazonaws.com/123456789012/shop-pixel-dlq",
    "MAX_RECEIVE_COUNT": "20",
    "EVENTS": '["*"]',
    "EVENT_ATTRIBUTES": '["*"]',
    "EVENT_METRICS": '["*"]',
    "USER_ATTRIBUTES_ANONYMOUS": "[]",
    "USER_ATTRIBUTES_AUTHENTICATED": "[]",
    "RESERVED_EVENTS": '["_*"]',
    "RESERVED_ENDPOINT_IDS": '["company-*"]',
    "RESERVED_USER_ATTRIBUTES": '["engagement_*"]',
    "ENDPOINT_ID_PATTERN": "",
    "MAX_EVENTS_PER_REQUEST": "100",
    "REQUIRE_TOKEN": "false",
    "TOKEN_KEYS_ARN": "",
    "TOKEN_AUDIENCE": "app",
    "MAX_TOKEN_AGE_SECONDS": "86400",
    "GLOBAL_PRIVACY_CONTROL": "no_updates",
}
