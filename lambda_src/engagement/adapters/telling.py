"""What runs are told of a request that an engagement service did not take."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError

from engagement.adapters.refusals import call_of
from engagement.domain.destination import Call
from engagement.domain.runs.ports import RefusedError, ThrottledError, UnknownOutcomeError
from engagement.domain.stamps.exports import ExportError

_REASON_LENGTH = 300


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


@contextmanager
def export_told() -> Iterator[None]:
    """Tell the domain why an export was not started, or that nobody knows whether it was.

    Raises
    ------
    ExportError
    """
    try:
        yield
    except ClientError as error:
        raise ExportError(call_of(error)) from error
    except BotoCoreError as error:
        raise ExportError(Call.UNKNOWN) from error


def _of(error: ClientError) -> Exception:
    """What an error of a create means: a 5xx does not tell whether something was made."""
    call = call_of(error)
    if call is Call.THROTTLED:
        return ThrottledError()
    details = error.response.get("Error", {})
    if call is Call.UNKNOWN:
        return UnknownOutcomeError(details.get("Code", ""))
    return RefusedError(f"{details.get('Code', '')}: {details.get('Message', '')}"[:_REASON_LENGTH])
