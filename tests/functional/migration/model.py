"""Requests held against botocore's models: shapes, and also lengths, patterns and enumerations."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import botocore.session
from botocore.validate import ParamValidator

if TYPE_CHECKING:
    from botocore.model import OperationModel, Shape


def faults(service: str, operation: str, request: Mapping[str, Any]) -> list[str]:
    """What the model has against a request."""
    shape = _operation(service, operation).input_shape
    assert shape is not None
    report = ParamValidator().validate(dict(request), shape)
    return [*([report.generate_report()] if report.has_errors() else []), *_faults(request, shape, operation)]


@cache
def _operation(service: str, operation: str) -> OperationModel:
    return botocore.session.get_session().get_service_model(service).operation_model(operation)


def _faults(value: Any, shape: Any, place: str) -> Iterator[str]:
    if shape.type_name == "structure":
        for name, inside in value.items():
            yield from _faults(inside, shape.members[name], f"{place}.{name}")
    elif shape.type_name == "map":
        for name, inside in value.items():
            yield from _text(name, shape.key, f"{place}.{name}")
            yield from _faults(inside, shape.value, f"{place}.{name}")
    elif shape.type_name == "list":
        yield from _length(len(value), shape, place)
        for number, inside in enumerate(value):
            yield from _faults(inside, shape.member, f"{place}[{number}]")
    elif shape.type_name == "string":
        yield from _text(value, shape, place)


def _text(value: str, shape: Shape, place: str) -> Iterator[str]:
    yield from _length(len(value), shape, place)
    pattern, enum = shape.metadata.get("pattern"), shape.metadata.get("enum")
    if pattern and not re.search(pattern, value):
        yield f"{place}: {pattern}"
    if enum and value not in enum:
        yield f"{place}: {enum}"


def _length(length: int, shape: Shape, place: str) -> Iterator[str]:
    if not shape.metadata.get("min", 0) <= length <= shape.metadata.get("max", length):
        yield f"{place}: a length of {length}"
