"""The models of request bodies: JSON schema, draft 4."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, NoReturn

import fastjsonschema

_DRAFT: Final = "http://json-schema.org/draft-04/schema#"
# How one model refers to another.
_REFERENCE: Final = re.compile(r"https://apigateway\.amazonaws\.com/restapis/[^/\"]+/models/([A-Za-z0-9]+)")


class ModelError(Exception):
    """A model that is not a JSON schema of draft 4."""


class BodyError(Exception):
    """A body that does not fit its model."""


def check_model(name: str, models: Mapping[str, Mapping[str, Any]]) -> None:
    """Check that a model can be used.

    Parameters
    ----------
    name
        The model.
    models
        MiniStack's records of the API's models, by name.

    Raises
    ------
    ModelError
        If it cannot.
    """
    try:
        _validator(name, _schemas(models))
    except (fastjsonschema.JsonSchemaDefinitionException, re.error, ValueError, TypeError) as error:
        raise ModelError(f"Invalid model schema specified: {error}") from error


def check_body(body: bytes, name: str, models: Mapping[str, Mapping[str, Any]]) -> None:
    """Check a body against a model.

    Parameters
    ----------
    body
        The payload.
    name
        The model.
    models
        MiniStack's records of the API's models, by name.

    Raises
    ------
    BodyError
        If it is not JSON or does not fit.
    """
    try:
        document = json.loads(body.decode(errors="replace"), parse_constant=_refuse)
        _validator(name, _schemas(models))(document)
    except (fastjsonschema.JsonSchemaValueException, ValueError, RecursionError) as error:
        raise BodyError(str(error)) from error


def _schemas(models: Mapping[str, Mapping[str, Any]]) -> tuple[tuple[str, str], ...]:
    return tuple((name, str(model["schema"])) for name, model in sorted(models.items()))


@functools.lru_cache(maxsize=64)
def _validator(name: str, schemas: tuple[tuple[str, str], ...]) -> Callable[[object], object]:
    definitions = {
        known: json.loads(_REFERENCE.sub(lambda found: f"#/definitions/{found[1]}", text)) for known, text in schemas
    }
    root = {"$schema": _DRAFT, "allOf": [{"$ref": f"#/definitions/{name}"}], "definitions": definitions}
    validate: Callable[[object], object] = fastjsonschema.compile(root, use_default=False)
    return validate


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")
