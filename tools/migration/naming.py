"""Names of attributes: Pinpoint keeps several kinds, each with lists of values; a profile has one map of texts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from tools.migration.endpoints import Endpoint

Kind = Literal["own", "user", "endpoint", "metric"]
Lists = Literal["numbered", "joined"]

# Fields of an upload job match ^[a-zA-Z0-9_.-]+$ and have 64 characters, of which the columns' prefix takes 11.
_UNFIT: Final = re.compile(r"[^A-Za-z0-9_-]")
_LENGTH: Final = 50
_PREFIXES: Final[Mapping[Kind, str]] = {
    "own": "pinpoint_",
    "user": "",
    "endpoint": "",
    "metric": "metric_",
}
JOINT: Final = ","


@dataclass(frozen=True, slots=True)
class Attribute:
    """Where an attribute of Pinpoint is found in a profile.

    Parameters
    ----------
    target
        Its name there.
    width
        How many values somebody has at most.
    joined
        Whether several values are one text, with commas between them.
    """

    kind: Kind
    name: str
    target: str
    width: int
    joined: bool

    @property
    def is_list(self) -> bool:
        """Whether somebody has several values."""
        return self.width > 1

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the profile's attributes that hold the values."""
        if self.joined or not self.is_list:
            return (self.target,)
        return tuple(f"{self.target}_{place}" for place in range(self.width))


class Names:
    """Gives each attribute of Pinpoint a name of its own.

    Parameters
    ----------
    lists
        What becomes of several values: attributes with numbers, or one text.
    widths
        How many values of an attribute somebody has at most, by kind and name.
    """

    def __init__(self, lists: Lists, widths: Mapping[tuple[Kind, str], int]) -> None:
        self._lists = lists
        self._widths = widths
        self._known: dict[tuple[Kind, str], Attribute] = {}
        self._taken: set[str] = set()
        # What the pixel and plans write keeps its name; the rest gives way.
        order: tuple[Kind, ...] = ("own", "user", "endpoint", "metric")
        for kind, name in sorted(widths, key=lambda key: (order.index(key[0]), key[1])):
            self.of(kind, name)

    def of(self, kind: Kind, name: str) -> Attribute:
        """Where an attribute is found; one that no endpoint has gets a name too.

        Parameters
        ----------
        kind
            Whose attribute it is: the user's, the endpoint's, one of its metrics, or one that the conversion adds.
        name
            Its name in Pinpoint.
        """
        if (kind, name) not in self._known:
            self._known[kind, name] = self._new(kind, name)
        return self._known[kind, name]

    def all(self) -> Iterable[Attribute]:
        """All attributes by now."""
        return tuple(self._known.values())

    def held(self) -> Iterable[Attribute]:
        """Attributes that somebody has."""
        return [one for one in self._known.values() if (one.kind, one.name) in self._widths]

    def renamed(self) -> Iterable[Attribute]:
        """Attributes of users and endpoints that are not called what they were."""
        return [one for one in self.held() if one.kind in ("user", "endpoint") and one.columns != (one.name,)]

    def _new(self, kind: Kind, name: str) -> Attribute:
        width = self._widths.get((kind, name), 1)
        base = (_PREFIXES[kind] + _UNFIT.sub("_", name))[:_LENGTH]
        candidates = [base] if kind != "endpoint" else [base, f"endpoint_{base}"[:_LENGTH]]
        number = 2
        while True:
            for target in candidates:
                attribute = Attribute(kind, name, target, width, self._lists == "joined" and width > 1)
                if not self._taken.intersection(attribute.columns):
                    self._taken.update(attribute.columns)
                    return attribute
            ending = f"_v{number}"
            candidates = [f"{base[: _LENGTH - len(ending)]}{ending}"]
            number += 1


def values_of(one: Endpoint) -> dict[tuple[Kind, str], tuple[str, ...]]:
    """Everything of an endpoint that becomes attributes, but what no endpoint has twice over: its address and place.

    Parameters
    ----------
    one
        The endpoint.

    Returns
    -------
    dict
        Values by kind and name.
    """
    own = {"channel": one.channel, **{_snake(name): value for name, value in one.demographic.items()}}
    own |= {name.lower(): one.location[name] for name in ("Latitude", "Longitude") if name in one.location}
    own |= {"effective_date": one.effective_date}
    found: dict[tuple[Kind, str], tuple[str, ...]] = {("own", name): (value,) for name, value in own.items() if value}
    found |= {("user", name): values for name, values in one.user_attributes.items()}
    found |= {("endpoint", name): values for name, values in one.attributes.items()}
    return found


def _snake(name: str) -> str:
    """`AppVersion` is app_version."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
