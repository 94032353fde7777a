"""Message variables filled in: `{{User.UserAttributes.plan}}`, `{{#if ..}}` and `{{#each ..}}`.

Pinpoint user guide, message templates: they are based on Handlebars.js. Its other helpers are not emulated: a text that
uses one fails, as does one that Handlebars could not read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

# `{{{x}}}` before `{{x}}`: the longer form shows a value as it is.
_TAG: Final = re.compile(r"\{\{\{(?P<raw>[^{}]*)\}\}\}|\{\{(?P<tag>[^{}]*)\}\}")
_PATH: Final = re.compile(r"[\w@-]+(\.([\w@-]+|\[\d+\]))*")
# Handlebars.js, escapeExpression.
_ESCAPES: Final = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;", "`": "&#x60;", "=": "&#x3D;"}
)

Lookup = Callable[[str], object]


class RenderingError(ValueError):
    """A text that cannot be filled in."""


def render(text: str, lookup: Lookup, *, html: bool = False) -> str:
    """Fill in the variables of a text.

    Parameters
    ----------
    text
        The text.
    lookup
        Returns the value of a variable by its whole name, None if there is none. User guide, personalizing: a
        variable without value and default is left out.
    html
        Whether values are escaped for HTML. Texts that are not HTML show values as they are (reading).

    Returns
    -------
    str
        The text to send.

    Raises
    ------
    RenderingError
        If a tag is not understood or a block does not end.
    """
    if "{{" not in text:
        return text
    return _Renderer(text, html=html).render(lookup)


def value_at(document: object, path: str) -> object:
    """Follow a path like `User.UserAttributes.plan.[0]` into a document.

    Parameters
    ----------
    document
        Objects and lists.
    path
        Names and indices with dots between them.

    Returns
    -------
    object
        What is there, None if nothing is.
    """
    for part in path.split("."):
        if isinstance(document, Mapping):
            document = document.get(part)
        elif isinstance(document, Sequence) and not isinstance(document, str) and part.startswith("["):
            index = int(part[1:-1])
            document = document[index] if index < len(document) else None
        else:
            return None
    return document


class _Renderer:
    def __init__(self, text: str, *, html: bool) -> None:
        self._text = text
        self._html = html
        self._tags = list(_TAG.finditer(text))

    def render(self, lookup: Lookup) -> str:
        return "".join(self._part(0, len(self._tags), 0, len(self._text), lookup))

    def _part(self, first: int, last: int, start: int, end: int, lookup: Lookup) -> Iterator[str]:
        """Yield what the tags from `first` to before `last` and the text around them, `start` to `end`, become."""
        number = first
        while number < last:
            tag = self._tags[number]
            yield self._text[start : tag.start()]
            words = (tag["raw"] if tag["raw"] is not None else tag["tag"]).split()
            if words and words[0] in {"#if", "#each"} and len(words) > 1:
                closing, otherwise = self._block(number, last, words[0][1:])
                yield from self._chosen(words, number, otherwise, closing, lookup)
                number = closing
            else:
                yield self._value(words, lookup, escape=self._html and tag["raw"] is None)
            start = self._tags[number].end()
            number += 1
        yield self._text[start:end]

    def _block(self, opening: int, last: int, kind: str) -> tuple[int, int | None]:
        """Return the number of the tag that closes a block, and of its `else`."""
        depth, otherwise = 0, None
        for number in range(opening + 1, last):
            tag = (self._tags[number]["tag"] or "").strip()
            if tag.startswith("#"):
                depth += 1
            elif tag.startswith("/") and depth:
                depth -= 1
            elif tag == f"/{kind}":
                return number, otherwise
            elif tag == "else" and not depth:
                otherwise = number
        raise RenderingError(f"{{{{#{kind}}}}} is not closed")

    def _chosen(
        self, words: list[str], opening: int, otherwise: int | None, closing: int, lookup: Lookup
    ) -> Iterator[str]:
        value = _checked(words[1:], lookup)
        middle = closing if otherwise is None else otherwise
        inside = (opening + 1, middle, self._tags[opening].end(), self._tags[middle].start())
        if words[0] == "#each" and isinstance(value, list):
            for index, item in enumerate(value):
                yield from self._part(*inside, _within(item, index, lookup))
        elif value:
            yield from self._part(*inside, lookup)
        if not value and otherwise is not None:
            start, end = self._tags[otherwise].end(), self._tags[closing].start()
            yield from self._part(otherwise + 1, closing, start, end, lookup)

    def _value(self, words: list[str], lookup: Lookup, *, escape: bool) -> str:
        written = _written(_checked(words, lookup))
        return written.translate(_ESCAPES) if escape else written


def _checked(words: list[str], lookup: Lookup) -> object:
    if len(words) != 1 or words[0] == "else" or not _PATH.fullmatch(words[0]):
        raise RenderingError(f"{{{{{' '.join(words)}}}}} is not a variable")
    return lookup(words[0])


def _within(item: object, index: int, outer: Lookup) -> Lookup:
    def lookup(path: str) -> object:
        if path == "@index":
            return index
        if path == "this" or path.startswith("this."):
            return item if path == "this" else value_at(item, path.removeprefix("this."))
        return outer(path)

    return lookup


def _written(value: object) -> str:
    """Handlebars.js writes a list as JavaScript does: its items with commas."""
    if value is None or isinstance(value, Mapping):
        return ""
    if isinstance(value, list):
        return ",".join(_written(item) for item in value)
    if isinstance(value, bool):
        return str(value).lower()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def lookup_in(endpoint: Mapping[str, Any], defaults: Mapping[str, Any]) -> Lookup:
    """Return where the variables of a message to an endpoint come from.

    Parameters
    ----------
    endpoint
        The endpoint.
    defaults
        Values by the variables' whole names, for what the endpoint does not have.

    Returns
    -------
    Lookup
        For `render`.
    """

    def lookup(path: str) -> object:
        found = value_at(endpoint, path)
        return defaults.get(path) if found in (None, "", []) else found

    return lookup
