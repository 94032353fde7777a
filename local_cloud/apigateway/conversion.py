"""AWS's tables of payload conversions (developer guide, "Content type conversions in API Gateway").

Where AWS is silent or contradicts itself the pessimistic reading holds: with `*/*` among the binary media types every
payload is binary, the text of a template is never turned into bytes, and a template never sees bytes.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Final

TO_TEXT: Final = "CONVERT_TO_TEXT"
TO_BINARY: Final = "CONVERT_TO_BINARY"
_DEFAULT_TYPE: Final = "application/json"


class ConversionError(Exception):
    """A payload that cannot be converted; the caller is answered 500."""


def media_type(value: str) -> str:
    """Return the first media type of a Content-Type or Accept header.

    Parameters
    ----------
    value
        The header's value, or an empty text when it is absent.

    Returns
    -------
    str
        The type in lower case, without parameters; JSON if there is none.
    """
    return value.partition(",")[0].partition(";")[0].strip().lower() or _DEFAULT_TYPE


def is_binary(header: str, binary_media_types: Sequence[str]) -> bool:
    """Tell whether an API treats a media type as binary.

    Parameters
    ----------
    header
        Content-Type or Accept.
    binary_media_types
        The API's list.

    Returns
    -------
    bool
        Whether any entry matches.
    """
    kind = media_type(header)
    patterns = [pattern.strip().lower() for pattern in binary_media_types]
    return kind in patterns or "*/*" in patterns or f"{kind.partition('/')[0]}/*" in patterns


def request_text(body: bytes, *, binary: bool, handling: str | None) -> str | None:
    """Convert a request's payload into the text that a template sees.

    Parameters
    ----------
    body
        The payload.
    binary
        Whether its Content-Type is binary for this API.
    handling
        `contentHandling` of the integration.

    Returns
    -------
    str or None
        The text, or None when the payload stays binary, so that no template can be applied.

    Raises
    ------
    ConversionError
        If text that should become binary is not base64.
    """
    if binary:
        return base64.b64encode(body).decode() if handling == TO_TEXT else None
    if handling == TO_BINARY:
        _decode(body)
        return None
    return body.decode(errors="replace")


def response_body(payload: str, *, accepts_binary: bool, handling: str | None, templated: bool) -> bytes:
    """Convert the text of an integration's answer, or what a template made of it, into the caller's payload.

    Parameters
    ----------
    payload
        The text.
    accepts_binary
        Whether the request's Accept is binary for this API.
    handling
        `contentHandling` of the integration response.
    templated
        Whether the text comes out of a mapping template.

    Returns
    -------
    bytes
        The payload.

    Raises
    ------
    ConversionError
        If the text is to become binary and is not base64, or is made by a template.
    """
    if handling == TO_TEXT or (handling != TO_BINARY and not accepts_binary):
        return payload.encode()
    if templated:
        raise ConversionError("AWS does not document a mapping template together with a conversion to binary")
    return _decode(payload.encode())


def _decode(text: bytes) -> bytes:
    try:
        return base64.b64decode(text.strip(), validate=True)
    except binascii.Error as error:
        raise ConversionError(f"the payload is not base64: {error}") from error
