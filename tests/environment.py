"""The environment of the pixel consumer, as Terraform sets it."""

from __future__ import annotations

PIXEL = {
    "PINPOINT_APPLICATION_ID": "app",
    "PUT_EVENTS_RATE": "15",
    "MAXIMUM_CONCURRENCY": "2",
    "RETURN_DELAY_SECONDS": "30",
    "INGEST_QUEUE_URL": "https://sqs.eu-west-1.amazonaws.com/123456789012/shop-pixel-events",
    "REJECTS_QUEUE_URL": "https://sqs.eu-west-1.amazonaws.com/123456789012/shop-pixel-rejects",
    "EVENTS": '["*"]',
    "EVENT_ATTRIBUTES": '["*"]',
    "EVENT_METRICS": '["*"]',
    "USER_ATTRIBUTES_ANONYMOUS": "[]",
    "RESERVED_EVENTS": '["_*"]',
    "RESERVED_ENDPOINT_IDS": '["company-*"]',
    "RESERVED_USER_ATTRIBUTES": '["engagement_*"]',
    "ENDPOINT_ID_PATTERN": "",
}
