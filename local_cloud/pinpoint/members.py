"""Who belongs to a segment. Service model: members of a dynamic segment are worked out when they are needed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from local_cloud.pinpoint.dimensions import endpoint_matches
from local_cloud.pinpoint.segment_rules import sources_of
from local_cloud.pinpoint.versions import Versions

Document = Mapping[str, Any]

# `Include`, `SourceType` and `Type` of the service model.
_JOINED: Final[Mapping[str, Callable[[Iterable[bool]], bool]]] = {
    "ALL": all,
    "ANY": any,
    "NONE": lambda results: not any(results),
}


def bases_of(segments: Versions, segment: Document) -> Iterator[Document]:
    """Yield the segments that a segment builds on, directly or not.

    Parameters
    ----------
    segments
        All segments of the application.
    segment
        A version of a segment, or the request for one.

    Yields
    ------
    Mapping
        Versions of segments; one may come several times.
    """
    for source in sources_of(segment):
        base = segments.get(source["Id"], source.get("Version"))
        yield base
        yield from bases_of(segments, base)


class Membership:
    """Decides for endpoints whether they belong to segments.

    Parameters
    ----------
    segments
        All segments of the application, for those that a segment builds on.
    now, factor
        Moment from which recency counts, and how many times faster it passes.
    """

    def __init__(self, segments: Versions, now: datetime, factor: float) -> None:
        self._segments = segments
        self._now = now
        self._factor = factor

    def belongs(self, endpoint: Document, segment: Document) -> bool:
        """Tell whether an endpoint belongs to a segment.

        Parameters
        ----------
        endpoint
            The endpoint.
        segment
            A version of a segment.

        Returns
        -------
        bool
            Whether it does.
        """
        if "Dimensions" in segment:
            return self._matches(endpoint, segment["Dimensions"])
        groups = segment["SegmentGroups"]
        return _join(groups.get("Include"), [self._fits(endpoint, group) for group in groups["Groups"]])

    def _fits(self, endpoint: Document, group: Document) -> bool:
        """Service model, SegmentGroup: dimensions filter the base segments; without one, all endpoints are the base."""
        sources = (
            self._segments.get(source["Id"], source.get("Version")) for source in group.get("SourceSegments", [])
        )
        dimensions = group.get("Dimensions", [])
        return _join(group.get("SourceType"), [self.belongs(endpoint, source) for source in sources]) and _join(
            group.get("Type"), [self._matches(endpoint, one) for one in dimensions]
        )

    def _matches(self, endpoint: Document, dimensions: Document) -> bool:
        return endpoint_matches(dimensions, endpoint, self._now, self._factor)


def _join(how: str | None, results: list[bool]) -> bool:
    """Nothing to join restricts nothing; what is not said is ALL (reading)."""
    return not results or _JOINED[how or "ALL"](results)
