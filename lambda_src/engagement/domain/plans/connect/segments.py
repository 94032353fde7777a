"""Segment definitions: the documents with which Customer Profiles makes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engagement.domain.plans.audience import Criterion
from engagement.domain.plans.segments import Dimensions, PlannedSegment, comparison

# No customer may have it. A group without criteria selects nobody knows whom; every customer's profile has a number.
_NOBODY = "engagement-nobody"


def _account(test: str) -> Dimensions:
    return {"ProfileAttributes": {"AccountNumber": {"DimensionType": test, "Values": [_NOBODY]}}}


@dataclass(frozen=True, slots=True)
class ConnectSegment(PlannedSegment):
    """A segment definition of the domain; definitions refer to each other by name."""

    everyone = _account("EXCLUSIVE")
    nobody = _account("INCLUSIVE")

    @staticmethod
    def dimensions_of(criterion: Criterion) -> Dimensions:
        """A criterion on the user or the country, the only ones that profiles can answer, as a `Dimension`."""
        kind, _, name = criterion.subject.partition(".")
        test, values = comparison(criterion)
        dimension = {"DimensionType": test, "Values": values}
        own = {"Attributes": {name: dimension}} if kind == "user" else {"Address": {"Country": dimension}}
        return {"ProfileAttributes": own}

    def request(self, ids: Mapping[str, str]) -> dict[str, Any]:  # noqa: ARG002 (names are known before)
        """The parameters of `CreateSegmentDefinition`, without the domain."""
        sources = [definition_name(self.existing)] if self.existing else self.sources
        return {
            "SegmentDefinitionName": self.name,
            "DisplayName": self.name,
            "SegmentGroups": self.groups([{"SegmentDefinitionName": source} for source in sources]),
            "Tags": dict(self.tags),
        }


def definition_name(segment_id: str) -> str:
    """Name of a segment definition that a plan gives by name or by ARN."""
    return segment_id.rpartition("/")[2]
