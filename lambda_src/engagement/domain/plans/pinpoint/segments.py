"""Segments: the documents with which Amazon Pinpoint makes them.

Each audience leaves out the endpoints that stand for company events themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engagement.domain.plans.audience import Criterion
from engagement.domain.plans.segments import Dimensions, PlannedSegment, comparison

ROLE_ATTRIBUTE = "engagement_role"
COMPANY_ROLE = "company"

_COMPARISONS = {
    "equals": "EQUAL",
    "above": "GREATER_THAN",
    "at_least": "GREATER_THAN_OR_EQUAL",
    "below": "LESS_THAN",
    "at_most": "LESS_THAN_OR_EQUAL",
}
_SPANS = {"P1D": "HR_24", "P7D": "DAY_7", "P14D": "DAY_14", "P30D": "DAY_30"}


def _role(test: str) -> Dimensions:
    return {"Attributes": {ROLE_ATTRIBUTE: {"AttributeType": test, "Values": [COMPANY_ROLE]}}}


@dataclass(frozen=True, slots=True)
class PinpointSegment(PlannedSegment):
    """A segment of the project."""

    everyone = _role("EXCLUSIVE")
    nobody = _role("INCLUSIVE")

    @staticmethod
    def dimensions_of(criterion: Criterion) -> Dimensions:
        """A criterion as `SegmentDimensions`."""
        kind, _, name = criterion.subject.partition(".")
        operator, values = criterion.operator, criterion.values
        if kind == "metric":
            return {"Metrics": {name: {"ComparisonOperator": _COMPARISONS[operator], "Value": float(values[0])}}}
        if kind == "recency":
            return {"Behavior": {"Recency": {"Duration": _SPANS[str(values[0])], "RecencyType": operator.upper()}}}
        test, operands = comparison(criterion)
        if kind in ("user", "endpoint"):
            attributes = {name: {"AttributeType": test, "Values": operands}}
            return {"UserAttributes" if kind == "user" else "Attributes": attributes}
        chosen = {"DimensionType": test, "Values": operands}
        return {"Demographic": {"Channel": chosen}} if kind == "channel" else {"Location": {"Country": chosen}}

    def request(self, ids: Mapping[str, str]) -> dict[str, Any]:
        """The `WriteSegmentRequest`."""
        sources = [self.existing] if self.existing else [ids[name] for name in self.sources]
        groups = self.groups([{"Id": source} for source in sources])
        return {"Name": self.name, "SegmentGroups": groups, "tags": dict(self.tags)}
