"""Values of an event, made harmless for the place that they go to.

An event's values come from outside. Whatever they hold, they are read as text: not as a template, not as HTML, not as
another header, and not in another direction.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from urllib.parse import quote

from engagement.domain.plans.placeholders import PLACEHOLDER

# Control characters, line ends, directions of writing, and halves of surrogate pairs.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]+")

# A brace of a value could complete one of the text around it.
_NO_TEMPLATE = str.maketrans("{}", "()")

# A stamp is stored once and read by templates of every channel: what any of them could read as code is written in
# characters that look alike.
_NO_CODE = str.maketrans({"<": "\u2039", ">": "\u203a", '"': "\u201d", "'": "\u2019", "`": "\u2019"})

# Not in an element: comments, scripts and styles as a whole; else a tag with its quoted values.
_MARKUP = re.compile(
    r"<!--.*?(?:-->|\Z)|<(?P<raw>script|style|title|textarea)\b.*?(?:</(?P=raw)\s*>|\Z)"
    r"|<[A-Za-z/!?{](?:[^>\"']|\"[^\"]*(?:\"|\Z)|'[^']*(?:'|\Z))*(?:>|\Z)",
    re.DOTALL | re.IGNORECASE,
)
_ADDRESS = re.compile(r"=\s*[\"']https://[^\s\"'<>{}/]+/[^\"'<>]*\Z", re.IGNORECASE)


def line(value: str) -> str:
    """For plain text: one line, without the characters that templates are made of."""
    return _UNSEEN.sub(" ", value).translate(_NO_TEMPLATE)


def stamped(value: str) -> str:
    """For a user attribute, which templates of any channel may read."""
    return line(value).translate(_NO_CODE)


def address(value: str) -> str:
    """For a part of an address."""
    return quote(_UNSEEN.sub(" ", value), safe="")


def markup(value: str) -> str:
    """For text of an HTML document; braces stay what they look like."""
    escaped = html.escape(_UNSEEN.sub(" ", value), quote=True)
    return escaped.replace("{", "&#123;").replace("}", "&#125;")


def fill_html(text: str, values: Mapping[str, str]) -> str:
    """HTML with each placeholder replaced by its value, escaped for the place where it stands.

    Raises
    ------
    KeyError
        A value is missing.
    ValueError
        A placeholder stands where no escaping makes a value harmless; `unsafe_places` tells which.
    """
    if unsafe_places(text):
        raise ValueError("a placeholder stands where no escaping helps")
    tags = _spans(text)

    def replaced(match: re.Match[str]) -> str:
        value = values[match[1]]
        return address(value) if _tag_around(match.start(), tags) else markup(value)

    return PLACEHOLDER.sub(replaced, text)


def unsafe_places(text: str) -> tuple[str, ...]:
    """Placeholders of an HTML document that stand where no escaping makes a value harmless.

    Inside a tag that is everywhere but in a quoted value that begins with `https://`, a host and `/`; and everywhere in
    comments, scripts, styles and titles.
    """
    tags = _spans(text)
    found = []
    for match in PLACEHOLDER.finditer(text):
        tag = _tag_around(match.start(), tags)
        if tag and (tag["raw"] or tag[0].startswith("<!--") or not _ADDRESS.search(text, tag.start(), match.start())):
            found.append(match[0])
    return tuple(found)


def _spans(text: str) -> tuple[re.Match[str], ...]:
    return tuple(_MARKUP.finditer(text))


def _tag_around(place: int, tags: tuple[re.Match[str], ...]) -> re.Match[str] | None:
    return next((tag for tag in tags if tag.start() < place < tag.end()), None)
