"""What the errors of Amazon Pinpoint mean for a request as a whole."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from engagement.domain.destination import Call

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

_CALLS: dict[int, Call] = {
    HTTPStatus.TOO_MANY_REQUESTS: Call.THROTTLED,
    HTTPStatus.BAD_REQUEST: Call.REFUSED,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: Call.REFUSED,
    HTTPStatus.FORBIDDEN: Call.UNUSABLE,
    HTTPStatus.NOT_FOUND: Call.UNUSABLE,
    HTTPStatus.METHOD_NOT_ALLOWED: Call.UNUSABLE,
}


def call_of(error: ClientError) -> Call:
    """What became of the request that was answered with an error; a 5xx does not say whether it was processed."""
    return _CALLS.get(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0), Call.UNKNOWN)
