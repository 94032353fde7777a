"""Who enters a journey, and who is left out without a word but for a metric."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from local_cloud.pinpoint.applications import Application
from local_cloud.pinpoint.endpoint_rules import endpoint_key, user_id_of
from local_cloud.pinpoint.environment import Environment
from local_cloud.pinpoint.journey_graph import entry_segment
from local_cloud.pinpoint.journey_progress import Participant, Progress, participant_key
from local_cloud.pinpoint.members import Membership
from local_cloud.pinpoint.obstacles import Obstacle, obstacle_of
from local_cloud.pinpoint.visibility import visible_endpoint, visible_endpoints
from local_cloud.service.moments import duration, iso_8601, known_instant

Document = Mapping[str, Any]

# Pinpoint developer guide, standard metrics.
_METRICS: Final[Mapping[Obstacle, str]] = {
    "no_channel": "ENDPOINT_MISSING_CHANNEL",
    "no_address": "ENDPOINT_MISSING_ADDRESS",
    "inactive": "ENDPOINT_INACTIVE",
    "opted_out": "ENDPOINT_OPT_OUT",
}
# Not published: the console offers an interval for larger numbers only (reading).
_DEFAULT_REENTRY_CAP: Final = 1


@dataclass(frozen=True)
class Entrance:
    """Lets endpoints into a journey. Whoever uses it holds the lock.

    Attributes
    ----------
    environment, application
        Where the endpoints are.
    journey, progress
        The journey.
    """

    environment: Environment
    application: Application
    journey: Document
    progress: Progress

    def by_event(self, endpoint_id: str) -> None:
        """Let the endpoint of an event in, with the others of its user.

        Parameters
        ----------
        endpoint_id
            Whose event it was.
        """
        now = self.environment.wall_clock()
        endpoint = self.application.endpoints.find(endpoint_id)
        if endpoint is None:
            return
        self.progress.count("ENDPOINT_PRODUCED")
        if self._is_left_out(endpoint):
            return
        segment_id = entry_segment(self.journey)
        if segment_id and not self._belongs(endpoint_id, segment_id, now):
            self.progress.count("FILTERED_OUT_BY_SEGMENT")
        else:
            self._admit(endpoint, now)

    def by_segment(self, members: Iterable[str]) -> None:
        """Let the members of a segment in, each with the others of its user.

        Parameters
        ----------
        members
            Ids of endpoints. Those who came in with another member are not looked at again.
        """
        now, came_along = self.environment.wall_clock(), set[str]()
        for endpoint_id in members:
            endpoint = self.application.endpoints.find(endpoint_id)
            if endpoint is None or endpoint_key(endpoint_id) in came_along:
                continue
            self.progress.count("ENDPOINT_PRODUCED")
            if not self._is_left_out(endpoint):
                participant = self._admit(endpoint, now)
                came_along |= {endpoint_key(one) for one in participant.endpoints} if participant else set()

    def _is_left_out(self, endpoint: Document) -> bool:
        obstacle = obstacle_of(endpoint)
        if obstacle:
            self.progress.count(_METRICS[obstacle])
        return obstacle is not None

    def _belongs(self, endpoint_id: str, segment_id: str, now: datetime) -> bool:
        seen = visible_endpoint(self.environment, self.application, endpoint_id, now)
        membership = Membership(self.application.segments, now, self.environment.settings().time_factor)
        return seen is not None and membership.belongs(seen, self.application.segments.get(segment_id))

    def _admit(self, endpoint: Document, now: datetime) -> Participant | None:
        """Pinpoint user guide, journeys: all endpoints of a user move together; who is inside does not enter again."""
        key = participant_key(user_id_of(endpoint), endpoint["Id"])
        if self.progress.inside(key) or self.progress.inside(endpoint_key(endpoint["Id"])):
            self.progress.count("ACTIVE_ENDPOINT_REJECTED")
            return None
        if not self._may_enter_again(key, now):
            self.progress.count("REENTRY_CAP_EXCEEDED")
            return None
        participant = Participant(
            id=uuid.uuid4().hex,
            key=key,
            endpoints=[endpoint["Id"], *self._others(endpoint)],
            activity=self.journey["StartActivity"],
            since=iso_8601(now),
        )
        self.progress.admit(participant)
        return participant

    def _may_enter_again(self, key: str, now: datetime) -> bool:
        limits, factor = self.journey.get("Limits", {}), self.environment.settings().time_factor
        times, last = self.progress.entries.get(key, (0, ""))
        cap = limits.get("EndpointReentryCap", _DEFAULT_REENTRY_CAP)
        if not times:
            return True
        interval = duration(limits.get("EndpointReentryInterval", "PT0S")) or timedelta()
        return not (cap and times >= cap) and known_instant(last) + interval / factor <= now

    def _others(self, endpoint: Document) -> list[str]:
        """The segment decides about the endpoint that enters only (reading)."""
        user_id = user_id_of(endpoint)
        others = self.application.endpoints.of_user(user_id) if user_id else []
        found = [other["Id"] for other in others if other["Id"] != endpoint["Id"] and not self._is_left_out(other)]
        if found:
            self.progress.count("ENDPOINTS_FROM_USER", len(found))
        # One that came in with another user stays with that one.
        return [other for other in found if not self.progress.inside(endpoint_key(other))]


@dataclass(frozen=True)
class SegmentEntry:
    """Lets the members of a journey's segment in.

    Attributes
    ----------
    entrance
        How they enter.
    """

    entrance: Entrance

    def __call__(self) -> None:
        """Find the members and let them in."""
        entrance, environment = self.entrance, self.entrance.environment
        application, progress = entrance.application, entrance.progress
        now = environment.wall_clock()
        with environment.lock:
            segment = application.segments.get(entry_segment(entrance.journey) or "")
            known = visible_endpoints(environment, application, now)
        # This takes the time, and needs no lock.
        membership = Membership(application.segments, now, environment.settings().time_factor)
        members = [endpoint["Id"] for endpoint in known if membership.belongs(endpoint, segment)]
        with environment.lock:
            progress.entering = False
            journeys, identifier = application.journeys, entrance.journey["Id"]
            # It may have been cancelled or paused in the meantime.
            if identifier not in journeys.documents or journeys.documents.get(identifier)["State"] != "ACTIVE":
                return
            progress.segment_version = segment["Version"]
            entrance.by_segment(members)
            if progress.refresh_due is None and not entrance.journey.get("RefreshOnSegmentUpdate"):
                # Service model, JourneyResponse: it has started, and no refresh frequency has been specified for it.
                journeys.change_state(identifier, "CLOSED", iso_8601(now))
