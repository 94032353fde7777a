"""Segments and campaigns of Amazon Pinpoint."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from engagement.adapters.pinpoint.paging import pages
from engagement.adapters.telling import told
from engagement.domain.plans.names import RUN_TAG
from engagement.domain.runs.ports import CampaignState, Found
from engagement.domain.runs.records import Kind

if TYPE_CHECKING:
    from mypy_boto3_pinpoint import PinpointClient
    from mypy_boto3_pinpoint.type_defs import CampaignResponseTypeDef, SegmentResponseTypeDef

_ACTIVE = frozenset({"SCHEDULED", "EXECUTING", "PENDING_NEXT_RUN"})


class Campaigns:
    """Segments and campaigns of one project.

    Parameters
    ----------
    creating
        A client that asks once: whether something was made must be known after each attempt.
    asking
        A client for what may be asked twice.
    application_id
        The project's ID.

    Attributes
    ----------
    created
        How many of each kind were made, for metrics.
    """

    def __init__(self, creating: PinpointClient, asking: PinpointClient, application_id: str) -> None:
        self._creating = creating
        self._asking = asking
        self._application_id = application_id
        self.created: Counter[Kind] = Counter()

    def create(self, kind: Kind, request: Mapping[str, Any]) -> str:
        """Make a segment or a campaign, in one attempt, and return its ID.

        Raises
        ------
        RefusedError, ThrottledError, UnknownOutcomeError
        """
        body = cast("Any", request)
        names = {"ApplicationId": self._application_id}
        with told():
            if kind is Kind.SEGMENT:
                made = self._creating.create_segment(**names, WriteSegmentRequest=body)["SegmentResponse"]["Id"]
            else:
                made = self._creating.create_campaign(**names, WriteCampaignRequest=body)["CampaignResponse"]["Id"]
        self.created[kind] += 1
        return made

    def found(self, kind: Kind, run: str) -> list[Found]:
        """Everything of that kind which carries the run's tag, oldest first."""
        listed = self._segments() if kind is Kind.SEGMENT else self._campaigns()
        found = [
            Found(one.get("Name", ""), one["Id"], datetime.fromisoformat(one["CreationDate"]), _starts(one))
            for one in listed
            if one.get("tags", {}).get(RUN_TAG) == run
        ]
        return sorted(found, key=lambda one: one.made)

    def campaign(self, campaign_id: str) -> CampaignState:
        """How far a campaign is."""
        names = {"ApplicationId": self._application_id, "CampaignId": campaign_id}
        try:
            response = self._asking.get_campaign(**names)["CampaignResponse"]
            status = response.get("State", {}).get("CampaignStatus", "")
            if status == "SCHEDULED":
                return CampaignState(status)
            activities = self._asking.get_campaign_activities(**names)["ActivitiesResponse"]["Item"]
        except self._asking.exceptions.NotFoundException:
            return CampaignState("DELETED")
        return CampaignState(
            status,
            attempted=sum(one.get("TotalEndpointCount", 0) for one in activities),
            reached=sum(one.get("SuccessfulEndpointCount", 0) for one in activities),
        )

    def launch(self, campaign_id: str) -> bool:  # noqa: ARG002 (as all services)
        """Nothing has to be done: a campaign goes by itself."""
        return True

    def delete(self, kind: Kind, identifier: str) -> bool:
        """Delete; False if it cannot be deleted now. What is gone already counts as deleted."""
        try:
            if kind is Kind.SEGMENT:
                self._asking.delete_segment(ApplicationId=self._application_id, SegmentId=identifier)
            else:
                self._asking.delete_campaign(ApplicationId=self._application_id, CampaignId=identifier)
        except self._asking.exceptions.NotFoundException:
            return True
        except self._asking.exceptions.BadRequestException:
            return False
        return True

    def pause(self, campaign_id: str) -> bool:
        """Pause a campaign; False if it cannot be paused now."""
        try:
            self._asking.update_campaign(
                ApplicationId=self._application_id, CampaignId=campaign_id, WriteCampaignRequest={"IsPaused": True}
            )
        except (self._asking.exceptions.NotFoundException, self._asking.exceptions.BadRequestException):
            return False
        return True

    def active_campaigns_of_others(self) -> int:
        """Active campaigns of the project that no run has made."""
        return sum(
            one.get("State", {}).get("CampaignStatus") in _ACTIVE and RUN_TAG not in one.get("tags", {})
            for one in self._campaigns()
        )

    def _campaigns(self) -> Iterator[CampaignResponseTypeDef]:
        return pages(lambda **page: self._asking.get_campaigns(**page)["CampaignsResponse"], self._application_id)

    def _segments(self) -> Iterator[SegmentResponseTypeDef]:
        return pages(lambda **page: self._asking.get_segments(**page)["SegmentsResponse"], self._application_id)


def _starts(listed: Any) -> datetime | None:  # noqa: ANN401 (a segment or a campaign)
    start = listed.get("Schedule", {}).get("StartTime")
    return datetime.fromisoformat(start) if start else None
