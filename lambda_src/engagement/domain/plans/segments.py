"""Audiences as segments: the documents with which Amazon Pinpoint makes them.

The service takes one group of criteria and one group of source segments per segment. What nests deeper becomes segments
of its own, and each audience that is sent to leaves out the endpoints that stand for company events themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from engagement.domain.plans.audience import Criterion, Everyone, Existing, Expression, Group, Joint, Reference
from engagement.domain.plans.moments import instant, moment
from engagement.domain.plans.names import Names

Dimensions = Mapping[str, Any]
Joined = Literal["ALL", "ANY", "NONE"]

ROLE_ATTRIBUTE = "engagement_role"
COMPANY_ROLE = "company"

_JOINED: Mapping[Joint, Joined] = {"all": "ALL", "any": "ANY", "none": "NONE"}
_COMPARISONS = {
    "equals": "EQUAL",
    "above": "GREATER_THAN",
    "at_least": "GREATER_THAN_OR_EQUAL",
    "below": "LESS_THAN",
    "at_most": "LESS_THAN_OR_EQUAL",
}
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
_SPANS = {"P1D": "HR_24", "P7D": "DAY_7", "P14D": "DAY_14", "P30D": "DAY_30"}


@dataclass(frozen=True, slots=True)
class PlannedSegment:
    """A segment to make.

    Parameters
    ----------
    sources
        Names of planned segments that it builds on; they come first.
    existing
        ID of a segment of the project that it builds on; empty if there is none.
    sources_joined, dimensions_joined
        How the sources, and how the dimensions, are joined; an endpoint must pass both.
    """

    name: str
    tags: Mapping[str, str]
    sources: tuple[str, ...]
    existing: str
    sources_joined: Joined
    dimensions: tuple[Dimensions, ...]
    dimensions_joined: Joined

    def request(self, ids: Mapping[str, str]) -> dict[str, Any]:
        """The `WriteSegmentRequest`.

        Parameters
        ----------
        ids
            IDs of the planned segments that exist by now, by name; a source that is missing is a KeyError.
        """
        group: dict[str, Any] = {"Dimensions": list(self.dimensions), "Type": self.dimensions_joined}
        sources = [self.existing] if self.existing else [ids[name] for name in self.sources]
        if sources:
            group |= {"SourceSegments": [{"Id": source} for source in sources], "SourceType": self.sources_joined}
        groups = {"Groups": [group], "Include": "ALL"}
        return {"Name": self.name, "SegmentGroups": groups, "tags": dict(self.tags)}


class Segments:
    """The segments of one run: those of an audience are planned when it is asked for, and each once."""

    def __init__(self, names: Names, audiences: Mapping[str, Expression]) -> None:
        self._names = names
        self._audiences = audiences
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
        """Plan a segment of what holds for an expression, without the endpoints of company events."""
        members: Sequence[Expression] = (expression,)
        if isinstance(expression, Group):
            if _leaves_out_company(expression):
                self._part(name, name, audience, expression)
                return
            if expression.joint == "all":
                members = expression.members
        tests, others = _parted([member for member in members if not isinstance(member, Everyone)])
        dimensions = (*map(dimensions_of, tests), _role("is_not"))
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
            # An endpoint must pass sources and dimensions: alternatives must all be of one kind.
            others = (*others, Group("any", tests))
            tests = ()
        sources = tuple(self._source(f"{place}.{number}", audience, other) for number, other in enumerate(others))
        joined = _JOINED[group.joint]
        dimensions = tuple(map(dimensions_of, tests))
        if joined == "NONE":
            self._add(name, sources, "NONE", (*dimensions, _role("is")), "NONE")
        elif dimensions:
            self._add(name, (), "ALL", dimensions, "ANY")
        else:
            self._add(name, sources, "ANY", (_role("is_not"),), "ALL")

    def _add(
        self,
        name: str,
        sources: tuple[str, ...],
        sources_joined: Joined,
        dimensions: tuple[Dimensions, ...],
        dimensions_joined: Joined,
        existing: str = "",
    ) -> None:
        self._planned[name] = PlannedSegment(
            name, self._names.tags(), sources, existing, sources_joined, dimensions, dimensions_joined
        )


def dimensions_of(criterion: Criterion) -> Dimensions:
    """A criterion as `SegmentDimensions`."""
    kind, _, name = criterion.subject.partition(".")
    operator, values = criterion.operator, criterion.values
    if kind in ("user", "endpoint"):
        texts = [instant(moment(str(value))) for value in values] if operator in _MOMENTS else list(values)
        test = {"AttributeType": _ATTRIBUTE_TESTS[operator], "Values": texts}
        return {"UserAttributes" if kind == "user" else "Attributes": {name: test}}
    if kind == "metric":
        return {"Metrics": {name: {"ComparisonOperator": _COMPARISONS[operator], "Value": float(values[0])}}}
    if kind == "recency":
        return {"Behavior": {"Recency": {"Duration": _SPANS[str(values[0])], "RecencyType": operator.upper()}}}
    chosen = {"DimensionType": _ATTRIBUTE_TESTS[operator], "Values": list(values)}
    return {"Demographic": {"Channel": chosen}} if kind == "channel" else {"Location": {"Country": chosen}}


def _role(operator: str) -> Dimensions:
    return dimensions_of(Criterion((), f"endpoint.{ROLE_ATTRIBUTE}", operator, (COMPANY_ROLE,)))


def _leaves_out_company(group: Group) -> bool:
    """Whether the segment of a group does so by itself: alternatives that are criteria leave no room for it."""
    mixed = not all(isinstance(member, Criterion) for member in group.members)
    return group.joint == "none" or (group.joint == "any" and mixed)


def _parted(members: Sequence[Expression]) -> tuple[tuple[Criterion, ...], tuple[Expression, ...]]:
    """Criteria, and what must be a source segment."""
    tests = tuple(member for member in members if isinstance(member, Criterion))
    return tests, tuple(member for member in members if not isinstance(member, Criterion))
