"""Amazon Pinpoint's published limits, and what is done to stay inside them.

Source of the figures: https://docs.aws.amazon.com/pinpoint/latest/developerguide/quotas.html
"""

from __future__ import annotations

EVENTS_PER_REQUEST = 100
REQUEST_BYTES = 4_000_000
NAMES_PER_EVENT = 40
NAME_LENGTH = 50
EVENT_VALUE_LENGTH = 200
"""A longer event attribute makes Pinpoint drop the whole event."""
USER_VALUE_LENGTH = 100

# The quota page says "characters" without saying whose. UTF-16 code units are the strictest reading that still lets
# every character of the Basic Multilingual Plane count as one.
_UNIT_BYTES = 2


def length(text: str) -> int:
    """Length of `text` in UTF-16 code units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // _UNIT_BYTES


def cut(text: str, limit: int) -> str:
    """`text`, shortened to at most `limit` UTF-16 code units without splitting a character."""
    if len(text) <= limit and length(text) <= limit:
        return text
    return text.encode("utf-16-le", "surrogatepass")[: limit * _UNIT_BYTES].decode("utf-16-le", "ignore")
