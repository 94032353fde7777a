"""The profiles of a domain, and the keys by which they are found."""

from __future__ import annotations

import copy
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from local_cloud.service.messages import ServiceError
from local_cloud.service.text import size

Key = tuple[str, str]

# Connect quotas: 250 KB per profile. A KB of 1,024 bytes, as the 256,000 characters of the service model say.
MOST_BYTES: Final = 256_000
# Service model, SearchProfiles: the predefined keys that standard fields fill.
_STANDARD: Final[Mapping[str, tuple[str, ...]]] = {
    "_account": ("AccountNumber",),
    "_email": ("EmailAddress", "PersonalEmailAddress", "BusinessEmailAddress"),
    "_phone": ("PhoneNumber", "MobilePhoneNumber", "HomePhoneNumber", "BusinessPhoneNumber"),
}
# Maps of a profile, which a change merges key by key (reading: the model says it of texts alone).
_MAPS: Final = frozenset({"Attributes", "Address", "ShippingAddress", "MailingAddress", "BillingAddress"})


@dataclass
class ProfileStore:
    """All profiles of one domain.

    Attributes
    ----------
    documents
        Profiles by id.
    added
        Keys of each profile beside those that its standard fields fill.
    """

    documents: dict[str, dict[str, Any]] = field(default_factory=dict)
    added: dict[str, set[Key]] = field(default_factory=dict)
    _found_by: dict[Key, set[str]] = field(default_factory=dict)

    def create(self, fields: Mapping[str, Any]) -> str:
        """Add a profile.

        Parameters
        ----------
        fields
            What it holds; empty texts are left out.

        Returns
        -------
        str
            Its id.
        """
        identifier = uuid.uuid4().hex
        self._put(identifier, _merged({"ProfileId": identifier}, fields))
        return identifier

    def update(self, identifier: str, fields: Mapping[str, Any]) -> None:
        """Change a profile: an empty text removes, what is not named stays.

        Parameters
        ----------
        identifier
            The profile.
        fields
            What changes.

        Raises
        ------
        ServiceError
            404 if it does not exist, 400 if it would be too large.
        """
        self._put(identifier, _merged(self.get(identifier), fields))

    def get(self, identifier: str) -> dict[str, Any]:
        """Return a profile.

        Parameters
        ----------
        identifier
            Its id.

        Returns
        -------
        dict
            The document.

        Raises
        ------
        ServiceError
            404 if it does not exist.
        """
        if identifier not in self.documents:
            raise ServiceError(404, "the profile does not exist")
        return self.documents[identifier]

    def delete(self, identifier: str) -> None:
        """Remove a profile; 404 if it does not exist."""
        self.get(identifier)
        self._forget_keys(identifier)
        del self.documents[identifier]
        self.added.pop(identifier, None)

    def add_keys(self, identifier: str, keys: set[Key]) -> None:
        """Let a profile be found by more keys; 404 if it does not exist."""
        self.get(identifier)
        self.added.setdefault(identifier, set()).update(keys)
        for key in keys:
            self._found_by.setdefault(key, set()).add(identifier)

    def remove_keys(self, identifier: str, keys: set[Key]) -> None:
        """Take keys from a profile that were added; 404 if it does not have one of them."""
        self.get(identifier)
        if not keys <= self.added.get(identifier, set()):
            raise ServiceError(404, "the profile does not have this key")
        self._forget_keys(identifier)
        self.added[identifier] -= keys
        self._index(identifier)

    def find(self, key: Key) -> set[str]:
        """Return the ids of the profiles that a key finds."""
        name, value = key
        if name == "_profileId":
            return {value} & self.documents.keys()
        return set(self._found_by.get(key, ()))

    def snapshot(self) -> dict[str, Any]:
        """Return the profiles as a JSON document."""
        return {
            "documents": self.documents,
            "added": {identifier: sorted(keys) for identifier, keys in self.added.items()},
        }

    @classmethod
    def restored(cls, snapshot: Mapping[str, Any]) -> ProfileStore:
        """Build the store from what `snapshot` returned.

        Parameters
        ----------
        snapshot
            The document.

        Returns
        -------
        ProfileStore
            The same profiles.
        """
        store = cls(
            documents=dict(snapshot["documents"]),
            added={
                identifier: {(name, value) for name, value in keys} for identifier, keys in snapshot["added"].items()
            },
        )
        for identifier in store.documents:
            store._index(identifier)
        return store

    def _put(self, identifier: str, document: dict[str, Any]) -> None:
        if size(document) > MOST_BYTES:
            raise ServiceError(400, f"a profile can have at most {MOST_BYTES} bytes")
        if identifier in self.documents:
            self._forget_keys(identifier)
        self.documents[identifier] = document
        self._index(identifier)

    def _index(self, identifier: str) -> None:
        for key in self._keys_of(identifier):
            self._found_by.setdefault(key, set()).add(identifier)

    def _forget_keys(self, identifier: str) -> None:
        for key in self._keys_of(identifier):
            found = self._found_by[key]
            found.discard(identifier)
            if not found:
                del self._found_by[key]

    def _keys_of(self, identifier: str) -> set[Key]:
        return {*_standard_keys(self.documents[identifier]), *self.added.get(identifier, ())}


def _standard_keys(document: Mapping[str, Any]) -> Iterator[Key]:
    for name, members in _STANDARD.items():
        for member in members:
            if member in document:
                yield name, document[member]
    name = " ".join(document[part] for part in ("FirstName", "LastName") if part in document)
    if name:
        yield "_fullName", name


def _merged(document: Mapping[str, Any], fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return a profile with changes; the given one stays."""
    changed = copy.deepcopy(dict(document))
    for name, value in fields.items():
        if name in _MAPS:
            value = _without_empty({**changed.get(name, {}), **value})  # noqa: PLW2901
        if value in ("", {}):
            changed.pop(name, None)
        else:
            changed[name] = value
    return changed


def _without_empty(texts: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in texts.items() if text != ""}
