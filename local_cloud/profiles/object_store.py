"""The objects of a domain: which profile has which."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class StoredObject:
    """An object of a profile.

    Attributes
    ----------
    profile_id
        Whose it is.
    type_name, unique_key
        Its type, and its key among the objects of that type.
    text
        The JSON text that was put.
    stored, expires
        When it was stored, and when it goes, in seconds since 1970.
    """

    profile_id: str
    type_name: str
    unique_key: str
    text: str
    stored: float
    expires: float


@dataclass
class ObjectStore:
    """All objects of one domain, oldest first."""

    _objects: dict[tuple[str, str], StoredObject] = field(default_factory=dict)
    _of_profiles: dict[str, dict[tuple[str, str], StoredObject]] = field(default_factory=dict)
    _next_expiry: float = math.inf

    def put(self, stored: StoredObject) -> None:
        """Store an object in place of that with the same key."""
        key = (stored.type_name, stored.unique_key)
        self.remove(*key)
        self._objects[key] = stored
        self._of_profiles.setdefault(stored.profile_id, {})[key] = stored
        self._next_expiry = min(self._next_expiry, stored.expires)

    def has(self, type_name: str, unique_key: str) -> bool:
        """Tell whether there is an object with a key."""
        return (type_name, unique_key) in self._objects

    def remove(self, type_name: str, unique_key: str) -> bool:
        """Remove an object, and tell whether there was one."""
        stored = self._objects.pop((type_name, unique_key), None)
        if stored is None:
            return False
        del self._of_profiles[stored.profile_id][type_name, unique_key]
        return True

    def of_profile(self, profile_id: str, type_name: str | None = None) -> list[StoredObject]:
        """Return the objects of a profile, of one type or of all, oldest first."""
        known = self._of_profiles.get(profile_id, {}).values()
        return [stored for stored in known if type_name in (None, stored.type_name)]

    def all(self) -> list[StoredObject]:
        """Return all objects, oldest first."""
        return list(self._objects.values())

    def remove_where(self, *, type_name: str | None = None, profile_id: str | None = None) -> None:
        """Remove the objects of a type, or of a profile."""
        for stored in self.all():
            if stored.type_name == type_name or stored.profile_id == profile_id:
                self.remove(stored.type_name, stored.unique_key)

    def expire(self, now: float) -> None:
        """Remove what is too old."""
        if now < self._next_expiry:
            return
        for stored in self.all():
            if stored.expires <= now:
                self.remove(stored.type_name, stored.unique_key)
        self._next_expiry = min((stored.expires for stored in self._objects.values()), default=math.inf)

    def snapshot(self) -> list[dict[str, Any]]:
        """Return the objects as JSON documents."""
        return [asdict(stored) for stored in self._objects.values()]

    @classmethod
    def restored(cls, snapshot: list[Mapping[str, Any]]) -> ObjectStore:
        """Build the store from what `snapshot` returned."""
        store = cls()
        for document in snapshot:
            store.put(StoredObject(**document))
        return store
