"""Settings of the functions that run plans: the announcer, the step function and the keeper of plans."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from engagement.domain.destinations import DestinationName
from engagement.domain.plans.connect import limits
from engagement.domain.plans.settings import PlanSettings
from engagement.domain.runs.records import Kind
from engagement.settings.destinations import DESTINATIONS, destinations
from engagement.settings.reading import SHARED, Settings, boolean, positive, text


def _plan_settings(value: str) -> PlanSettings:
    return PlanSettings.parse(json.loads(value))


def _count(value: str) -> int:
    if (count := int(value)) < 0:
        raise ValueError
    return count


class _Settings(Settings):
    __slots__ = ()
    variables: ClassVar = {
        **SHARED,
        **DESTINATIONS,
        "plan_bucket": (text, "name of the plan bucket"),
        "plan_settings": (_plan_settings, "a JSON object with what plans may reach"),
        "state_machine_arn": (text, "ARN of the state machine"),
        "require_event_id": (boolean, "true or false"),
        "settle_seconds": (positive(int), "a whole number of seconds above 0"),
        "segment_creates_per_second": (positive(float), "a number above 0"),
        "campaign_creates_per_second": (positive(float), "a number above 0"),
        "maximum_audience": (_count, "a whole number, 0 for any size"),
        "export_bucket": (text, "name of the bucket for exports"),
        "export_role_arn": (str, "ARN of the role that writes exports of Pinpoint, or empty"),
        "snapshot_role_arn": (str, "ARN of the role that writes snapshots of Customer Profiles, or empty"),
        "overdue_seconds": (positive(int), "a whole number of seconds above 0"),
        "journey_settle_seconds": (positive(int), "a whole number of seconds above 0"),
        "journey_call_timeout_seconds": (positive(int), "a whole number of seconds above 0"),
        "journey_function_arn": (text, "ARN of the function that journeys call"),
        "journey_live_after_seconds": (positive(int), "a whole number of seconds above 0"),
        "events_queue_url": (text, "URL of the queue of company events"),
        "interactions_table": (str, "name of the table of interactions, or empty"),
        "interactions_stream_arn": (str, "ARN of the stream of interactions, or empty"),
        "interactions_max_wait_seconds": (positive(int), "a whole number of seconds above 0"),
        "events_queue_arn": (text, "ARN of the queue of company events"),
        "schedule_group": (text, "name of the schedule group"),
        "scheduler_role_arn": (text, "ARN of the role of the schedules"),
    }


@dataclass(frozen=True, slots=True)
class AnnouncerSettings(_Settings):
    """Settings of the announcer; field names are the variables' names in lower case.

    Parameters
    ----------
    plan_settings
        What plans may reach.
    run_retention_days
        How long the ledger keeps a run.
    require_event_id
        Whether producers must send an ID of their own.
    settle_seconds
        How long the service may take to list what it has made.
    profiles_domain, connect_instance_id
        The domain of Customer Profiles and the Connect instance; empty where Connect is not a destination.
    """

    pinpoint_application_id: str
    profiles_domain: str
    connect_instance_id: str
    ledger_table: str
    plan_bucket: str
    plan_settings: PlanSettings
    state_machine_arn: str
    run_retention_days: int
    require_event_id: bool
    settle_seconds: int


@dataclass(frozen=True, slots=True)
class StepSettings(_Settings):
    """Settings of the step function; field names are the variables' names in lower case.

    Parameters
    ----------
    segment_creates_per_second, campaign_creates_per_second
        Requests per second that this environment may send.
    settle_seconds
        How long the service may take to list what it has made.
    maximum_audience
        Endpoints that one audience may have; 0 for any number.
    profiles_domain, connect_instance_id
        The domain of Customer Profiles and the Connect instance; empty where Connect is not a destination.
    export_bucket, export_role_arn, snapshot_role_arn
        Where audiences are exported to, and the roles with which Amazon Pinpoint and Customer Profiles write there.
    overdue_seconds
        How long after its last start a step may take before somebody has to look.
    journey_settle_seconds
        How long a new company endpoint may stay hidden from the segment of those who may enter journeys.
    journey_call_timeout_seconds
        How long a journey's call is awaited.
    interactions_table, interactions_stream_arn
        Where interactions are, and the stream through which they come; empty where they are not recorded.
    interactions_max_wait_seconds
        How long a step waits for them to be recorded.
    """

    pinpoint_application_id: str
    profiles_domain: str
    connect_instance_id: str
    ledger_table: str
    plan_bucket: str
    plan_settings: PlanSettings
    run_retention_days: int
    segment_creates_per_second: float
    campaign_creates_per_second: float
    settle_seconds: int
    maximum_audience: int
    export_bucket: str
    export_role_arn: str
    snapshot_role_arn: str
    stamp_queue_url: str
    overdue_seconds: int
    journey_settle_seconds: int
    journey_call_timeout_seconds: int
    interactions_table: str
    interactions_stream_arn: str
    interactions_max_wait_seconds: int

    @property
    def destinations(self) -> tuple[DestinationName, ...]:
        """Where endpoints are stamped."""
        return destinations(self.pinpoint_application_id, self.profiles_domain)

    def plans(self, destination: DestinationName) -> PlanSettings:
        """What plans may reach in a run that sends by a destination."""
        return replace(self.plan_settings, sends_by=destination)

    def rates(self, destination: DestinationName) -> Mapping[Kind, float]:
        """Requests per second that make what a run needs; those of the settings are meant for what sends now."""
        segments, campaigns = self.segment_creates_per_second, self.campaign_creates_per_second
        if destination == "connect":
            segments = min(segments, limits.SEGMENT_CREATES_PER_SECOND)
            if self.plan_settings.sends_by != destination:
                campaigns = min(campaigns, limits.CAMPAIGN_CREATES_PER_SECOND)
        return {Kind.SEGMENT: segments, Kind.CAMPAIGN: campaigns}


@dataclass(frozen=True, slots=True)
class PlansSettings(_Settings):
    """Settings of the keeper of plans; field names are the variables' names in lower case.

    Parameters
    ----------
    events_queue_arn
        Where schedules write.
    schedule_group, scheduler_role_arn
        The group of the schedules that it makes, and the role with which they write.
    journey_function_arn
        What the activities of journeys call.
    journey_live_after_seconds
        How long after its activation a journey may not let anybody in yet.
    """

    pinpoint_application_id: str
    ledger_table: str
    run_retention_days: int
    plan_bucket: str
    plan_settings: PlanSettings
    events_queue_arn: str
    schedule_group: str
    scheduler_role_arn: str
    journey_function_arn: str
    journey_live_after_seconds: int


@dataclass(frozen=True, slots=True)
class JourneySettings(_Settings):
    """Settings of the function that journeys call; field names are the variables' names in lower case.

    Parameters
    ----------
    events_queue_url
        Where a step is asked for that a drawn journey calls for.
    """

    ledger_table: str
    run_retention_days: int
    plan_bucket: str
    plan_settings: PlanSettings
    stamp_queue_url: str
    events_queue_url: str
