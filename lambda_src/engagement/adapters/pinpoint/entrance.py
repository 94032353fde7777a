"""How runs enter their journeys: company endpoints and events of Amazon Pinpoint."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

from engagement.adapters.telling import told
from engagement.domain.journeys.compiler import VERSION_ATTRIBUTE, event_type
from engagement.domain.journeys.versions import COMPANY_PREFIX
from engagement.domain.limits import EVENT_VALUE_LENGTH, NAME_LENGTH, NAMES_PER_EVENT, cut, length
from engagement.domain.plans.moments import instant
from engagement.domain.plans.pinpoint.segments import COMPANY_ROLE, ROLE_ATTRIBUTE
from engagement.domain.runs.ports import RefusedError, ThrottledError, UnknownOutcomeError
from engagement.domain.runs.records import RunRecord

if TYPE_CHECKING:
    from mypy_boto3_pinpoint import PinpointClient

    from engagement.adapters.versions import Versions

_TAKEN = HTTPStatus.ACCEPTED


class Entrance:
    """Company endpoints of one project.

    Parameters
    ----------
    pinpoint
        Gives a client that repeats: every call here may be made twice. Few runs need it.
    application_id
        The project's ID.
    versions
        The versions of journeys.
    now
        The time, with its zone.
    """

    def __init__(
        self,
        pinpoint: Callable[[], PinpointClient],
        application_id: str,
        versions: Versions,
        now: Callable[[], datetime],
    ) -> None:
        self._now = now
        self._pinpoint = pinpoint
        self._application_id = application_id
        self._versions = versions

    def opens(self, record: RunRecord) -> datetime | None:
        """From when on the run's version of the journey lets it in; None if it is not active."""
        version = self._versions.find(record.plan, record.journey)
        return version.live_from if version and not version.ended else None

    def prepare(self, run: str) -> bool:
        """Make the run's company endpoint; False if it cannot be seen yet."""
        endpoint_id = company_endpoint(run)
        with _passing():
            self._pinpoint().update_endpoint(
                ApplicationId=self._application_id,
                EndpointId=endpoint_id,
                EndpointRequest={
                    "ChannelType": "CUSTOM",
                    # Two endpoints with one address would make each other inactive.
                    "Address": endpoint_id,
                    "OptOut": "NONE",
                    "Attributes": {ROLE_ATTRIBUTE: [COMPANY_ROLE]},
                    "User": {"UserId": endpoint_id},
                },
            )
            try:
                self._pinpoint().get_endpoint(ApplicationId=self._application_id, EndpointId=endpoint_id)
            except self._pinpoint().exceptions.NotFoundException:
                return False
        return True

    def enter(self, record: RunRecord) -> None:
        """Send the event."""
        endpoint_id = company_endpoint(record.run)
        with _passing():
            answer = self._pinpoint().put_events(
                ApplicationId=self._application_id,
                EventsRequest={
                    "BatchItem": {
                        endpoint_id: {
                            "Endpoint": {},
                            "Events": {
                                record.run: {
                                    "EventType": event_type(record.plan),
                                    "Timestamp": instant(self._now()),
                                    "Attributes": _attributes(record),
                                }
                            },
                        }
                    }
                },
            )
        result = answer["EventsResponse"]["Results"][endpoint_id]["EventsItemResponse"][record.run]
        code = result.get("StatusCode", 0)
        if code != _TAKEN:
            if code == HTTPStatus.BAD_REQUEST:
                raise RefusedError("Pinpoint refused the event that enters the journey")
            raise ThrottledError

    def leave(self, record: RunRecord) -> None:
        """Remove the company endpoint and let the journey go; nothing happens to a run without a journey."""
        if not record.journey:
            return
        with _passing():
            self._delete(company_endpoint(record.run))
        self._versions.leave(record.plan, record.journey, record.run)

    def _delete(self, endpoint_id: str) -> None:
        try:
            self._pinpoint().delete_endpoint(ApplicationId=self._application_id, EndpointId=endpoint_id)
        except self._pinpoint().exceptions.NotFoundException:
            return


def _attributes(record: RunRecord) -> dict[str, str]:
    """The event's own attributes ride along as far as they fit, for whoever reads the stream of events."""
    names = sorted(name for name in record.values if length(name) <= NAME_LENGTH)[: NAMES_PER_EVENT - 1]
    return {
        **{name: cut(record.values[name], EVENT_VALUE_LENGTH) for name in names},
        VERSION_ATTRIBUTE: record.journey,
    }


@contextmanager
def _passing() -> Iterator[None]:
    """Everything here may be done twice, so what may have been done is done again."""
    try:
        with told():
            yield
    except UnknownOutcomeError as error:
        raise ThrottledError from error


def company_endpoint(run: str) -> str:
    """ID of a run's company endpoint, which is its address and its user too."""
    return f"{COMPANY_PREFIX}{run}"
