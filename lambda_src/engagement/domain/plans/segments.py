"""Audiences as segments.

A segment has one group of criteria and one group of source segments. What nests deeper becomes segments of its own.
Which documents make them is the destination's business.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from engagement.domain.plans.audience import Criterion, Everyone, Existing, Expression, Group, Joint, Reference
from engagement.domain.plans.moments import instant, moment
from engagement.domain.plans.names import Names

Dimensions = Mapping[str, Any]
Joined = Literal["ALL", "ANY", "NONE"]

_JOINED: Mapping[Joint, Joined] = {"all": "ALL", "any": "ANY", "none": "NONE"}
_ATTRIBUTE_TESTS = {
    "is": "INCLUSIVE",
    "is_not": "EXCLUSIVE",
    "contains": "CONTAINS",
    "before": "BEFORE",
    "after": "AFTER",
    "on": "ON",
    "between": "BETWEEN",
}
_MOMENTS = frozenset({"before", "after", "on", "between"})


@dataclass(frozen=True, slots=True)
class PlannedSegment(ABC):
    """A segment to make.

    `everyone` is the criterion that every member of an audience meets, `nobody` the one that no member meets.

    Parameters
    ----------
    sources
        Names of planned segments that it builds on; they come first.
    existing
        A segment, not of the run, that it builds on, as the plan names it; empty if there is none.
    sources_joined, dimensions_joined
        How the sources, and how the dimensions, are joined; a member must pass both.
    """

    everyone: ClassVar[Dimensions]
    nobody: ClassVar[Dimensions]

    name: str
    tags: Mapping[str, str]
    sources: tuple[str, ...]
    existing: str
    sources_joined: Joined
    dimensions: tuple[Dimensions, ...]
    dimensions_joined: Joined

    @staticmethod
    @abstractmethod
    def dimensions_of(criterion: Criterion) -> Dimensions:
        """A criterion as the destination writes it."""

    @abstractmethod
    def request(self, ids: Mapping[str, str]) -> dict[str, Any]:
        """The request that makes it.

        Parameters
        ----------
        ids
            IDs of the planned segments that exist by now, by name; all its sources are among them.
        """

    def groups(self, sources: Sequence[Mapping[str, str]]) -> dict[str, Any]:
        """`SegmentGroups`, for sources as the destination refers to them."""
        group: dict[str, Any] = {"Dimensions": list(self.dimensions), "Type": self.dimensions_joined}
        if sources:
            group |= {"SourceSegments": list(sources), "SourceType": self.sources_joined}
        return {"Groups": [group], "Include": "ALL"}


class Segments:
    """The segments of one run: those of an audience are planned when it is asked for, and each once.

    Parameters
    ----------
    kind
        The segments of the destination.
    """

    def __init__(self, names: Names, audiences: Mapping[str, Expression], kind: type[PlannedSegment]) -> None:
        self._names = names
        self._audiences = audiences
        self._kind = kind
        self._planned: dict[str, PlannedSegment] = {}

    def of(self, audience: str) -> str:
        """Name of the segment that holds an audience."""
        name = self._names.of("segment", audience)
        if name not in self._planned:
            self._whole(name, audience, self._audiences[audience])
        return name

    def needed(self, audiences: Iterable[str]) -> tuple[PlannedSegment, ...]:
        """The segments of these audiences and what they build on, in an order in which they can be made."""
        needed: dict[str, PlannedSegment] = {}

        def add(name: str) -> None:
            segment = self._planned[name]
            for source in segment.sources:
                add(source)
            needed.setdefault(name, segment)

        for audience in audiences:
            add(self.of(audience))
        return tuple(needed.values())

    def _whole(self, name: str, audience: str, expression: Expression) -> None:
        """Plan a segment of what holds for an expression, and of nobody who is in no audience."""
        members: Sequence[Expression] = (expression,)
        if isinstance(expression, Group):
            if _leaves_out_others(expression):
                self._part(name, name, audience, expression)
                return
            if expression.joint == "all":
                members = expression.members
        tests, others = _parted([member for member in members if not isinstance(member, Everyone)])
        dimensions = (*map(self._kind.dimensions_of, tests), self._kind.everyone)
        if len(others) == 1 and isinstance(others[0], Existing):
            self._add(name, (), "ALL", dimensions, "ALL", existing=others[0].segment_id)
        else:
            sources = tuple(self._source(f"{name}.{place}", audience, other) for place, other in enumerate(others))
            self._add(name, sources, "ALL", dimensions, "ALL")

    def _source(self, place: str, audience: str, expression: Expression) -> str:
        """Name of a segment for a part of an audience; `place` is where it stands, for a name of its own."""
        if isinstance(expression, Reference):
            return self.of(expression.name)
        name = self._names.of("part", place, label=f"{audience}-part")
        if isinstance(expression, Group) and expression.joint != "all":
            self._part(name, place, audience, expression)
        else:
            self._whole(name, audience, expression)
        return name

    def _part(self, name: str, place: str, audience: str, group: Group) -> None:
        tests, others = _parted(group.members)
        if group.joint == "any" and tests and others:
            # A member must pass sources and dimensions: alternatives must all be of one kind.
            others = (*others, Group("any", tests))
            tests = ()
        sources = tuple(self._source(f"{place}.{number}", audience, other) for number, other in enumerate(others))
        joined = _JOINED[group.joint]
        dimensions = tuple(map(self._kind.dimensions_of, tests))
        if joined == "NONE":
            self._add(name, sources, "NONE", (*dimensions, self._kind.nobody), "NONE")
        elif dimensions:
            self._add(name, (), "ALL", dimensions, "ANY")
        else:
            self._add(name, sources, "ANY", (self._kind.everyone,), "ALL")

    def _add(
        self,
        name: str,
        sources: tuple[str, ...],
        sources_joined: Joined,
        dimensions: tuple[Dimensions, ...],
        dimensions_joined: Joined,
        existing: str = "",
    ) -> None:
        self._planned[name] = self._kind(
            name, self._names.tags(), sources, existing, sources_joined, dimensions, dimensions_joined
        )


def comparison(criterion: Criterion) -> tuple[str, list[str | float]]:
    """A test on texts or moments: how both services name its operator, and its values."""
    operator, values = criterion.operator, criterion.values
    if operator in _MOMENTS:
        values = tuple(instant(moment(str(value))) for value in values)
    return _ATTRIBUTE_TESTS[operator], list(values)


def _leaves_out_others(group: Group) -> bool:
    """Whether the segment of a group does so by itself: alternatives that are criteria leave no room for it."""
    mixed = not all(isinstance(member, Criterion) for member in group.members)
    return group.joint == "none" or (group.joint == "any" and mixed)


def _parted(members: Sequence[Expression]) -> tuple[tuple[Criterion, ...], tuple[Expression, ...]]:
    """Criteria, and what must be a source segment."""
    tests = tuple(member for member in members if isinstance(member, Criterion))
    return tests, tuple(member for member in members if not isinstance(member, Criterion))
