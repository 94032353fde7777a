"""Requests held against the service's own model: types and members, and also lengths, patterns and enumerations."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import botocore.session
from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape
from botocore.validate import ParamValidator

_SESSION = botocore.session.get_session()
_MODELS = {name: _SESSION.get_service_model(name) for name in ("customer-profiles", "connectcampaignsv2")}


def errors(service: str, operation: str, request: dict[str, Any]) -> list[str]:
    """What the model has against a request."""
    shape = _MODELS[service].operation_model(operation).input_shape
    assert shape is not None
    report = ParamValidator().validate(request, shape)
    return [report.generate_report()] if report.has_errors() else list(_errors(shape, request, operation))


def _errors(shape: Shape, value: Any, where: str) -> Iterator[str]:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    size = len(value) if isinstance(value, str | list | dict) else value
    if (low is not None and size < low) or (high is not None and size > high):
        yield f"{where}: {size} is not within {low} and {high}"
    if isinstance(shape, StringShape):
        pattern = shape.metadata.get("pattern", "(?s:.*)").removeprefix("^").removesuffix("$")
        if shape.enum and value not in shape.enum:
            yield f"{where}: {value} is none of {shape.enum}"
        if re.fullmatch(pattern, value) is None:
            yield f"{where}: {value} does not match {pattern}"
    for member, below, place in _members(shape, value):
        yield from _errors(member, below, f"{where}{place}")


def _members(shape: Shape, value: Any) -> Iterator[tuple[Shape, Any, str]]:
    if isinstance(shape, StructureShape):
        yield from ((shape.members[name], below, f".{name}") for name, below in value.items())
    elif isinstance(shape, MapShape):
        yield from ((shape.key, key, " key") for key in value)
        yield from ((shape.value, below, f".{key}") for key, below in value.items())
    elif isinstance(shape, ListShape):
        yield from ((shape.member, below, f"[{index}]") for index, below in enumerate(value))
