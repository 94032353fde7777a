"""Journeys of Amazon Pinpoint, and the segment of those who may enter them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from engagement.adapters.pinpoint.paging import pages
from engagement.adapters.telling import told
from engagement.domain.journeys.compiler import segment_request
from engagement.domain.journeys.deploying import Listed

if TYPE_CHECKING:
    from mypy_boto3_pinpoint import PinpointClient


class Journeys:
    """Journeys of one project.

    Parameters
    ----------
    creating
        A client that asks once.
    asking
        A client for what may be asked twice.
    application_id
        The project's ID.
    segment_name
        Name of the segment of company endpoints; no other environment has one of that name.
    """

    def __init__(
        self, creating: PinpointClient, asking: PinpointClient, application_id: str, segment_name: str
    ) -> None:
        self._creating = creating
        self._asking = asking
        self._application_id = application_id
        self._segment_name = segment_name

    def all(self) -> list[Listed]:
        """Journeys of the project."""
        with told():
            listed = pages(lambda **page: self._asking.list_journeys(**page)["JourneysResponse"], self._application_id)
            return [Listed(one["Id"], one["Name"], one.get("State", "")) for one in listed]

    def entry_segment(self) -> str:
        """ID of the segment of company endpoints, which is made if there is none."""
        if known := self._segments():
            return known[0]
        with told():
            made = self._creating.create_segment(
                ApplicationId=self._application_id,
                WriteSegmentRequest=cast("Any", segment_request(self._segment_name)),
            )
        return made["SegmentResponse"]["Id"]

    def create(self, request: Mapping[str, Any]) -> str:
        """Make a journey, in one attempt, and return its ID."""
        with told():
            made = self._creating.create_journey(
                ApplicationId=self._application_id, WriteJourneyRequest=cast("Any", request)
            )
        return made["JourneyResponse"]["Id"]

    def activate(self, journey_id: str) -> None:
        """Publish a journey; one that somebody else has just published is fine."""
        errors = self._asking.exceptions
        with told():
            try:
                self._set_state(journey_id, "ACTIVE")
            except (errors.BadRequestException, errors.ConflictException):
                if self._state(journey_id) != "ACTIVE":
                    raise

    def cancel(self, journey_id: str) -> None:
        """Cancel a journey; one that is over, was never published, or is gone, is fine."""
        errors = self._asking.exceptions
        with told():
            try:
                self._set_state(journey_id, "CANCELLED")
            except (errors.NotFoundException, errors.BadRequestException, errors.ConflictException):
                return

    def delete(self, journey_id: str) -> None:
        """Delete a journey that is not active; one that is gone is fine."""
        with told():
            try:
                self._asking.delete_journey(ApplicationId=self._application_id, JourneyId=journey_id)
            except self._asking.exceptions.NotFoundException:
                return

    def delete_entry_segment(self) -> None:
        """Delete the segment of company endpoints."""
        for segment_id in self._segments():
            with told():
                self._asking.delete_segment(ApplicationId=self._application_id, SegmentId=segment_id)

    def _segments(self) -> list[str]:
        with told():
            listed = pages(lambda **page: self._asking.get_segments(**page)["SegmentsResponse"], self._application_id)
            return [one["Id"] for one in listed if one.get("Name") == self._segment_name]

    def _state(self, journey_id: str) -> str:
        journey = self._asking.get_journey(ApplicationId=self._application_id, JourneyId=journey_id)
        return journey["JourneyResponse"].get("State", "")

    def _set_state(self, journey_id: str, state: str) -> None:
        self._asking.update_journey_state(
            ApplicationId=self._application_id,
            JourneyId=journey_id,
            JourneyStateRequest={"State": cast("Any", state)},
        )
