"""`{{event.x}}`: where it stands in a text, and how values take its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

PLACEHOLDER = re.compile(r"(?<!\{)\{\{[ ]*event\.([A-Za-z][A-Za-z0-9_]{0,49})[ ]*\}\}(?!\})")
"""The only form; the group is the name of the event's attribute."""

_MEANT = re.compile(r"\{\{[^}]{0,200}?(?<![.\w])event\b", re.IGNORECASE)


def names(text: str) -> Iterator[str]:
    """Event attributes that a text asks for, in order, repeats included."""
    return (match[1] for match in PLACEHOLDER.finditer(text))


def malformed(text: str) -> bool:
    """Whether something is meant as a placeholder and is none, or stands inside a template's own braces.

    There its value would be read as part of the template.
    """
    before = ""
    end = 0
    for match in PLACEHOLDER.finditer(text):
        before += text[end : match.start()]
        end = match.end()
        if before.rfind("{{") > before.rfind("}}"):
            return True
    return _MEANT.search(before + text[end:]) is not None


def fill(text: str, values: Mapping[str, str], escape: Callable[[str], str]) -> str:
    """`text` with each placeholder replaced by its escaped value; a value that is missing is a KeyError."""
    return PLACEHOLDER.sub(lambda match: escape(values[match[1]]), text)
