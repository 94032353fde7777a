"""The environments of the functions, as Terraform sets them."""

from __future__ import annotations

import json

PIXEL = {
    "PINPOINT_APPLICATION_ID": "app",
    "PUT_EVENTS_RATE": "15",
    "PROFILES_DOMAIN": "",
    "PUBLIC_OBJECT_TYPE": "",
    "TRUSTED_OBJECT_TYPE": "",
    "PROFILE_ATTRIBUTES": "[]",
    "PUT_OBJECTS_RATE": "100",
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

CONNECT = {
    "PINPOINT_APPLICATION_ID": "",
    "PROFILES_DOMAIN": "shop",
    "PUBLIC_OBJECT_TYPE": "shop-public-events",
    "TRUSTED_OBJECT_TYPE": "shop-trusted-events",
    "PROFILE_ATTRIBUTES": '["plan"]',
}
"""What differs in `PIXEL` where Connect is the destination."""

PLAN_SETTINGS = json.dumps(
    {
        "custom_channels": {"in_app_banner": "arn:aws:lambda:eu-west-1:000000000000:function:banner"},
        "allowed_senders": ["news@example.com"],
        "reserved_user_attributes": ["engagement_*"],
        "reserved_active_campaigns": 20,
        "stamp_function": "arn:aws:lambda:eu-west-1:000000000000:function:shop-company-events-stamp-hook",
        "start_lead_seconds": 180,
    }
)

ANNOUNCER = {
    "PINPOINT_APPLICATION_ID": "app",
    "PROFILES_DOMAIN": "",
    "CONNECT_INSTANCE_ID": "",
    "LEDGER_TABLE": "shop-company-events-ledger",
    "PLAN_BUCKET": "shop-company-events-plans",
    "PLAN_SETTINGS": PLAN_SETTINGS,
    "STATE_MACHINE_ARN": "arn:aws:states:eu-west-1:000000000000:stateMachine:shop-company-events",
    "RUN_RETENTION_DAYS": "540",
    "REQUIRE_EVENT_ID": "true",
    "SETTLE_SECONDS": "60",
}

STEP = {
    "PINPOINT_APPLICATION_ID": "app",
    "PROFILES_DOMAIN": "",
    "CONNECT_INSTANCE_ID": "",
    "LEDGER_TABLE": "shop-company-events-ledger",
    "PLAN_BUCKET": "shop-company-events-plans",
    "PLAN_SETTINGS": PLAN_SETTINGS,
    "RUN_RETENTION_DAYS": "540",
    "SEGMENT_CREATES_PER_SECOND": "25",
    "CAMPAIGN_CREATES_PER_SECOND": "25",
    "SETTLE_SECONDS": "60",
    "JOURNEY_SETTLE_SECONDS": "60",
    "JOURNEY_CALL_TIMEOUT_SECONDS": "600",
    "MAXIMUM_AUDIENCE": "0",
    "EXPORT_BUCKET": "shop-company-events-exports",
    "EXPORT_ROLE_ARN": "arn:aws:iam::000000000000:role/shop-company-events-export",
    "SNAPSHOT_ROLE_ARN": "",
    "STAMP_QUEUE_URL": "https://sqs.eu-west-1.amazonaws.com/000000000000/shop-company-events-stamps",
    "OVERDUE_SECONDS": "21600",
    "INTERACTIONS_TABLE": "",
    "INTERACTIONS_STREAM_ARN": "",
    "INTERACTIONS_MAX_WAIT_SECONDS": "600",
}

KEEPER = {
    "PINPOINT_APPLICATION_ID": "app",
    "LEDGER_TABLE": "shop-company-events-ledger",
    "RUN_RETENTION_DAYS": "540",
    "JOURNEY_FUNCTION_ARN": "arn:aws:lambda:eu-west-1:000000000000:function:shop-company-events-journey",
    "JOURNEY_LIVE_AFTER_SECONDS": "360",
    "PLAN_BUCKET": "shop-company-events-plans",
    "PLAN_SETTINGS": PLAN_SETTINGS,
    "EVENTS_QUEUE_ARN": "arn:aws:sqs:eu-west-1:000000000000:shop-company-events-events",
    "SCHEDULE_GROUP": "shop-company-events",
    "SCHEDULER_ROLE_ARN": "arn:aws:iam::000000000000:role/shop-company-events-scheduler",
}

JOURNEY = {
    "LEDGER_TABLE": "shop-company-events-ledger",
    "RUN_RETENTION_DAYS": "540",
    "PLAN_BUCKET": "shop-company-events-plans",
    "PLAN_SETTINGS": PLAN_SETTINGS,
    "STAMP_QUEUE_URL": "https://sqs.eu-west-1.amazonaws.com/000000000000/shop-company-events-stamps",
    "EVENTS_QUEUE_URL": "https://sqs.eu-west-1.amazonaws.com/000000000000/shop-company-events",
}

_ENVIRONMENT = {"POWERTOOLS_METRICS_NAMESPACE": "CustomerEngagement"}

RECORDER = _ENVIRONMENT | {
    "POWERTOOLS_SERVICE_NAME": "recorder",
    "PINPOINT_APPLICATION_ID": "app",
    "INTERACTIONS_TABLE": "shop-interactions",
    "INTERACTIONS_RETENTION_DAYS": "400",
}

FILTER = _ENVIRONMENT | {
    "POWERTOOLS_SERVICE_NAME": "filter",
    "PINPOINT_APPLICATION_ID": "app",
    "INTERACTIONS_TABLE": "shop-interactions",
}

EVENT_STREAM = _ENVIRONMENT | {
    "POWERTOOLS_SERVICE_NAME": "event-stream",
    "PINPOINT_APPLICATION_ID": "app",
}

STAMP_HOOK = _ENVIRONMENT | {
    "POWERTOOLS_SERVICE_NAME": "stamp-hook",
    "PROFILES_DOMAIN": "",
    "LEDGER_TABLE": "shop-ledger",
    "STAMP_QUEUE_URL": "https://sqs.eu-west-1.amazonaws.com/123456789012/shop-company-events-stamps",
    "RUN_RETENTION_DAYS": "90",
}

STAMPER = _ENVIRONMENT | {
    "POWERTOOLS_SERVICE_NAME": "stamper",
    "PINPOINT_APPLICATION_ID": "app",
    "LEDGER_TABLE": "shop-ledger",
    "PROFILES_DOMAIN": "",
    "UPDATES_PER_SECOND": "2",
    "UPDATE_PROFILES_RATE": "100",
    "MAXIMUM_CONCURRENCY": "2",
}
