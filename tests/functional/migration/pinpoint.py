"""Who belongs to segments, by the emulator of Pinpoint."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from local_cloud.pinpoint.members import Membership
from local_cloud.pinpoint.versions import Versions

Document = Mapping[str, Any]


def members_of(segments: Iterable[Document], endpoints: Iterable[Document], now: datetime) -> dict[str, set[str]]:
    """Ids of the endpoints in each dimensional segment, by the segment's id."""
    known, everybody = Versions("segment"), list(endpoints)
    dimensional = [one for one in segments if one["SegmentType"] == "DIMENSIONAL"]
    for segment in dimensional:
        known.add(segment["Id"], dict(segment))
    membership = Membership(known, now, 1.0)
    return {
        segment["Id"]: {one["Id"] for one in everybody if membership.belongs(one, segment)} for segment in dimensional
    }
