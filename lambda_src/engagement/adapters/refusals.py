"""What the errors of Amazon Pinpoint mean for a request as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

from botocore.exceptions import BotoCoreError, ClientError

from engagement.domain.destination import Call
from engagement.domain.runs.ports import RefusedError, ThrottledError, UnknownOutcomeError

_CALLS: dict[int, Call] = {
    HTTPStatus.TOO_MANY_REQUESTS: Call.THROTTLED,
    HTTPStatus.BAD_REQUEST: Call.REFUSED,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: Call.REFUSED,
    HTTPStatus.FORBIDDEN: Call.UNUSABLE,
    HTTPStatus.NOT_FOUND: Call.UNUSABLE,
    HTTPStatus.METHOD_NOT_ALLOWED: Call.UNUSABLE,
}
_REASON_LENGTH = 300


def call_of(error: ClientError) -> Call:
    """What became of the request that was answered with an error; a 5xx does not say whether it was processed."""
    return _CALLS.get(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0), Call.UNKNOWN)


@contextmanager
def told() -> Iterator[None]:
    """Tell the domain what a request came to.

    Raises
    ------
    RefusedError, ThrottledError, UnknownOutcomeError
    """
    try:
        yield
    except ClientError as error:
        raise _of(error) from error
    except BotoCoreError as error:
        raise UnknownOutcomeError(type(error).__name__) from error


def _of(error: ClientError) -> Exception:
    """What an error of a create means: a 5xx does not tell whether something was made."""
    call = call_of(error)
    if call is Call.THROTTLED:
        return ThrottledError()
    details = error.response.get("Error", {})
    if call is Call.UNKNOWN:
        return UnknownOutcomeError(details.get("Code", ""))
    return RefusedError(f"{details.get('Code', '')}: {details.get('Message', '')}"[:_REASON_LENGTH])
