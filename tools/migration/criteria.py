"""Criteria of Pinpoint as tests that Customer Profiles can make of one profile."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from tools.migration.endpoints import number
from tools.migration.naming import JOINT, Attribute, Kind, Names
from tools.migration.people import COUNTRY

Joined = Literal["ALL", "ANY", "NONE"]
Document = Mapping[str, Any]
Dimension = dict[str, Any]
Note = tuple[str, str]
"""Where, and what is different."""

# Customer Profiles: values of one dimension.
_VALUES: Final = 50
_KINDS: Final[Mapping[str, Kind]] = {"Attributes": "endpoint", "UserAttributes": "user"}
_MOMENTS: Final = frozenset({"BEFORE", "AFTER", "ON", "BETWEEN"})
_NUMBERS: Final = frozenset({"EQUAL", "GREATER_THAN", "GREATER_THAN_OR_EQUAL", "LESS_THAN", "LESS_THAN_OR_EQUAL"})
_DEMOGRAPHIC: Final[Mapping[str, str]] = {
    "AppVersion": "app_version",
    "Channel": "channel",
    "Make": "make",
    "Model": "model",
    "Platform": "platform",
}
EXPORT_IT: Final = "export the segment's members into endpoints/<its Id>/, and they are marked instead"


class NoTwinError(Exception):
    """A criterion that no profile can answer."""

    def __init__(self, place: str, text: str) -> None:
        super().__init__(text)
        self.place = place
        self.text = text


@dataclass(frozen=True, slots=True)
class Clause:
    """Tests of one criterion.

    Parameters
    ----------
    joined
        How its tests are joined. What is to be excluded is NONE of what would be included, since what
        EXCLUSIVE does with profiles that lack the attribute is not published.
    attributes
        Names of the profile's attributes that it reads.
    notes
        What is different about it.
    """

    joined: Joined
    dimensions: tuple[Dimension, ...]
    attributes: frozenset[str]
    notes: tuple[Note, ...] = ()

    @property
    def is_single(self) -> bool:
        """Whether it is one test that must hold."""
        return len(self.dimensions) == 1 and self.joined != "NONE"


def clauses_of(dimensions: Mapping[str, Any], names: Names, place: str) -> Iterator[Clause]:
    """Turn criteria into clauses, which must all hold.

    Parameters
    ----------
    dimensions
        `SegmentDimensions` of Pinpoint.
    names
        Names of attributes.
    place
        Where they are in the document.

    Yields
    ------
    Clause
        One for each criterion.

    Raises
    ------
    NoTwinError
        No profile can answer a criterion.
    """
    for member, criteria in dimensions.items():
        if criteria:
            yield from _READERS.get(member, _unknown)(member, criteria, names, f"{place}.{member}")


def attribute_test(name: str, test: str, values: Sequence[str]) -> Dimension:
    """A test of one of the profile's own attributes."""
    return {"ProfileAttributes": {"Attributes": {name: {"DimensionType": test, "Values": list(values)}}}}


def _attributes(member: str, criteria: Document, names: Names, place: str) -> Iterator[Clause]:
    for name, criterion in criteria.items():
        yield _attribute(names.of(_KINDS[member], name), criterion, f"{place}.{name}")


def _metrics(_: str, criteria: Document, names: Names, place: str) -> Iterator[Clause]:
    for name, criterion in criteria.items():
        yield _metric(names.of("metric", name), criterion, f"{place}.{name}")


def _demographics(_: str, criteria: Document, names: Names, place: str) -> Iterator[Clause]:
    for name, criterion in criteria.items():
        yield _demographic(name, criterion, names, f"{place}.{name}")


def _behavior(_: str, __: Document, ___: Names, place: str) -> Iterator[Clause]:
    raise NoTwinError(place, "profiles do not know when somebody was last active")


def _unknown(_: str, __: Document, ___: Names, place: str) -> Iterator[Clause]:
    raise NoTwinError(place, "Pinpoint's model does not have this criterion")


def _attribute(attribute: Attribute, criterion: Mapping[str, Any], place: str) -> Clause:
    test, values = criterion.get("AttributeType") or "INCLUSIVE", _values(criterion, place)
    notes: list[Note] = []
    if attribute.is_list:
        what = f'one text with "{JOINT}"' if attribute.joined else f"the attributes {', '.join(attribute.columns)}"
        notes.append((place, f"its several values are {what}; what is written later is {attribute.name}"))
    if test in _MOMENTS:
        if attribute.joined:
            raise NoTwinError(place, "moments in a joined list cannot be compared; use LISTS=numbered")
        notes.append((place, f"whether the bounds of {test} count is for the service to say"))
        dimensions = [attribute_test(column, test, values) for column in attribute.columns]
    elif test in ("INCLUSIVE", "EXCLUSIVE"):
        dimensions = [one for column in attribute.columns for one in _has(attribute, column, values)]
    elif test == "CONTAINS":
        dimensions = [attribute_test(column, test, some) for column in attribute.columns for some in _portions(values)]
    else:
        raise NoTwinError(place, f"Pinpoint's model does not have the test {test}")
    joined: Joined = "NONE" if test == "EXCLUSIVE" else "ANY"
    return Clause(joined, tuple(dimensions), frozenset(attribute.columns), tuple(notes))


def _has(attribute: Attribute, column: str, values: Sequence[str]) -> Iterator[Dimension]:
    """Tests of which one holds if a value is there."""
    for some in _portions(values):
        yield attribute_test(column, "INCLUSIVE", some)
        if attribute.joined:
            yield attribute_test(column, "BEGINS_WITH", [f"{value}{JOINT}" for value in some])
            yield attribute_test(column, "ENDS_WITH", [f"{JOINT}{value}" for value in some])
            yield attribute_test(column, "CONTAINS", [f"{JOINT}{value}{JOINT}" for value in some])


def _metric(attribute: Attribute, criterion: Mapping[str, Any], place: str) -> Clause:
    test, value = criterion.get("ComparisonOperator"), criterion.get("Value")
    if test not in _NUMBERS or not isinstance(value, int | float):
        raise NoTwinError(place, "Pinpoint's model does not have this comparison")
    note = (place, f"the attribute {attribute.target} keeps the metric of the export; events do not change it")
    dimension = attribute_test(attribute.target, str(test), [number(float(value))])
    return Clause("ANY", (dimension,), frozenset(attribute.columns), (note,))


def _demographic(name: str, criterion: Mapping[str, Any], names: Names, place: str) -> Clause:
    if name not in _DEMOGRAPHIC:
        raise NoTwinError(place, "no export says it")
    attribute = names.of("own", _DEMOGRAPHIC[name])
    values = _values(criterion, place)
    dimensions = [one for column in attribute.columns for one in _has(attribute, column, values)]
    note = (place, f"the attribute {attribute.target} keeps what the export says; nothing changes it")
    return Clause(_sign(criterion), tuple(dimensions), frozenset(attribute.columns), (note,))


def _location(_: str, criteria: Document, names: Names, place: str) -> Iterator[Clause]:
    for name, criterion in criteria.items():
        here = f"{place}.{name}"
        if name != "Country":
            raise NoTwinError(here, "profiles have no coordinates")
        values = _values(criterion, here)
        dimensions = [
            {"ProfileAttributes": {"Address": {"Country": {"DimensionType": "INCLUSIVE", "Values": list(some)}}}}
            for some in _portions(values)
        ]
        attribute, read = names.of("own", COUNTRY), {"Address.Country"}
        if attribute.is_list:
            dimensions += [one for column in attribute.columns for one in _has(attribute, column, values)]
            read |= set(attribute.columns)
        yield Clause(_sign(criterion), tuple(dimensions), frozenset(read))


def _sign(criterion: Mapping[str, Any]) -> Joined:
    return "NONE" if criterion.get("DimensionType") == "EXCLUSIVE" else "ANY"


def _values(criterion: Mapping[str, Any], place: str) -> list[str]:
    values = criterion.get("Values")
    if not isinstance(values, list) or not values or not all(isinstance(value, str) for value in values):
        raise NoTwinError(place, "it has no values")
    return values


def _portions(values: Sequence[str]) -> Iterator[Sequence[str]]:
    for first in range(0, len(values), _VALUES):
        yield values[first : first + _VALUES]


_READERS: Final[Mapping[str, Callable[[str, Document, Names, str], Iterator[Clause]]]] = {
    "Attributes": _attributes,
    "UserAttributes": _attributes,
    "Metrics": _metrics,
    "Demographic": _demographics,
    "Location": _location,
    "Behavior": _behavior,
}
