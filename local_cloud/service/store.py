"""The state of a service: one thing after the other, each in its account and Region."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, Generic, Protocol, TypeVar


class Kept(Protocol):
    """What a store keeps."""

    def snapshot(self) -> dict[str, Any]:
        """Return it as a JSON document."""


KeyT = TypeVar("KeyT", bound=Hashable)
KeptT = TypeVar("KeptT", bound=Kept)


class Store(Generic[KeyT, KeptT]):
    """Things of all accounts, by what identifies each.

    Parameters
    ----------
    key
        Returns what identifies a thing.
    restored
        Builds a thing from what its `snapshot` returned.
    """

    def __init__(self, key: Callable[[KeptT], KeyT], restored: Callable[[Mapping[str, Any]], KeptT]) -> None:
        self._key = key
        self._restored = restored
        self._things: dict[KeyT, KeptT] = {}

    def add(self, thing: KeptT) -> None:
        """Add a thing."""
        self._things[self._key(thing)] = thing

    def remove(self, thing: KeptT) -> None:
        """Remove a thing with everything in it."""
        del self._things[self._key(thing)]

    def all(self) -> list[KeptT]:
        """Return the things of every account, in the order of their creation."""
        return list(self._things.values())

    def find(self, key: KeyT) -> KeptT | None:
        """Return a thing of any account, None if there is none."""
        return self._things.get(key)

    def snapshot(self) -> list[dict[str, Any]]:
        """Return all things as JSON documents."""
        return [thing.snapshot() for thing in self._things.values()]

    def restore(self, snapshot: Sequence[Mapping[str, Any]]) -> None:
        """Take over what `snapshot` returned, instead of everything that is here.

        Parameters
        ----------
        snapshot
            The documents.
        """
        self._things = {}
        for document in snapshot:
            self.add(self._restored(document))
