"""What a segment may hold. Pure functions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from local_cloud.pinpoint.dimensions import COMPARISONS
from local_cloud.service.messages import ServiceError
from local_cloud.service.moments import instant

Document = Mapping[str, Any]

# Pinpoint quotas: 100 dimensions per segment. Every value counts (reading).
VALUES_PER_SEGMENT: Final = 100

_MOMENTS: Final[Mapping[str, int]] = {"BEFORE": 1, "AFTER": 1, "ON": 1, "BETWEEN": 2}


def check_segment(request: Document) -> None:
    """Check the criteria of a segment.

    Parameters
    ----------
    request
        `WriteSegmentRequest`, in the shape of the service model.

    Raises
    ------
    ServiceError
        400 with the rule.
    """
    # Service model, WriteSegmentRequest: dimensions or groups, not both. Neither is refused too (reading).
    if ("Dimensions" in request) == ("SegmentGroups" in request):
        raise ServiceError(400, "a segment has either Dimensions or SegmentGroups")
    groups = request.get("SegmentGroups", {}).get("Groups", [])
    # Service model, WriteSegmentRequest: only one segment group.
    if "SegmentGroups" in request and len(groups) != 1:
        raise ServiceError(400, "SegmentGroups must have exactly one group")
    criteria = list(_criteria(request))
    for dimensions in criteria:
        check_dimensions(dimensions)
    if sum(_values(dimensions) for dimensions in criteria) > VALUES_PER_SEGMENT:
        raise ServiceError(400, f"a segment can have at most {VALUES_PER_SEGMENT} dimensions")


def sources_of(segment: Document) -> list[Document]:
    """Return the references to the segments that a segment builds on."""
    groups = segment.get("SegmentGroups", {}).get("Groups", [])
    return [source for group in groups for source in group.get("SourceSegments", [])]


def check_dimensions(dimensions: Document) -> None:
    """Check one set of criteria, of a segment or of an event filter.

    Parameters
    ----------
    dimensions
        `SegmentDimensions` or `EventDimensions`.

    Raises
    ------
    ServiceError
        400 with the rule.
    """
    for kind in ("Attributes", "UserAttributes"):
        for name, dimension in dimensions.get(kind, {}).items():
            _check_attribute(f"{kind}.{name}", dimension)
    for name, dimension in dimensions.get("Metrics", {}).items():
        if dimension["ComparisonOperator"] not in COMPARISONS:
            raise ServiceError(400, f"Metrics.{name}: ComparisonOperator must be one of {', '.join(COMPARISONS)}")
    for name, dimension in _sets(dimensions):
        if not dimension["Values"]:
            raise ServiceError(400, f"{name} must have values")
    if "DeviceType" in dimensions.get("Demographic", {}):
        raise ServiceError(400, "Demographic.DeviceType is not emulated: no endpoint shows its device type")
    if "RangeInKilometers" not in dimensions.get("Location", {}).get("GPSPoint", {"RangeInKilometers": 0}):
        raise ServiceError(400, "GPSPoint must have RangeInKilometers")


def _check_attribute(name: str, dimension: Document) -> None:
    values, wanted = dimension["Values"], _MOMENTS.get(dimension.get("AttributeType", "INCLUSIVE"))
    if not values:
        raise ServiceError(400, f"{name} must have values")
    # Service model, AttributeDimension: these compare with moments in the form of ISO_INSTANT.
    if wanted and (len(values) != wanted or None in map(instant, values)):
        raise ServiceError(400, f"{name} must have {wanted} value(s) like 2026-01-02T03:04:05Z")


def _criteria(request: Document) -> Iterator[Document]:
    if "Dimensions" in request:
        yield request["Dimensions"]
    for group in request.get("SegmentGroups", {}).get("Groups", []):
        yield from group.get("Dimensions", [])


def _sets(dimensions: Document) -> Iterator[tuple[str, Document]]:
    for name, dimension in dimensions.get("Demographic", {}).items():
        yield f"Demographic.{name}", dimension
    if "Country" in dimensions.get("Location", {}):
        yield "Location.Country", dimensions["Location"]["Country"]
    if "EventType" in dimensions:
        yield "EventType", dimensions["EventType"]


def _values(dimensions: Document) -> int:
    attributes = [*dimensions.get("Attributes", {}).values(), *dimensions.get("UserAttributes", {}).values()]
    sets = [dimension for _, dimension in _sets(dimensions)]
    single = len(dimensions.get("Metrics", {})) + len(dimensions.get("Behavior", {}))
    return sum(len(one["Values"]) for one in (*attributes, *sets)) + single
