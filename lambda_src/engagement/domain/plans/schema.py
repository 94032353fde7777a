"""The published JSON Schema of plans, and its faults in words that a marketer can act on."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any

import fastjsonschema

from engagement.domain.plans.faults import Fault, Path
from engagement.domain.plans.moments import exists

Definition = Mapping[str, Any]

_TYPES = {
    "object": "an object",
    "array": "a list",
    "string": "a text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
}
_RULES: Mapping[str, str] = {
    "const": "not the only value that is possible here",
    "enum": "not one of the possible values",
    "format": "no such day or time",
    "maxItems": "more than {} entries",
    "maxLength": "longer than {} characters",
    "maxProperties": "more than {} entries",
    "maximum": "more than {}",
    "minItems": "fewer than {} entries",
    "minLength": "shorter than {} characters",
    "minProperties": "fewer than {} entries",
    "minimum": "less than {}",
    "pattern": "not in the expected form",
    "uniqueItems": "an entry is given twice",
}


@cache
def published() -> Definition:
    """The schema as it is published for editors."""
    text = files("engagement.domain.plans").joinpath("plan.schema.json").read_text(encoding="utf-8")
    schema: Definition = json.loads(text)
    return schema


@cache
def _validate() -> Callable[[object], object]:
    validate: Callable[[object], object] = fastjsonschema.compile(
        dict(published()), formats={"engagement-moment": exists}, use_default=False, fast_fail=False
    )
    return validate


def faults_of(document: object) -> list[Fault]:
    """Every fault that the schema finds in a document."""
    try:
        _validate()(document)
    except fastjsonschema.JsonSchemaValuesException as error:
        return [fault for found in error.errors for fault in _faults(document, found)]
    return []


def _faults(document: object, error: fastjsonschema.JsonSchemaValueException) -> Iterator[Fault]:
    definition: Definition = error.definition
    where = _way(document, str(error.name).removeprefix("data")) or ()
    worded = _WORDED.get(str(error.rule))
    if worded is not None:
        yield from worded(where, error.value, definition)
    else:
        limit = definition[str(error.rule)]
        yield Fault(where, _RULES[str(error.rule)].format(limit), _remedy(definition))


def _type(where: Path, _: object, definition: Definition) -> Iterator[Fault]:
    wanted = definition["type"]
    names = [_TYPES[name] for name in ([wanted] if isinstance(wanted, str) else wanted)]
    yield Fault(where, f"must be {' or '.join(names)}", _remedy(definition))


def _unknown(where: Path, value: Mapping[str, object], definition: Definition) -> Iterator[Fault]:
    known = definition.get("properties", {})
    patterns = definition.get("patternProperties", {})
    for key in value:
        if key in known or any(_matches(pattern, key) for pattern in patterns):
            continue
        similar = get_close_matches(key, known, 1)
        remedy = f'Write "{similar[0]}"' if similar else _remedy(definition)
        yield Fault((*where, key), "unknown key", remedy)


def _missing(where: Path, value: Mapping[str, object], definition: Definition) -> Iterator[Fault]:
    for key in definition["required"]:
        if key not in value:
            yield Fault((*where, key), "missing", _remedy(definition["properties"].get(key, {})))


def _alternatives(where: Path, value: object, definition: Definition) -> Iterator[Fault]:
    if not isinstance(value, dict):
        return
    exactly = "oneOf" in definition
    keys = [choice["required"][0] for choice in definition["oneOf" if exactly else "anyOf"]]
    given = [key for key in keys if key in value]
    rule = f"needs {'exactly' if exactly else 'at least'} one of {', '.join(keys)}"
    yield Fault(where, rule, f"Keep one of {', '.join(given)}" if given else f"Add {' or '.join(keys)}")


_WORDED: Mapping[str, Callable[[Path, Any, Definition], Iterator[Fault]]] = {
    "additionalProperties": _unknown,
    "anyOf": _alternatives,
    "oneOf": _alternatives,
    "required": _missing,
    "type": _type,
}


def _remedy(definition: Definition) -> str:
    """What the schema tells an editor about the value tells the author what to write."""
    description: str = definition.get("description") or "See the schema"
    if "$ref" in definition:
        description = _remedy(published()["definitions"][definition["$ref"].rpartition("/")[2]])
    return f"Expected: {description}" if not description.startswith("Expected: ") else description


def _matches(pattern: str, key: str) -> bool:
    return re.search(pattern.replace("$", r"\Z"), key) is not None


def _way(value: object, name: str) -> Path | None:
    """The way that a validator's name such as `.where.user.plan[0]` means: a key may hold dots and brackets itself."""
    if not name:
        return ()
    if isinstance(value, list) and name[0] == "[":
        index, _, rest = name[1:].partition("]")
        below = _way(value[int(index)], rest)
        return None if below is None else (int(index), *below)
    if isinstance(value, dict) and name[0] == ".":
        for key in value:
            if name.startswith(key, 1):
                below = _way(value[key], name[1 + len(key) :])
                if below is not None:
                    return (key, *below)
    return None
