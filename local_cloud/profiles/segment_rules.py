"""The rules of segments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from local_cloud.profiles.criteria import check_criterion
from local_cloud.service.messages import ServiceError

Document = Mapping[str, Any]

# Connect admin guide, segmentation troubleshooting: counted through source segments.
_MOST_ATTRIBUTES: Final = 60
_ADDRESSES: Final = ("Address", "ShippingAddress", "MailingAddress", "BillingAddress")


@dataclass(frozen=True)
class Criterion:
    """One comparison of a segment.

    Attributes
    ----------
    path
        Names that lead from a profile to the value.
    kind, wanted
        The comparison.
    """

    path: tuple[str, ...]
    kind: str
    wanted: Sequence[str]


def check_groups(groups: Document, known: Mapping[str, Document]) -> None:
    """Check what a segment is made of.

    Parameters
    ----------
    groups
        `SegmentGroups`, or the query of an estimate.
    known
        The segments of the domain.

    Raises
    ------
    ServiceError
        400 with the rule, 404 for a source segment that does not exist.
    """
    if not groups.get("Groups"):
        raise ServiceError(400, "Groups must hold a group")
    for number, group in enumerate(groups["Groups"]):
        _check_group(f"Groups[{number}]", group)
    for name in sources_of(groups):
        if name not in known:
            raise ServiceError(404, f"the segment definition {name} does not exist")
    if len(_attributes(groups, known)) > _MOST_ATTRIBUTES:
        raise ServiceError(400, f"a segment can have at most {_MOST_ATTRIBUTES} different attributes")


def sources_of(groups: Document) -> list[str]:
    """Return the names of the segments that a segment builds on."""
    return [
        source.get("SegmentDefinitionName", "")
        for group in groups["Groups"]
        for source in group.get("SourceSegments", [])
    ]


def criteria_of(dimension: Document) -> Iterator[Criterion]:
    """Return the comparisons of a dimension."""
    for name, member in dimension.get("ProfileAttributes", {}).items():
        if name == "Attributes" or name in _ADDRESSES:
            for below, criterion in member.items():
                yield Criterion((name, below), criterion["DimensionType"], criterion["Values"])
        else:
            yield Criterion((name,), member["DimensionType"], member["Values"])


def _check_group(where: str, group: Document) -> None:
    if not (group.get("Dimensions") or group.get("SourceSegments")):
        raise ServiceError(400, f"{where} must have Dimensions or SourceSegments")
    for number, dimension in enumerate(group.get("Dimensions", [])):
        place = f"{where}.Dimensions[{number}]"
        if "CalculatedAttributes" in dimension:
            raise ServiceError(400, f"{place}: calculated attributes are not emulated")
        criteria = list(criteria_of(dimension))
        # How several comparisons of one dimension are joined is not published: each in a dimension of its own says so.
        if len(criteria) != 1:
            raise ServiceError(400, f"{place} must have one attribute: write others as dimensions of their own")
        for criterion in criteria:
            check_criterion(f"{place}.{'.'.join(criterion.path)}", criterion.kind, criterion.wanted)


def _attributes(groups: Document, known: Mapping[str, Document]) -> set[tuple[str, ...]]:
    own = {
        criterion.path
        for group in groups["Groups"]
        for dimension in group.get("Dimensions", [])
        for criterion in criteria_of(dimension)
    }
    return own.union(*(_attributes(known[name]["SegmentGroups"], known) for name in sources_of(groups)))
