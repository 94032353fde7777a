"""Lengths and sizes as the service counts them."""

from __future__ import annotations

import json
from typing import Final

_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def length(text: str) -> int:
    """Count characters the way that is safe under every reading of "characters": in UTF-16 units.

    Parameters
    ----------
    text
        Any text.

    Returns
    -------
    int
        1 per character of the basic plane, 2 for others such as emoji.
    """
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def is_longer(text: str, most: int) -> bool:
    """Tell whether a text has more than `most` characters; short texts are not looked at closely.

    Parameters
    ----------
    text
        Any text.
    most
        Largest length allowed.

    Returns
    -------
    bool
        As `length` counts.
    """
    return len(text) * 2 > most and length(text) > most


def size(document: object) -> int:
    """Return the size of a document as compact JSON in UTF-8.

    Parameters
    ----------
    document
        Any JSON document.

    Returns
    -------
    int
        Bytes.
    """
    return len(_ENCODER.encode(document).encode("utf-8", "surrogatepass"))
