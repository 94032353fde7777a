"""What goes into an emulated service and what comes out of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True)
class Request:
    """One HTTP request to a service.

    Attributes
    ----------
    method
        HTTP method.
    path
        Path as it stands in the request line, still percent-encoded: an id may hold a slash.
    query
        Query string without the question mark.
    body
        Raw body.
    account, region
        Whose service is called; from the credential of the signature.
    """

    method: str
    path: str
    query: str = ""
    body: bytes = b""
    account: str = "000000000000"
    region: str = "us-east-1"


@dataclass(frozen=True)
class Response:
    """What the transport must do: wait `delay_seconds`, then answer, or close the connection without an answer.

    Attributes
    ----------
    status, headers, body
        The answer; status 0 when there is none.
    delay_seconds
        How long the caller waits. The emulator itself never sleeps.
    connection
        `answer`; `cut`: close the connection; `hang`: keep silent for `delay_seconds`, then close it.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    delay_seconds: float = 0.0
    connection: Literal["answer", "cut", "hang"] = "answer"


class ServiceError(Exception):
    """An answer other than success.

    Parameters
    ----------
    status
        HTTP status, or the status of an item.
    message
        Text for people; clients must not depend on it.
    name
        Name of the error, where the service has several of one status.
    members
        What else the error says.
    """

    def __init__(
        self, status: int, message: str, name: str | None = None, members: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.name = name
        self.members = members or {}


def success(status: int, body: Mapping[str, Any] | None, request_id: str) -> Response:
    """Build the answer to a call that succeeded.

    Parameters
    ----------
    status
        HTTP status of the operation.
    body
        The answer's document, or None for an empty body.
    request_id
        Id of this request.

    Returns
    -------
    Response
        The answer.
    """
    return Response(status, _headers(request_id), b"" if body is None else _encode(body))


def failure(error: ServiceError, request_id: str, names: Mapping[int, str]) -> Response:
    """Build the answer to a call that failed.

    Parameters
    ----------
    error
        What went wrong.
    request_id
        Id of this request.
    names
        Names of the service's errors by status.

    Returns
    -------
    Response
        The answer; SDKs take the exception's name from the `x-amzn-errortype` header.
    """
    name = error.name or names.get(error.status, "ServiceUnavailable")
    return Response(
        error.status,
        {**_headers(request_id), "x-amzn-errortype": name},
        _encode({"Message": error.message, "RequestID": request_id, **error.members}),
    )


def _headers(request_id: str) -> dict[str, str]:
    return {"Content-Type": "application/json", "x-amzn-RequestId": request_id}


def _encode(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()
