"""What an object says by the mapping of its type: keys, and values for the profile."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from local_cloud.profiles.object_type_rules import source_path, target_path, unique_fields
from local_cloud.service.messages import ServiceError

# Service model: values of keys and of attributes.
MOST_CHARACTERS: Final = 255


def value_at(document: Mapping[str, Any], path: Sequence[str]) -> object:
    """Return what lies in an object, None if nothing does.

    Parameters
    ----------
    document, path
        The object, and the names that lead to the value.

    Returns
    -------
    object
        A JSON value.
    """
    found: object = document
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def text_of(value: object) -> str | None:
    """Return a text, number or boolean as text; None for everything else and for an empty text."""
    if isinstance(value, str):
        return value or None
    return json.dumps(value) if isinstance(value, (bool, int, float)) else None


def field_text(object_type: Mapping[str, Any], document: Mapping[str, Any], field: str) -> str | None:
    """Return the text of a field of the mapping."""
    return text_of(value_at(document, source_path(object_type["Fields"][field]["Source"])))


def key_value(object_type: Mapping[str, Any], document: Mapping[str, Any], fields: Sequence[str]) -> str | None:
    """Return the value of a key, None if one of its fields is missing.

    How several fields become one value is not published; here a list, which is no value that anybody searches for.
    """
    texts = [field_text(object_type, document, field) for field in fields]
    if None in texts:
        return None
    return texts[0] if len(texts) == 1 else json.dumps(texts, ensure_ascii=False)


def unique_key(object_type: Mapping[str, Any], document: Mapping[str, Any]) -> str:
    """Return what tells an object from others of its type.

    Parameters
    ----------
    object_type, document
        The type, and the object.

    Returns
    -------
    str
        An opaque text.

    Raises
    ------
    ServiceError
        400 if a field of the UNIQUE key is missing: object type mappings, such an object is rejected.
    """
    fields = unique_fields(object_type)
    value = key_value(object_type, document, fields)
    if value is None:
        raise ServiceError(400, f"Object lacks a field of the UNIQUE key: {', '.join(fields)}")
    return hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()


def profile_fields(object_type: Mapping[str, Any], document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an object changes of its profile.

    Parameters
    ----------
    object_type, document
        The type, and the object.

    Returns
    -------
    dict
        As `ProfileStore.update` takes it; a value that is missing or empty changes nothing (reading).

    Raises
    ------
    ServiceError
        400 if a value is too long for a profile.
    """
    fields: dict[str, Any] = {}
    for name, mapping in object_type["Fields"].items():
        text = field_text(object_type, document, name)
        if "Target" not in mapping or text is None:
            continue
        if len(text) > MOST_CHARACTERS:
            raise ServiceError(400, f"{name} has more than {MOST_CHARACTERS} characters")
        member, *below = target_path(mapping["Target"])
        if below:
            fields.setdefault(member, {})[below[0]] = text
        else:
            fields[member] = text
    return fields
