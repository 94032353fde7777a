"""The rules of object types."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import botocore.session
from botocore.model import StructureShape

from local_cloud.service.messages import ServiceError

# Connect quotas: keys of an object type.
_MOST_KEYS: Final = 10
# Connect admin guide, object type mappings: an accessor of the object, or a Handlebars expression.
SOURCE: Final = re.compile(r"_source((?:\.[A-Za-z0-9_-]+)+)")
_TARGET: Final = re.compile(r"_profile\.([A-Za-z]+)(?:\.(.{1,255}))?")
# Kinds of keys of which one must find the profile.
_FINDING: Final = "PROFILE"
_UNIQUE: Final = "UNIQUE"

Fields = Mapping[str, Mapping[str, str]]
Keys = Mapping[str, list[Mapping[str, list[str]]]]


def check_object_type(name: str, fields: Fields, keys: Keys) -> None:
    """Check an object type that gives its own mapping.

    Parameters
    ----------
    name, fields, keys
        The object type.

    Raises
    ------
    ServiceError
        400 with the rule.
    """
    if name.startswith("_"):
        raise ServiceError(400, "ObjectTypeName: names that begin with _ are reserved for standard types")
    for field, mapping in fields.items():
        _check_field(f"Fields.{field}", mapping)
    # Object type mappings: 10 keys per type; exactly one UNIQUE key, at least one that finds the profile.
    entries = [entry for entries in keys.values() for entry in entries]
    if len(entries) > _MOST_KEYS:
        raise ServiceError(400, f"Keys: an object type can have at most {_MOST_KEYS}")
    if len([entry for entry in entries if _UNIQUE in entry.get("StandardIdentifiers", [])]) != 1:
        raise ServiceError(400, "Keys: exactly one key must be UNIQUE")
    if not any(_FINDING in entry.get("StandardIdentifiers", []) for entry in entries):
        raise ServiceError(400, "Keys: at least one key must be PROFILE, or no object finds its profile")
    for key, own in keys.items():
        for entry in own:
            _check_key(f"Keys.{key}", entry, fields)


def unique_fields(document: Mapping[str, Any]) -> list[str]:
    """Return the fields of an object type's UNIQUE key."""
    return next(names for _, identifiers, names in all_keys(document) if _UNIQUE in identifiers)


def all_keys(document: Mapping[str, Any]) -> Iterator[tuple[str, list[str], list[str]]]:
    """Return name, identifiers and fields of every key of an object type."""
    for name, entries in document["Keys"].items():
        for entry in entries:
            yield name, entry.get("StandardIdentifiers", []), entry["FieldNames"]


def source_path(source: str) -> list[str]:
    """Return the names that lead from an object to a value, such as `attributes` and `colour`."""
    return source.split(".")[1:]


def target_path(target: str) -> list[str]:
    """Return the names that lead from a profile to a value; that of an attribute may hold dots."""
    return target.split(".", 2)[1:]


def _check_field(where: str, mapping: Mapping[str, str]) -> None:
    source, target = mapping.get("Source", ""), mapping.get("Target")
    if "{{" in source:
        raise ServiceError(400, f"{where}.Source: Handlebars expressions are not emulated, use _source.name")
    if not SOURCE.fullmatch(source):
        raise ServiceError(400, f"{where}.Source must be like _source.name")
    if target is not None and not _is_target(target):
        raise ServiceError(400, f"{where}.Target must be like _profile.AccountNumber or _profile.Attributes.name")


def _is_target(target: str) -> bool:
    matched = _TARGET.fullmatch(target)
    if not matched:
        return False
    member, below = matched.groups()
    if member == "Attributes":
        return below is not None
    members = _profile_members()
    return member in members and (members[member] is None if below is None else below in (members[member] or ()))


@functools.cache
def _profile_members() -> Mapping[str, frozenset[str] | None]:
    """The members of a profile: None for a text, the names below it for an address."""
    shape = botocore.session.get_session().get_service_model("customer-profiles").shape_for("UpdateProfileRequest")
    assert isinstance(shape, StructureShape)  # noqa: S101 the model says so
    addresses = {
        name: frozenset(member.members)
        for name, member in shape.members.items()
        if isinstance(member, StructureShape) and name.endswith("Address")
    }
    return {**{name: None for name, member in shape.members.items() if member.type_name == "string"}, **addresses}


def _check_key(where: str, entry: Mapping[str, list[str]], fields: Fields) -> None:
    names = entry.get("FieldNames", [])
    if not names:
        raise ServiceError(400, f"{where}.FieldNames must name a field")
    for name in names:
        if name not in fields:
            raise ServiceError(400, f"{where}.FieldNames: {name} is not one of Fields")
