"""Checks of JSON documents against the service model, compiled once."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape

from local_cloud.service.moments import is_iso_8601

# A check returns None when the value fits, else the path and the rule, so that the happy path builds no text.
Check = Callable[[object], str | None]

_LARGEST_INTEGER: Final = 2**31 - 1
_LARGEST_DOUBLE: Final = 1.7976931348623157e308


def compile_check(shape: Shape, known: dict[str, Check] | None = None, *, limits: bool = False) -> Check:
    """Turn a shape of the service model into a function.

    Parameters
    ----------
    shape
        The shape a document must have: no unknown members, required members, types and enumerations.
    known
        Checks compiled so far, by shape name.
    limits
        Whether lengths, ranges and patterns hold as well.

    Returns
    -------
    Check
        Returns None for a fitting document, else a text like `.BatchItem.x.Endpoint: must be an object`.
    """
    known = {} if known is None else known
    if shape.name not in known:
        # A shape may hold itself.
        known[shape.name] = lambda value: known[shape.name](value)  # noqa: PLW0108 it is replaced below
        check = _compile(shape, known, limits)
        known[shape.name] = _within(check, shape.metadata) if limits else check
    return known[shape.name]


def compile_members(shape: StructureShape, known: dict[str, Check], *, limits: bool = False) -> Check | None:
    """Turn the members of an operation's shape that lie in its body into a function.

    Parameters
    ----------
    shape
        What the operation takes or returns.
    known, limits
        As for `compile_check`.

    Returns
    -------
    Check or None
        As `compile_check`; None if no member lies in the body.
    """
    members = {name: member for name, member in shape.members.items() if "location" not in member.serialization}
    if not members:
        return None
    required = tuple(name for name in shape.required_members if name in members)
    return _structure(shape.name, members, required, known, limits)


def _compile(shape: Shape, known: dict[str, Check], limits: bool) -> Check:
    if isinstance(shape, StructureShape):
        return _structure(shape.name, shape.members, tuple(shape.required_members), known, limits)
    if isinstance(shape, MapShape):
        return _map(shape, known, limits)
    if isinstance(shape, ListShape):
        return _list(shape, known, limits)
    if isinstance(shape, StringShape):
        return _enumeration(shape.enum) if shape.enum else _text
    if shape.type_name == "timestamp":
        return _timestamp if shape.serialization.get("timestampFormat") == "iso8601" else _double
    return _PLAIN[shape.type_name]


def _structure(
    name: str, shapes: Mapping[str, Shape], required: tuple[str, ...], known: dict[str, Check], limits: bool
) -> Check:
    members = {
        member.serialization.get("name", key): compile_check(member, known, limits=limits)
        for key, member in shapes.items()
    }

    def check(value: object) -> str | None:
        if not isinstance(value, dict):
            return ": must be an object"
        for key in required:
            if key not in value:
                return f".{key}: is required"
        for key, item in value.items():
            member = members.get(key)
            if member is None:
                return f".{key}: is not a member of {name}"
            fault = member(item)
            if fault is not None:
                return f".{key}{fault}"
        return None

    return check


def _map(shape: MapShape, known: dict[str, Check], limits: bool) -> Check:
    check_key, check_item = (compile_check(part, known, limits=limits) for part in (shape.key, shape.value))
    texts = check_key is _text and check_item is _text

    def check(value: object) -> str | None:
        if not isinstance(value, dict):
            return ": must be an object"
        if texts and all(isinstance(item, str) for item in value.values()):
            return None
        for name, item in value.items():
            fault = check_key(name)
            if fault is not None:
                return f": the key {name!r}{fault}"
            fault = check_item(item)
            if fault is not None:
                return f".{name}{fault}"
        return None

    return check


def _list(shape: ListShape, known: dict[str, Check], limits: bool) -> Check:
    check_item = compile_check(shape.member, known, limits=limits)

    def check(value: object) -> str | None:
        if not isinstance(value, list):
            return ": must be a list"
        for number, item in enumerate(value):
            fault = check_item(item)
            if fault is not None:
                return f"[{number}]{fault}"
        return None

    return check


def _within(check: Check, metadata: Mapping[str, Any]) -> Check:
    """Add the limits of a shape to the check of its type."""
    least, most = metadata.get("min"), metadata.get("max")
    pattern = _pattern(metadata.get("pattern"))
    if least is None and most is None and pattern is None:
        return check

    def check_limits(value: Any) -> str | None:  # noqa: ANN401 - JSON
        fault = check(value)
        if fault is not None:
            return fault
        size = value if isinstance(value, (int, float)) else len(value)
        if (least is not None and size < least) or (most is not None and size > most):
            return f": must be within {least} and {most}" if size is value else f": has {size}, not {least} to {most}"
        if pattern is not None and not pattern.search(value):
            return f": must match {pattern.pattern}"
        return None

    return check_limits


def _pattern(text: str | None) -> re.Pattern[str] | None:
    """Python does not know Unicode's categories: patterns with them do not hold."""
    return None if text is None or re.search(r"\\[pP]\{", text) else re.compile(text)


def _enumeration(values: list[str]) -> Check:
    allowed = frozenset(values)

    def check(value: object) -> str | None:
        return None if isinstance(value, str) and value in allowed else f": must be one of {', '.join(values)}"

    return check


def _text(value: object) -> str | None:
    return None if isinstance(value, str) else ": must be a string"


def _blob(value: object) -> str | None:
    try:
        base64.b64decode(value if isinstance(value, str) else "?", validate=True)
    except (binascii.Error, ValueError):
        return ": must be a string in Base64"
    return None


def _boolean(value: object) -> str | None:
    return None if isinstance(value, bool) else ": must be true or false"


def _integer(value: object) -> str | None:
    fault = _long(value)
    return ": must be an integer" if fault is None and not -_LARGEST_INTEGER <= value <= _LARGEST_INTEGER else fault  # type: ignore[operator]


def _long(value: object) -> str | None:
    return ": must be an integer" if isinstance(value, bool) or not isinstance(value, int) else None


def _double(value: object) -> str | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return ": must be a number"
    return None if -_LARGEST_DOUBLE <= value <= _LARGEST_DOUBLE else ": must be a finite number"


def _timestamp(value: object) -> str | None:
    return None if isinstance(value, str) and is_iso_8601(value) else ": must be a date and time in ISO 8601"


_PLAIN: Final[Mapping[str, Check]] = {
    "blob": _blob,
    "boolean": _boolean,
    "double": _double,
    "float": _double,
    "integer": _integer,
    "long": _long,
}
