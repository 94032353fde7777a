"""Java's maps, as mapping templates see them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any


class JavaMap:
    """A java.util.Map: its methods by name, and its entries as properties.

    A plain dict would not do: an entry named `get` would hide the method, and whoever chooses the names of query
    parameters could make a template fail.

    Parameters
    ----------
    entries
        What the map holds; not copied, so that a template can set entries.
    """

    def __init__(self, entries: dict[str, Any] | None = None) -> None:
        self._entries: dict[str, Any] = {} if entries is None else entries

    # The names below are Java's.
    def get(self, key: object) -> Any:  # noqa: ANN401 - a template's value
        """Return an entry's value, or null."""
        return self._entries.get(key) if isinstance(key, str) else None

    def keySet(self) -> Collection[str]:  # noqa: N802
        """Return the names."""
        return list(self._entries)

    def values(self) -> Collection[Any]:
        """Return the values."""
        return list(self._entries.values())

    def entrySet(self) -> Collection[JavaMap]:  # noqa: N802
        """Return the entries, each with `key` and `value`."""
        return [JavaMap({"key": key, "value": value}) for key, value in self._entries.items()]

    def containsKey(self, key: object) -> bool:  # noqa: N802
        """Tell whether there is an entry."""
        return key in self._entries

    def size(self) -> int:
        """Return the number of entries."""
        return len(self._entries)

    def isEmpty(self) -> bool:  # noqa: N802
        """Tell whether there is no entry."""
        return not self._entries

    def put(self, key: str, value: object) -> Any:  # noqa: ANN401 - a template's value
        """Set an entry and return its former value."""
        former = self._entries.get(key)
        self._entries[key] = value
        return former

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 - a template's value
        """Find a property; the template engine tries this before it looks for a method."""
        if name in _METHODS:
            raise KeyError(name)
        return self._entries[name]

    def __setitem__(self, name: str, value: object) -> None:
        self._entries[name] = value

    def __iter__(self) -> Iterator[Any]:
        # Velocity's #foreach over a map gives its values.
        return iter(list(self._entries.values()))

    def __len__(self) -> int:
        return len(self._entries)

    def __str__(self) -> str:
        return "{" + ", ".join(f"{key}={to_text(value)}" for key, value in self._entries.items()) + "}"


_METHODS = frozenset(name for name in vars(JavaMap) if not name.startswith("_"))


def to_java(value: Any) -> Any:  # noqa: ANN401 - JSON in, a template's value out
    """Wrap the objects of a JSON document.

    Parameters
    ----------
    value
        Any JSON value.

    Returns
    -------
    object
        The same with every object as a `JavaMap`.
    """
    if isinstance(value, Mapping):
        return JavaMap({key: to_java(entry) for key, entry in value.items()})
    if isinstance(value, list):
        return [to_java(entry) for entry in value]
    return value


def to_text(value: object) -> str:
    """Print a value as Java's `toString` does.

    Parameters
    ----------
    value
        A template's value.

    Returns
    -------
    str
        Its text.
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "[" + ", ".join(map(to_text, value)) + "]"
    return str(value)
