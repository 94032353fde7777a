"""One treatment of a run: its endpoints go through the hook and out, 50 at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from local_cloud.pinpoint.applications import Application
from local_cloud.pinpoint.campaign_store import Progress
from local_cloud.pinpoint.environment import Environment
from local_cloud.pinpoint.function_calls import HIDDEN, FunctionCalls, shown
from local_cloud.pinpoint.hook_answers import read_endpoints
from local_cloud.pinpoint.sending import Sender
from local_cloud.service.messages import ServiceError
from local_cloud.service.neighbours import NeighbourError
from local_cloud.service.rendering import RenderingError

Document = Mapping[str, Any]
Endpoints = Mapping[str, Document]

# What the answer of a function cannot change.
_FIXED: Final = (*HIDDEN, "Address", "ChannelType")


@dataclass(frozen=True)
class Delivery:
    """Delivers the messages of one treatment.

    Attributes
    ----------
    environment
        What it works with.
    application, campaign, treatment
        What is sent.
    activity
        The treatment's activity, whose counts grow.
    progress
        Counts who gets nothing.
    scheduled
        When the run was to start, ISO 8601.
    hook
        Function that chooses among the endpoints, empty without one.
    calls
        Calls functions.
    """

    environment: Environment
    application: Application
    campaign: Document
    treatment: Document
    activity: dict[str, Any]
    progress: Progress
    scheduled: str
    hook: str
    calls: FunctionCalls

    @property
    def needs_functions(self) -> bool:
        """Whether it calls functions, so that several batches go out at once."""
        return bool(self.hook) or "CustomDeliveryConfiguration" in self.treatment

    def deliver(self, batch: Sequence[Document]) -> None:
        """Send to at most 50 endpoints.

        Parameters
        ----------
        batch
            Endpoints.
        """
        endpoints = {endpoint["Id"]: endpoint for endpoint in batch}
        try:
            chosen = self._hooked(endpoints) if self.hook else endpoints
        except NeighbourError as error:
            self._count(0, 0, {"hook_failed": len(batch)}, error)
            return
        skipped = {"filtered": len(batch) - len(chosen)}
        if "CustomDeliveryConfiguration" in self.treatment:
            self._deliver_custom(chosen, skipped)
        else:
            self._deliver_messages(chosen, skipped)

    def _hooked(self, endpoints: Endpoints) -> Endpoints:
        """Pinpoint developer guide, customizing segments: the answer is the map of the endpoints to send to.

        Endpoints that were not in the event are ignored (reading). An empty map means nobody (reading).
        """
        messages = {"MessageConfiguration": self.treatment.get("MessageConfiguration", {})}
        answer = self.calls.call(self.hook, {**messages, **self._event(endpoints)}, read_endpoints)
        return {
            known: {**answer[known], **{name: endpoint[name] for name in _FIXED if name in endpoint}}
            for known, endpoint in endpoints.items()
            if known in answer
        }

    def _deliver_custom(self, endpoints: Endpoints, skipped: dict[str, int]) -> None:
        """Pinpoint developer guide, custom channels. What the function answers does not matter to a campaign."""
        if not endpoints:
            self._count(0, 0, skipped)
            return
        function = self.treatment["CustomDeliveryConfiguration"]["DeliveryUri"]
        data = self.treatment["MessageConfiguration"]["CustomMessage"].get("Data", "")
        event = {"Message": {}, "Data": data, **self._event(endpoints)}
        try:
            self.calls.call(function, event, lambda answer: answer)
        except NeighbourError as error:
            self._count(len(endpoints), 0, {**skipped, "delivery_failed": len(endpoints)}, error)
            self._sender().tell_calls(endpoints.values(), "CUSTOM_DELIVERY_FAILURE")
        else:
            self._count(len(endpoints), len(endpoints), skipped)
            self._sender().tell_calls(endpoints.values(), "SUCCESS")

    def _event(self, endpoints: Endpoints) -> dict[str, Any]:
        return {
            "ApplicationId": self.application.summary["Id"],
            "CampaignId": self.campaign["Id"],
            "TreatmentId": self.activity["TreatmentId"],
            "ActivityId": self.activity["Id"],
            "ScheduledTime": self.scheduled,
            "Endpoints": shown(endpoints),
        }

    def _deliver_messages(self, endpoints: Endpoints, skipped: dict[str, int]) -> None:
        sender, delivered = self._sender(), 0
        for endpoint in endpoints.values():
            try:
                sender.send(self.treatment, endpoint)
                delivered += 1
            except (RenderingError, ServiceError) as error:
                reason = "rendering_failed" if isinstance(error, RenderingError) else "delivery_failed"
                skipped[reason] = skipped.get(reason, 0) + 1
        self._count(len(endpoints), delivered, skipped)

    def _sender(self) -> Sender:
        origin = {
            "campaign_id": self.campaign["Id"],
            "treatment_id": self.activity["TreatmentId"],
            "activity_id": self.activity["Id"],
        }
        return Sender(self.environment, self.application, origin)

    def _count(
        self, attempted: int, delivered: int, skipped: Mapping[str, int], error: Exception | None = None
    ) -> None:
        with self.environment.lock:
            self.activity["TotalEndpointCount"] += attempted
            self.activity["SuccessfulEndpointCount"] += delivered
            for reason, count in skipped.items():
                self.progress.skip(reason, count)
            if error:
                self.progress.fail(error)
