"""What the refusals of engagement services mean, for a request as a whole and for one of its items."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from engagement.domain.destination import Call, Item

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

_CALLS: dict[int, Call] = {
    HTTPStatus.TOO_MANY_REQUESTS: Call.THROTTLED,
    HTTPStatus.BAD_REQUEST: Call.REFUSED,
    # Connect's ServiceQuotaExceededException.
    HTTPStatus.PAYMENT_REQUIRED: Call.REFUSED,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: Call.REFUSED,
    HTTPStatus.FORBIDDEN: Call.UNUSABLE,
    HTTPStatus.NOT_FOUND: Call.UNUSABLE,
    HTTPStatus.METHOD_NOT_ALLOWED: Call.UNUSABLE,
}


def call_of(error: ClientError) -> Call:
    """What became of the request that was answered with an error; a 5xx does not say whether it was processed."""
    return _CALLS.get(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0), Call.UNKNOWN)


def item_of(status: int | None) -> Item:
    """2xx is taken, 429 and 5xx may succeed later, anything else never will; no status is not known."""
    if status is None or status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Item.AGAIN
    return Item.DONE if status < HTTPStatus.BAD_REQUEST else Item.NEVER
