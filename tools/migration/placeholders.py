"""Message variables: `{{User.UserAttributes.plan}}` of Pinpoint is Connect's `{{Attributes.Customer.Attributes.plan}}`.

Both services build on Handlebars and know the same helpers, but for `with`, which Connect does not have:
https://docs.aws.amazon.com/connect/latest/adminguide/message-template-helpers.html.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from tools.migration.findings import Finding, lost
from tools.migration.naming import Kind, Names
from tools.migration.people import Key

CUSTOMER: Final = "Attributes.Customer."
_TAG: Final = re.compile(r"(?P<open>\{\{\{?~?)(?P<inside>.*?)(?P<close>~?\}?\}\})", re.DOTALL)
_COMMENT: Final = re.compile(r"\{\{~?!--.*?--~?\}\}|\{\{~?![^}]*\}\}", re.DOTALL)
_WORD: Final = re.compile(r"\"[^\"]*\"|'[^']*'|\(|\)|(?:[^\s()\"'\[]|\[[^\]]*\])+")
_INLINE: Final = re.compile(r"\{\{~?#\*\s*inline\s+[\"']([^\"']+)[\"']")
_PART: Final = re.compile(r"\[([^\]]*)\]|([^.\[\]]+)")
_INDEX: Final = re.compile(r"\d+")
_LITERAL: Final = re.compile(r"-?\d+(\.\d+)?|true|false|null|undefined|[\"'].*", re.DOTALL)
_INNER: Final = frozenset({"this", ".", "@index", "@key", "@first", "@last", "else", "as"})
_BLOCKS_OF_TRUTH: Final = frozenset({"if", "unless"})
_OF_LISTS: Final = frozenset({"each", "join"})
_FIELDS: Final[Mapping[tuple[str, ...], str]] = {
    ("Location", "City"): "City",
    ("Location", "Country"): "Country",
    ("Location", "PostalCode"): "PostalCode",
    ("Location", "Region"): "State",
}
_OWN: Final[Mapping[tuple[str, ...], str]] = {
    ("ChannelType",): "channel",
    ("EffectiveDate",): "effective_date",
    ("Location", "Latitude"): "latitude",
    ("Location", "Longitude"): "longitude",
    ("Demographic", "AppVersion"): "app_version",
    ("Demographic", "Locale"): "locale",
    ("Demographic", "Make"): "make",
    ("Demographic", "Model"): "model",
    ("Demographic", "ModelVersion"): "model_version",
    ("Demographic", "Platform"): "platform",
    ("Demographic", "PlatformVersion"): "platform_version",
    ("Demographic", "Timezone"): "timezone",
}


class _UnknownError(Exception):
    """A variable or a helper without a twin; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A text for Connect.

    Parameters
    ----------
    variables
        What it shows of a profile, by the names of Connect.
    findings
        Tags that were left as they are, with their places.
    """

    text: str
    variables: frozenset[str]
    findings: tuple[Finding, ...]


class Variables:
    """Knows what becomes of a variable.

    Parameters
    ----------
    names
        Names of attributes.
    key
        What the AccountNumber is.
    """

    def __init__(self, names: Names, key: Key) -> None:
        self._names = names
        self._key = key

    def convert(self, text: str, place: str, channel: str) -> Filled:
        """Convert the tags of a text.

        Parameters
        ----------
        text
            The text.
        place
            Which part of which template it is.
        channel
            `EMAIL` or `SMS`: whose address `{{Address}}` is.
        """
        seen: set[str] = set()
        findings: list[Finding] = []
        comments = [match.span() for match in _COMMENT.finditer(text)]
        partials = frozenset(_INLINE.findall(text))

        def tag(match: re.Match[str]) -> str:
            if any(start <= match.start() < end for start, end in comments):
                return match[0]
            try:
                used, converted = self._tag(match, channel, partials)
            except _UnknownError as error:
                findings.append(lost(f"{place}:{_position(text, match.start())}", f"{match[0]} {error}"))
                return match[0]
            seen.update(used)
            return converted

        filled = _TAG.sub(tag, text)
        shown = frozenset(name for name in seen if name.startswith(CUSTOMER))
        return Filled(filled, shown, tuple(findings))

    def default(self, name: str, channel: str) -> str:
        """The variable of Connect whose default a default of Pinpoint is; KeyError if there is none."""
        try:
            names = self._columns(name, channel)
        except _UnknownError as error:
            raise KeyError(name) from error
        return names[0]

    def _tag(self, match: re.Match[str], channel: str, partials: AbstractSet[str]) -> tuple[list[str], str]:
        inside = match["inside"].strip()
        if inside.startswith(">"):
            if inside[1:].strip() in partials:
                return [], match[0]
            raise _UnknownError("includes a partial: write its text in its place")
        if inside.startswith(("/", "!", "&")) or inside in ("else", "^"):
            if inside == "/with":
                raise _UnknownError("closes a block of with, which Connect does not have")
            return [], match[0]
        words = [word[0] for word in _WORD.finditer(inside.lstrip("#^"))]
        if inside.startswith(("#", "^")) or len(words) > 1:
            return self._call(match, words, channel, is_block=inside.startswith(("#", "^")))
        columns = self._columns(words[0], channel) if words else []
        if len(columns) > 1:
            return columns, self._several(match, columns)
        return columns, f"{match['open']}{columns[0] if columns else inside}{match['close']}"

    def _call(self, match: re.Match[str], words: list[str], channel: str, *, is_block: bool) -> tuple[list[str], str]:
        """A helper with its arguments, and those of the helpers inside of it."""
        helper = words[1] if words[0] == "else" and len(words) > 1 else words[0]
        if helper == "with":
            raise _UnknownError("uses with, which Connect does not have: write whole names in its block")
        used: list[str] = []
        is_helper = True

        def word(one: re.Match[str]) -> str:
            nonlocal is_helper
            text = one[0]
            if is_helper or text in ("(", ")"):
                # The first word, and the first behind a bracket, is a helper; so is what `else` is followed by.
                is_helper = text in ("(", "else", "*")
                return text
            name, equals, value = text.partition("=")
            if equals and name.isidentifier():
                return f"{name}={self._argument(value, used, helper, channel)}"
            return self._argument(text, used, helper, channel)

        start = len(match["inside"]) - len(match["inside"].lstrip())
        sign = 1 if is_block else 0
        body = match["inside"][start + sign :]
        converted = _WORD.sub(word, body)
        return used, f"{match['open']}{match['inside'][: start + sign]}{converted}{match['close']}"

    def _argument(self, text: str, used: list[str], helper: str, channel: str) -> str:
        if _LITERAL.fullmatch(text) or text in _INNER or text.startswith(("this.", "@", "|")) or not text:
            return text
        columns = self._columns(text, channel)
        is_list = helper in _OF_LISTS or self._is_list(text)
        if is_list and helper not in _BLOCKS_OF_TRUTH:
            raise _UnknownError(f"gives a list to {helper}; a profile has no lists: name each value by itself")
        used.append(columns[0])
        return columns[0]

    def _several(self, match: re.Match[str], columns: list[str]) -> str:
        """Several values as Handlebars writes a list, each only where it is there."""
        opening, closing = match["open"], match["close"]
        first, *others = columns
        more = "".join(f"{{{{#if {name}}}}},{opening}{name}{closing}{{{{/if}}}}" for name in others)
        return f"{{{{#if {first}}}}}{opening}{first}{closing}{more}{{{{/if}}}}"

    def _columns(self, path: str, channel: str) -> list[str]:
        """The names of Connect for a variable; several if it is a list."""
        if path in _INNER or path.startswith(("this.", "@")):
            return [path]
        found = self._attribute(path)
        if found is not None:
            kind, name, index = found
            attribute = self._names.of(kind, name)
            if index is None or (index == 0 and not attribute.is_list):
                return [f"{CUSTOMER}Attributes.{column}" for column in attribute.columns]
            if attribute.joined:
                raise _UnknownError("takes one value out of a list, which is one text: convert with LISTS=numbered")
            if index >= attribute.width:
                raise _UnknownError(f"names a value that nobody has: there are {attribute.width} at most")
            return [f"{CUSTOMER}Attributes.{attribute.columns[index]}"]
        parts = tuple(_parts(path))
        if parts in _FIELDS:
            return [f"{CUSTOMER}{_FIELDS[parts]}"]
        if parts == ("Address",):
            return [f"{CUSTOMER}{'EmailAddress' if channel == 'EMAIL' else 'PhoneNumber'}"]
        identity = {("User", "UserId"): "user", ("Id",): "endpoint"}.get(parts)
        if identity == self._key:
            return [f"{CUSTOMER}AccountNumber"]
        if identity is not None:
            return [f"{CUSTOMER}Attributes.{column}" for column in self._names.of("own", f"{identity}_id").columns]
        raise _UnknownError("is no variable that a profile can fill: write it otherwise")

    def _is_list(self, path: str) -> bool:
        found = self._attribute(path)
        return found is not None and found[2] is None and self._names.of(found[0], found[1]).is_list

    @staticmethod
    def _attribute(path: str) -> tuple[Kind, str, int | None] | None:
        parts = _parts(path)
        kinds: tuple[tuple[tuple[str, ...], Kind], ...] = (
            (("User", "UserAttributes"), "user"),
            (("Attributes",), "endpoint"),
            (("Metrics",), "metric"),
        )
        own = _OWN.get(tuple(parts))
        if own is not None:
            return "own", own, None
        for root, kind in kinds:
            rest = parts[len(root) :]
            if tuple(parts[: len(root)]) == root and rest:
                index = int(rest[-1]) if len(rest) > 1 and _INDEX.fullmatch(rest[-1]) else None
                return kind, ".".join(rest if index is None else rest[:-1]), index
        return None


def _parts(path: str) -> list[str]:
    return [match[1] if match[1] is not None else match[2] for match in _PART.finditer(path)]


def _position(text: str, start: int) -> str:
    before = text[:start]
    return f"{before.count(chr(10)) + 1}:{start - (before.rfind(chr(10)) + 1) + 1}"


Converter = Callable[[str, str], Filled]
"""Converts the text of a part of a template, which it names."""
