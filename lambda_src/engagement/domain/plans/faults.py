"""What is wrong with a plan: where, which rule, and what to do."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

Path = tuple[str | int, ...]
"""The way from the root of a document to a value: keys and indexes."""

_PLAIN_KEY = re.compile(r"[A-Za-z_$][A-Za-z0-9_-]*")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing to mend.

    Parameters
    ----------
    where
        The way to the value at fault; of something that is missing, where it belongs.
    rule, remedy
        Each a sentence without its full stop.
    """

    where: Path
    rule: str
    remedy: str

    @property
    def path(self) -> str:
        """`where` as a JSON path, e.g. `$.steps[0].send[1].channel`."""
        return "$" + "".join(map(_part, self.where))

    def __str__(self) -> str:
        return f"{self.path}: {self.rule}. {self.remedy.removesuffix('.')}."


class PlanError(ValueError):
    """A plan that cannot be used, with every fault that was found."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))


def in_order(document: object, faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """`faults` in the order in which a reader of `document` meets them, each once."""
    return tuple(sorted(dict.fromkeys(faults), key=lambda fault: _position(document, fault.where)))


def one_of(names: Iterable[str], setting: str = "") -> str:
    """The remedy for a name that nobody knows: those that are known, or who can add one."""
    known = sorted(names)
    if known:
        return f"Use one of {', '.join(known)}"
    return f"Ask the platform team to add one to {setting}" if setting else "Add it to audiences"


def _part(part: str | int) -> str:
    if isinstance(part, int):
        return f"[{part}]"
    return f".{part}" if _PLAIN_KEY.fullmatch(part) else f"[{json.dumps(part, ensure_ascii=False)}]"


def _position(value: object, where: Path) -> list[int]:
    """Places along the way; what is missing stands behind what is there."""
    places = []
    for part in where:
        keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
        there = part in keys
        places.append(list(keys).index(part) if there else len(keys))
        value = value[part] if there else None  # type: ignore[index]  # `keys` says that it has one
    return places
