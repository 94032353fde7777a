"""Activities of a journey that send: by a function, or by template to a channel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from local_cloud.pinpoint.applications import Application
from local_cloud.pinpoint.campaign_rules import channels_of
from local_cloud.pinpoint.environment import Environment
from local_cloud.pinpoint.function_calls import FunctionCalls, shown
from local_cloud.pinpoint.journey_answers import read_event_attributes
from local_cloud.pinpoint.journey_events import take_in_outcome
from local_cloud.pinpoint.journey_progress import Participant, Progress
from local_cloud.pinpoint.journeys import arn_of
from local_cloud.pinpoint.message_counts import Limits
from local_cloud.pinpoint.message_outcomes import outcomes_of
from local_cloud.pinpoint.obstacles import is_quiet, obstacle_of
from local_cloud.pinpoint.sending import Sender
from local_cloud.service.messages import ServiceError
from local_cloud.service.neighbours import NeighbourError, Source
from local_cloud.service.rendering import RenderingError

Document = Mapping[str, Any]
Endpoints = Mapping[str, Document]

_KINDS: Final[Mapping[str, str]] = {"EMAIL": "Email", "SMS": "SMS", "PUSH": "Push"}


@dataclass(frozen=True)
class Messages:
    """Sends to participants. Nobody holds the lock meanwhile.

    Attributes
    ----------
    environment, application
        What it works with.
    journey, progress
        The journey, whose counts grow.
    """

    environment: Environment
    application: Application
    journey: Document
    progress: Progress

    def send(self, identifier: str, kind: str, settings: Document, group: Sequence[Participant]) -> None:
        """Perform an activity that sends.

        Parameters
        ----------
        identifier, kind, settings
            The activity.
        group
            Participants, who together have no more endpoints than a function takes at once. Whoever gets nothing
            passes by.
        """
        treatment = _treatment(kind, settings)
        with self.environment.lock:
            targets = self._targets(identifier, channels_of(treatment), group)
        if not targets:
            return
        if kind == "CUSTOM":
            self._call(identifier, settings, group, targets)
        else:
            for endpoint in targets.values():
                self._deliver(identifier, treatment, endpoint)

    def _targets(
        self, identifier: str, channels: frozenset[str], group: Sequence[Participant]
    ) -> dict[str, dict[str, Any]]:
        """Choose who gets the message, as campaigns do, and count it."""
        found: dict[str, dict[str, Any]] = {}
        now, factor = self.environment.wall_clock(), self.environment.settings().time_factor
        quiet_time = self.journey.get("QuietTime") or self.application.settings["QuietTime"]
        limits, counts = self._limits(), self.application.journeys.message_counts
        for endpoint_id in (one for participant in group for one in participant.endpoints):
            endpoint = self.application.endpoints.find(endpoint_id)
            if endpoint is None or endpoint.get("ChannelType") not in channels or obstacle_of(endpoint):
                continue
            if is_quiet(quiet_time, endpoint, now):
                self.progress.count_at(identifier, "QUIET_TIME")
            elif not counts.allows(endpoint_id, self.journey["Id"], limits, now, factor):
                self.progress.count_at(identifier, "DAILY_CAP_EXCEEDED")
            else:
                counts.add(endpoint_id, self.journey["Id"], now)
                found[endpoint_id] = endpoint
        return found

    def _limits(self) -> Limits:
        """Service model, ApplicationSettingsJourneyLimits: the application's are the default."""
        own, default = self.journey.get("Limits", {}), self.application.settings.get("JourneyLimits", {})
        return Limits(
            daily=own.get("DailyCap", default.get("DailyCap", 0)),
            total=own.get("TotalCap", default.get("TotalCap", 0)),
            shared="DailyCap" not in own,
        )

    def _call(self, identifier: str, settings: Document, group: Sequence[Participant], targets: Endpoints) -> None:
        """Pinpoint developer guide, custom channels. Which ids a journey passes on is not published (reading)."""
        source = Source(self.application.account, self.application.region, arn_of(self.application, self.journey))
        timeout = self.environment.settings().function_timeout_seconds
        event = {
            "Message": {},
            "Data": settings.get("MessageConfig", {}).get("Data", ""),
            "ApplicationId": self.application.summary["Id"],
            "JourneyId": self.journey["Id"],
            "ActivityId": identifier,
            "Endpoints": shown(targets),
        }
        calls = FunctionCalls(self.environment.neighbours.functions, source, timeout)
        try:
            attributes, faults = calls.call(settings["DeliveryUri"], event, read_event_attributes)
        except NeighbourError as error:
            self._count(identifier, "CUSTOM_DELIVERY_FAILURE", len(targets), error)
            self._sender(identifier).tell_calls(targets.values(), "CUSTOM_DELIVERY_FAILURE")
            return
        self._count(identifier, "SUCCESS", len(targets), *faults)
        self._sender(identifier).tell_calls(targets.values(), "SUCCESS")
        with self.environment.lock:
            for participant in group:
                for endpoint_id in participant.endpoints:
                    if endpoint_id in targets and endpoint_id in attributes:
                        participant.note({"activity": identifier, "Attributes": attributes[endpoint_id]})

    def _deliver(self, identifier: str, treatment: Document, endpoint: Document) -> None:
        try:
            message = self._sender(identifier).send(treatment, endpoint)
        except (RenderingError, ServiceError) as error:
            self._count(identifier, "FAILURE_PERMANENT", 1, error)
            return
        self._count(identifier, "SUCCESS", 1)
        with self.environment.lock:
            for record in outcomes_of(message, self.environment.wall_clock()):
                take_in_outcome(self.application, message, record)

    def _sender(self, identifier: str) -> Sender:
        origin = {
            "journey_id": self.journey["Id"],
            "journey_run_id": self.progress.run_id,
            "journey_activity_id": identifier,
        }
        return Sender(self.environment, self.application, origin)

    def _count(self, identifier: str, metric: str, number: int, *errors: Exception | str) -> None:
        with self.environment.lock:
            self.progress.count_at(identifier, metric, number)
            for error in errors:
                self.progress.fail(error)


def _treatment(kind: str, settings: Document) -> dict[str, Any]:
    """Write an activity as campaigns write what they send."""
    if kind == "CUSTOM":
        return {"CustomDeliveryConfiguration": settings}
    name = _KINDS[kind]
    template = {"Name": settings["TemplateName"], "Version": settings.get("TemplateVersion")}
    own = {} if kind == "PUSH" else {f"{name if kind == 'SMS' else 'Email'}Message": settings.get("MessageConfig", {})}
    return {"TemplateConfiguration": {f"{name}Template": template}, "MessageConfiguration": own}
