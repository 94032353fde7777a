"""What most such functions look like: one PutEvents request per message, the answer unread."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

import boto3

CLIENT = boto3.client("pinpoint")
APPLICATION_ID = os.environ["PINPOINT_APPLICATION_ID"]


def handler(event: dict[str, Any], _context: object) -> dict[str, list[dict[str, str]]]:
    """Send one batch."""
    for record in event["Records"]:
        message = json.loads(record["body"])
        parameters = dict(parse_qsl(message["query"]))
        attributes = {name[5:]: value for name, value in parameters.items() if name.startswith("evat_")}
        CLIENT.put_events(
            ApplicationId=APPLICATION_ID,
            EventsRequest={
                "BatchItem": {
                    parameters["endpoint_id"]: {
                        "Endpoint": {},
                        "Events": {
                            record["messageId"]: {
                                "EventType": parameters["event"],
                                "Timestamp": datetime.now(UTC).isoformat(),
                                "Attributes": attributes,
                            }
                        },
                    }
                }
            },
        )
    return {"batchItemFailures": []}
