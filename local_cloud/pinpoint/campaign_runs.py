"""Runs of campaigns: as their schedule says, or for one event."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from local_cloud.pinpoint.applications import Application
from local_cloud.pinpoint.audience import Audience
from local_cloud.pinpoint.campaign_rules import treatments_of
from local_cloud.pinpoint.campaign_store import Progress
from local_cloud.pinpoint.deliveries import Delivery
from local_cloud.pinpoint.environment import Environment
from local_cloud.pinpoint.function_calls import ENDPOINTS_PER_CALL, FunctionCalls
from local_cloud.pinpoint.visibility import visible_endpoints
from local_cloud.service.moments import following, iso_8601, known_instant
from local_cloud.service.neighbours import Source

Document = Mapping[str, Any]


@dataclass(frozen=True)
class CampaignRun:
    """One run of a campaign.

    Attributes
    ----------
    environment
        What it works with.
    application, campaign, progress
        The campaign, whose status is EXECUTING.
    """

    environment: Environment
    application: Application
    campaign: Document
    progress: Progress

    def __call__(self) -> None:
        """Send everything, then say when the next run is due."""
        with self.environment.lock:
            if self.progress.status != "EXECUTING":
                return
            audience, known = self._audience()
            activities = self._activities(audience.now)
            self.progress.activities.extend(activities)
        members = audience.members(known)
        with self.environment.lock:
            shares = audience.shares(members, self.progress)
        self._send(activities, shares)
        with self.environment.lock:
            for activity in activities:
                end_activity(activity, self.environment.wall_clock())
            self._schedule_next()

    def for_event(self, endpoint_id: str) -> None:
        """Send to one endpoint whose event fits the campaign, if it belongs to the segment.

        Parameters
        ----------
        endpoint_id
            Whose event it was.
        """
        with self.environment.lock:
            if self.progress.status != "EXECUTING":
                return
            audience, known = self._audience()
            if not self.progress.activities:
                self.progress.activities.extend(self._activities(audience.now))
            of_event = [endpoint for endpoint in known if endpoint["Id"].lower() == endpoint_id.lower()]
            shares = audience.shares(audience.members(of_event), self.progress)
        self._send(self.progress.activities, shares)

    def _audience(self) -> tuple[Audience, list[dict[str, Any]]]:
        """Return who may be targeted, and the endpoints as segments see them now."""
        now = self.environment.wall_clock()
        audience = Audience(
            application=self.application,
            campaign=self.campaign,
            segment=self.application.segments.get(self.campaign["SegmentId"], self.campaign["SegmentVersion"]),
            now=now,
            factor=self.environment.settings().time_factor,
        )
        return audience, visible_endpoints(self.environment, self.application, now)

    def _activities(self, now: datetime) -> list[dict[str, Any]]:
        """One activity per treatment (reading)."""
        return [
            {
                "ApplicationId": self.application.summary["Id"],
                "CampaignId": self.campaign["Id"],
                "Id": uuid.uuid4().hex,
                "TreatmentId": str(number),
                "ScheduledStart": self.progress.planned,
                "Start": iso_8601(now),
                "State": "RUNNING",
                "SuccessfulEndpointCount": 0,
                "TotalEndpointCount": 0,
            }
            for number in range(len(treatments_of(self.campaign)))
        ]

    def _send(self, activities: Sequence[dict[str, Any]], shares: Sequence[Sequence[Document]]) -> None:
        settings = self.environment.settings()
        source = Source(self.application.account, self.application.region, self.campaign["Arn"])
        calls = FunctionCalls(self.environment.neighbours.functions, source, settings.function_timeout_seconds)
        for treatment, activity, share in zip(treatments_of(self.campaign), activities, shares, strict=True):
            delivery = Delivery(
                environment=self.environment,
                application=self.application,
                campaign=self.campaign,
                treatment=treatment,
                activity=activity,
                progress=self.progress,
                scheduled=self.progress.planned,
                hook=self._hook(),
                calls=calls,
            )
            workers = int(settings.function_concurrency) if delivery.needs_functions else 1
            with ThreadPoolExecutor(workers, thread_name_prefix="pinpoint-delivery") as pool:
                for result in [pool.submit(delivery.deliver, batch) for batch in self._batches(share)]:
                    result.result()

    def _hook(self) -> str:
        """Service model, WriteCampaignRequest: a campaign's own hook wins over that of the application."""
        hook = self.campaign.get("Hook") or self.application.settings["CampaignHook"]
        return str(hook.get("LambdaFunctionName", "")) if hook.get("Mode") == "FILTER" else ""

    def _batches(self, share: Sequence[Document]) -> Iterator[Sequence[Document]]:
        """Yield batches, as fast as `MessagesPerSecond` allows, until `MaximumDuration` is over."""
        limits, default = self.campaign.get("Limits", {}), self.application.settings["Limits"]
        rate = limits.get("MessagesPerSecond") or default.get("MessagesPerSecond", 0)
        longest = limits.get("MaximumDuration") or default.get("MaximumDuration", 0)
        factor = self.environment.settings().time_factor
        expires = self.environment.wall_clock() + timedelta(seconds=longest / factor)
        count = min(rate or ENDPOINTS_PER_CALL, ENDPOINTS_PER_CALL)
        for start in range(0, len(share), count):
            if self.environment.stopping.is_set() or (longest and self.environment.wall_clock() > expires):
                with self.environment.lock:
                    self.progress.skip("expired", len(share) - start)
                return
            yield share[start : start + count]
            if rate and start + count < len(share):
                self.environment.stopping.wait(count / rate)

    def _schedule_next(self) -> None:
        if self.progress.status != "EXECUTING":
            return
        schedule, factor = self.campaign["Schedule"], self.environment.settings().time_factor
        planned = known_instant(self.progress.planned)
        after = following(planned, schedule.get("Frequency", "ONCE"))
        if after is None or ("EndTime" in schedule and after > known_instant(schedule["EndTime"])):
            self.progress.status = "COMPLETED"
            return
        self.progress.status = "PENDING_NEXT_RUN"
        self.progress.due = iso_8601(known_instant(self.progress.due) + (after - planned) / factor)
        self.progress.planned = iso_8601(after)


def end_activity(activity: dict[str, Any], now: datetime) -> None:
    """Mark an activity as done; it failed if it reached nobody of those that it tried to reach (reading)."""
    failed = activity["TotalEndpointCount"] and not activity["SuccessfulEndpointCount"]
    activity |= {"End": iso_8601(now), "State": "COMPLETED", "Result": "FAIL" if failed else "SUCCESS"}
