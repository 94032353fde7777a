"""Checks of JSON documents against the service model, compiled once."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Final

from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape

from local_cloud.pinpoint.text import is_iso_8601

# A check returns None when the value fits, else the path and the rule, so that the happy path builds no text.
Check = Callable[[object], str | None]

_LARGEST_INTEGER: Final = 2**31 - 1
_LARGEST_DOUBLE: Final = 1.7976931348623157e308


def compile_check(shape: Shape, known: dict[str, Check] | None = None) -> Check:
    """Turn a shape of the service model into a function.

    Parameters
    ----------
    shape
        The shape a document must have: no unknown members, required members, types and enumerations.
    known
        Checks compiled so far, by shape name.

    Returns
    -------
    Check
        Returns None for a fitting document, else a text like `.BatchItem.x.Endpoint: must be an object`.
    """
    known = {} if known is None else known
    if shape.name not in known:
        known[shape.name] = _compile(shape, known)
    return known[shape.name]


def _compile(shape: Shape, known: dict[str, Check]) -> Check:
    if isinstance(shape, StructureShape):
        return _structure(shape, known)
    if isinstance(shape, MapShape):
        return _map(shape, known)
    if isinstance(shape, ListShape):
        return _list(shape, known)
    if isinstance(shape, StringShape):
        return _enumeration(shape.enum) if shape.enum else _text
    return _PLAIN[shape.type_name]


def _structure(shape: StructureShape, known: dict[str, Check]) -> Check:
    wire = {member.serialization.get("name", name): member for name, member in shape.members.items()}
    members = {name: compile_check(member, known) for name, member in wire.items()}
    required = tuple(shape.required_members)

    def check(value: object) -> str | None:
        if not isinstance(value, dict):
            return ": must be an object"
        for name in required:
            if name not in value:
                return f".{name}: is required"
        for name, item in value.items():
            member = members.get(name)
            if member is None:
                return f".{name}: is not a member of {shape.name}"
            fault = member(item)
            if fault is not None:
                return f".{name}{fault}"
        return None

    return check


def _map(shape: MapShape, known: dict[str, Check]) -> Check:
    check_item = compile_check(shape.value, known)
    texts = check_item is _text

    def check(value: object) -> str | None:
        if not isinstance(value, dict):
            return ": must be an object"
        if texts and all(isinstance(item, str) for item in value.values()):
            return None
        for name, item in value.items():
            fault = check_item(item)
            if fault is not None:
                return f".{name}{fault}"
        return None

    return check


def _list(shape: ListShape, known: dict[str, Check]) -> Check:
    check_item = compile_check(shape.member, known)

    def check(value: object) -> str | None:
        if not isinstance(value, list):
            return ": must be a list"
        for number, item in enumerate(value):
            fault = check_item(item)
            if fault is not None:
                return f"[{number}]{fault}"
        return None

    return check


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
    if isinstance(value, bool) or not isinstance(value, int) or not -_LARGEST_INTEGER <= value <= _LARGEST_INTEGER:
        return ": must be an integer"
    return None


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
    "integer": _integer,
    "timestamp": _timestamp,
}
