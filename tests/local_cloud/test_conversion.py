"""AWS's tables of payload conversions, row by row, and the pessimistic reading of what they leave open."""

from __future__ import annotations

import pytest

from local_cloud.apigateway.conversion import (
    TO_BINARY,
    TO_TEXT,
    ConversionError,
    is_binary,
    media_type,
    request_text,
    response_body,
)

TEXT = "é"
BASE64 = "w6k="


@pytest.mark.parametrize(
    ("binary", "handling", "payload", "seen"),
    [
        (False, None, TEXT, TEXT),
        (False, TO_TEXT, TEXT, TEXT),
        # Base64-decoded: bytes, which no template can read.
        (False, TO_BINARY, BASE64, None),
        (True, None, TEXT, None),
        (True, TO_BINARY, TEXT, None),
        (True, TO_TEXT, TEXT, BASE64),
    ],
)
def test_request_table(binary: bool, handling: str | None, payload: str, seen: str | None) -> None:
    assert request_text(payload.encode(), binary=binary, handling=handling) == seen


@pytest.mark.parametrize(
    ("accepts_binary", "handling", "payload", "answered"),
    [
        (False, None, TEXT, TEXT.encode()),
        (False, TO_TEXT, TEXT, TEXT.encode()),
        (False, TO_BINARY, BASE64, TEXT.encode()),
        (True, None, BASE64, TEXT.encode()),
        (True, TO_BINARY, BASE64, TEXT.encode()),
        (True, TO_TEXT, TEXT, TEXT.encode()),
    ],
)
def test_response_table(accepts_binary: bool, handling: str | None, payload: str, answered: bytes) -> None:
    assert response_body(payload, accepts_binary=accepts_binary, handling=handling, templated=False) == answered


@pytest.mark.parametrize(("accepts_binary", "handling"), [(False, TO_BINARY), (True, None), (True, TO_BINARY)])
def test_a_template_together_with_a_conversion_to_binary_fails(accepts_binary: bool, handling: str | None) -> None:
    with pytest.raises(ConversionError):
        response_body(BASE64, accepts_binary=accepts_binary, handling=handling, templated=True)


def test_text_that_is_not_base64_cannot_become_binary() -> None:
    with pytest.raises(ConversionError):
        response_body("{}", accepts_binary=False, handling=TO_BINARY, templated=False)
    with pytest.raises(ConversionError):
        request_text(b"{}", binary=False, handling=TO_BINARY)


def test_request_bytes_that_are_not_utf_8_are_replaced() -> None:
    assert request_text(b"a\xff", binary=False, handling=None) == "a\ufffd"


@pytest.mark.parametrize(
    ("header", "types", "binary"),
    [
        ("image/gif", [], False),
        ("image/gif", ["image/gif"], True),
        ("IMAGE/GIF; q=1", ["image/gif"], True),
        ("image/webp,image/gif", ["image/gif"], False),
        ("image/gif", ["image/*"], True),
        ("text/plain", ["image/*"], False),
        ("text/plain", ["*/*"], True),
        # The client's own wildcard matches no entry but the same.
        ("*/*", ["image/gif"], False),
        # Nothing said is JSON said.
        ("", ["application/json"], True),
        ("", ["*/*"], True),
    ],
)
def test_binary_media_types(header: str, types: list[str], binary: bool) -> None:
    assert is_binary(header, types) is binary


def test_media_type_of_a_header_with_parameters() -> None:
    assert media_type("text/plain;charset=UTF-8") == "text/plain"
