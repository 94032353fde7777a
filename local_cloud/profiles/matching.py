"""Objects find their profiles, one after the other, in the order in which they were put."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from local_cloud.profiles.mapping import MOST_CHARACTERS, key_value, profile_fields
from local_cloud.profiles.object_store import StoredObject
from local_cloud.profiles.object_type_rules import all_keys
from local_cloud.profiles.object_types import MOST_OBJECTS
from local_cloud.profiles.profile_store import Key
from local_cloud.profiles.state import SECONDS_PER_DAY, Domain, Pending
from local_cloud.service.messages import ServiceError

# Connect quotas: all objects of one profile, with a KB of 1,024 bytes.
_MOST_BYTES: Final = 50 * 1024 * 1024


@dataclass(frozen=True)
class Match:
    """An object that has a profile now.

    Attributes
    ----------
    stored
        The object.
    document
        The object as JSON.
    """

    stored: StoredObject
    document: dict[str, Any]


def match(domain: Domain, pending: Pending, now: float, time_factor: float) -> Match:
    """Store an object with its profile, and change the profile as the object's type says.

    Parameters
    ----------
    domain
        Where it was put.
    pending
        The object.
    now, time_factor
        The time, and how many times faster days pass.

    Returns
    -------
    Match
        The object with its profile.

    Raises
    ------
    ServiceError
        If no profile is found and none may be made, or a limit of the profile is reached.
    """
    object_type = domain.object_type(pending.type_name)
    document = json.loads(pending.text)
    keys = list(_values(object_type, document))
    fields = profile_fields(object_type, document)
    profile_id = _profile_of(domain, keys)
    is_new = profile_id is None
    if profile_id is None:
        if not object_type["AllowProfileCreation"]:
            raise ServiceError(404, "no profile was found, and the object type makes none")
        profile_id = domain.profiles.create(fields)
    else:
        _make_room(domain, object_type, profile_id, pending)
        domain.profiles.update(profile_id, fields)
    kept = {key for key, identifiers in keys if _is_kept(identifiers, is_new=is_new)}
    domain.profiles.add_keys(profile_id, kept)
    expires = now + object_type["ExpirationDays"] * SECONDS_PER_DAY / time_factor
    stored = StoredObject(profile_id, pending.type_name, pending.unique_key, pending.text, now, expires)
    domain.objects.put(stored)
    return Match(stored, document)


def _values(object_type: Mapping[str, Any], document: Mapping[str, Any]) -> Iterator[tuple[Key, list[str]]]:
    """The keys of an object that find a profile; one whose fields are not all there finds none."""
    for name, identifiers, fields in all_keys(object_type):
        value = key_value(object_type, document, fields) if "PROFILE" in identifiers else None
        if value is None:
            continue
        if len(value) > MOST_CHARACTERS:
            raise ServiceError(400, f"the key {name} has more than {MOST_CHARACTERS} characters")
        yield (name, value), identifiers


def _profile_of(domain: Domain, keys: list[tuple[Key, list[str]]]) -> str | None:
    """Object type mappings: SECONDARY keys come after all others, and an ambiguous key is ignored."""
    for key, _ in sorted(keys, key=lambda entry: "SECONDARY" in entry[1]):
        found = domain.profiles.find(key)
        if len(found) == 1:
            return found.pop()
    return None


def _is_kept(identifiers: list[str], *, is_new: bool) -> bool:
    """Object type mappings: LOOKUP_ONLY is never kept, NEW_ONLY only for a profile that is new."""
    return "LOOKUP_ONLY" not in identifiers and (is_new or "NEW_ONLY" not in identifiers)


def _make_room(domain: Domain, object_type: Mapping[str, Any], profile_id: str, pending: Pending) -> None:
    """Drop the oldest objects of a type that has a limit of its own (reading), and keep to those of the profile."""
    objects = domain.objects
    if not objects.has(pending.type_name, pending.unique_key):
        own = objects.of_profile(profile_id, pending.type_name)
        for oldest in own[: max(0, len(own) + 1 - object_type.get("MaxProfileObjectCount", MOST_OBJECTS + 1))]:
            objects.remove(oldest.type_name, oldest.unique_key)
        if len(objects.of_profile(profile_id)) >= MOST_OBJECTS:
            raise ServiceError(400, f"a profile can have at most {MOST_OBJECTS} objects")
    if sum(len(one.text) for one in objects.of_profile(profile_id)) + len(pending.text) > _MOST_BYTES:
        raise ServiceError(400, f"the objects of a profile can have at most {_MOST_BYTES} bytes")
