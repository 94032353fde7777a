"""Who belongs to a segment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from local_cloud.profiles.criteria import fits
from local_cloud.profiles.mapping import value_at
from local_cloud.profiles.segment_rules import Criterion, criteria_of

Document = Mapping[str, Any]

# All is what a group and a segment mean without a word (reading).
_DEFAULT: Final = "ALL"


@dataclass(frozen=True)
class Membership:
    """Tells who belongs to the segments of one domain.

    Attributes
    ----------
    segments
        Segment definitions by name.
    """

    segments: Mapping[str, Document]

    def belongs(self, profile: Document, name: str) -> bool:
        """Tell whether a profile belongs to a segment.

        Parameters
        ----------
        profile, name
            The profile, and the name of a segment, which exists.

        Returns
        -------
        bool
            Whether it does.
        """
        return self.fits(profile, self.segments[name]["SegmentGroups"])

    def fits(self, profile: Document, groups: Document) -> bool:
        """Tell whether a profile fits what a segment is made of."""
        return joined(groups.get("Include"), (self._fits_group(profile, group) for group in groups["Groups"]))

    def _fits_group(self, profile: Document, group: Document) -> bool:
        """Whoever is in the source segments and fits the dimensions."""
        sources = [source["SegmentDefinitionName"] for source in group.get("SourceSegments", [])]
        if sources and not joined(group.get("SourceType"), (self.belongs(profile, name) for name in sources)):
            return False
        criteria = [criterion for dimension in group.get("Dimensions", []) for criterion in criteria_of(dimension)]
        return not criteria or joined(group.get("Type"), (_fits_criterion(profile, one) for one in criteria))


def joined(how: str | None, facts: Iterable[bool]) -> bool:
    """Tell whether all, any or none of some facts hold; all without a word."""
    how = how or _DEFAULT
    return all(facts) if how == "ALL" else any(facts) == (how == "ANY")


def _fits_criterion(profile: Document, criterion: Criterion) -> bool:
    value = value_at(profile, criterion.path)
    return fits(criterion.kind, criterion.wanted, value if isinstance(value, str) else None)
