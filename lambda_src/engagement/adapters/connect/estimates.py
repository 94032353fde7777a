"""Segment estimates of Customer Profiles: how many belong to an audience, without a list of them."""

from __future__ import annotations

from engagement.adapters.connect.sdk import ProfilesClient
from engagement.adapters.telling import export_told
from engagement.domain.plans.connect.segments import ConnectSegment, definition_name
from engagement.domain.stamps.exports import ExportState, Progress

_ENDED = {"SUCCEEDED": Progress.COMPLETED, "FAILED": Progress.FAILED}


class Estimates:
    """Estimates of the segments of a domain; snapshots, which could be counted too, are limited to 200 a day.

    Parameters
    ----------
    profiles
        A client that makes one attempt per call.
    domain
        The domain of Customer Profiles.
    """

    def __init__(self, profiles: ProfilesClient, domain: str) -> None:
        self._profiles = profiles
        self._domain = domain

    def start(self, segment_id: str, folder: str) -> str:  # noqa: ARG002 (nothing is written)
        """Start an estimate and return its ID.

        Raises
        ------
        ExportError
            It was not started, or it is not known whether it was.
        """
        members = {
            "SourceSegments": [{"SegmentDefinitionName": definition_name(segment_id)}],
            "SourceType": "ALL",
            # What a group without criteria of its own selects is not published.
            "Dimensions": [ConnectSegment.everyone],
            "Type": "ALL",
        }
        with export_told():
            answer = self._profiles.create_segment_estimate(
                DomainName=self._domain, SegmentQuery={"Include": "ALL", "Groups": [members]}
            )
        return str(answer["EstimateId"])

    def state(self, job_id: str, folder: str) -> ExportState:  # noqa: ARG002 (nothing is written)
        """How far an estimate is."""
        answer = self._profiles.get_segment_estimate(DomainName=self._domain, EstimateId=job_id)
        progress = _ENDED.get(answer["Status"], Progress.RUNNING)
        return ExportState(progress, int(answer["Estimate"]) if progress is Progress.COMPLETED else 0)
