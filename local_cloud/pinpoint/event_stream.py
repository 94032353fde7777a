"""Operations on the event stream of an application: where its events are sent on to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from local_cloud.pinpoint.applications import Applications, Call, Handler
from local_cloud.service.messages import ServiceError
from local_cloud.service.neighbours import NeighbourError

# Service model, WriteEventStream: a Kinesis data stream or a Firehose delivery stream, and an IAM role.
_STREAM_ARN: Final = re.compile(r"arn:[^:]+:(kinesis:[^:]+:\d{12}:stream|firehose:[^:]+:\d{12}:deliverystream)/[\w.-]+")
_ROLE_ARN: Final = re.compile(r"arn:[^:]+:iam::\d{12}:role/\S+")


def _put(applications: Applications, call: Call) -> dict[str, Any]:
    application = applications.of(call)
    if not _STREAM_ARN.fullmatch(call.body["DestinationStreamArn"]):
        raise ServiceError(400, "DestinationStreamArn must be the ARN of a Kinesis or Firehose stream")
    if not _ROLE_ARN.fullmatch(call.body["RoleArn"]):
        raise ServiceError(400, "RoleArn must be the ARN of a role")
    try:
        call.neighbours.streams.check(call.body["DestinationStreamArn"], call.body["RoleArn"], application.source)
    except NeighbourError as error:
        raise ServiceError(400, f"Destination stream validation failed: {error}") from error
    application.event_stream = {
        "ApplicationId": application.summary["Id"],
        "DestinationStreamArn": call.body["DestinationStreamArn"],
        "RoleArn": call.body["RoleArn"],
        "LastModifiedDate": call.now,
    }
    return application.event_stream


def _get(applications: Applications, call: Call) -> dict[str, Any]:
    stream = applications.of(call).event_stream
    if stream is None:
        raise ServiceError(404, "the application has no event stream")
    return stream


def _delete(applications: Applications, call: Call) -> dict[str, Any]:
    stream = _get(applications, call)
    applications.of(call).event_stream = None
    return stream


HANDLERS: Final[Mapping[str, Handler]] = {
    "PutEventStream": _put,
    "GetEventStream": _get,
    "DeleteEventStream": _delete,
}
