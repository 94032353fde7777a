"""What can be switched while the emulator runs: latency, rates, lags, and how fast time-bound things happen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from local_cloud.service.settings import Switches
from local_cloud.service.throttling import with_burst


@dataclass(frozen=True)
class Settings(Switches):
    """Latency, rates and durations; a rate of 0 means unlimited.

    Pinpoint quotas (2026): PutEvents 15 per second with a burst of 15, UpdateEndpoint 10, UpdateEndpointsBatch 2,
    GetEndpoint 10, DeleteEndpoint 5, creating, updating and deleting campaigns and segments 25 each, every operation
    that is not named 300; per account, Region and operation. 200 active campaigns per account and Region, 50 active
    journeys, 20 of them event-triggered. 40 activities per journey, which runs for 540 days at most.
    Pinpoint developer guide, segments: a function has 15 s. How many calls run at once is not published.

    Attributes
    ----------
    latency_seconds
        Delay of every answer of the data plane.
    put_events_rate, put_events_burst
        Calls per second, and how many at once after a pause.
    update_endpoint_rate, update_endpoints_batch_rate, get_endpoint_rate, delete_endpoint_rate
        Calls per second, with a burst of one second.
    other_rate
        Calls per second of each other operation.
    campaign_write_rate, segment_write_rate
        Calls per second of each operation that creates, updates or deletes one.
    active_campaigns
        How many campaigns of an account can be active at once.
    active_journeys, active_event_journeys
        How many journeys of an account can be active at once, and how many of them can be started by an event.
    journey_activities, journey_days
        How many activities a journey can have, and for how many days participants can enter it.
    time_factor
        How many times faster durations pass: until a campaign or journey starts, between a campaign's runs, the 24
        hours of a daily limit, a segment's recency, the longest duration of a run, waits of journeys. Times of day,
        rates and the functions' time limit stay as they are.
    segment_lag_seconds
        How long a change of an endpoint stays hidden from segments.
    stream_delay_seconds
        How late records reach the event stream.
    function_concurrency
        Calls of a function at once, per run of a campaign, and for what is due in a journey at the same time.
    function_timeout_seconds
        How long a function that a campaign or journey calls may take. More than on AWS, since a machine that does much
        else takes as long to start it; the function's own limit counts from then on.
    """

    # A factor below 1 would make things slower than on AWS.
    smallest: ClassVar[Mapping[str, float]] = {
        "put_events_burst": 1,
        "time_factor": 1,
        "function_concurrency": 1,
        "function_timeout_seconds": 0.001,
    }

    latency_seconds: float = 0.0
    put_events_rate: float = 15.0
    put_events_burst: float = 15.0
    update_endpoint_rate: float = 10.0
    update_endpoints_batch_rate: float = 2.0
    get_endpoint_rate: float = 10.0
    delete_endpoint_rate: float = 5.0
    other_rate: float = 300.0
    campaign_write_rate: float = 25.0
    segment_write_rate: float = 25.0
    active_campaigns: float = 200.0
    active_journeys: float = 50.0
    active_event_journeys: float = 20.0
    journey_activities: float = 40.0
    journey_days: float = 540.0
    time_factor: float = 1.0
    segment_lag_seconds: float = 0.0
    stream_delay_seconds: float = 0.0
    function_concurrency: float = 10.0
    function_timeout_seconds: float = 120.0

    def limit(self, operation: str) -> tuple[float, float]:
        """Return rate and burst of an operation.

        Parameters
        ----------
        operation
            Name of the operation.

        Returns
        -------
        tuple
            Calls per second (0: unlimited) and burst.
        """
        if operation == "PutEvents":
            return self.put_events_rate, self.put_events_burst
        rate = {
            "UpdateEndpoint": self.update_endpoint_rate,
            "UpdateEndpointsBatch": self.update_endpoints_batch_rate,
            "GetEndpoint": self.get_endpoint_rate,
            "DeleteEndpoint": self.delete_endpoint_rate,
            **dict.fromkeys(("CreateCampaign", "UpdateCampaign", "DeleteCampaign"), self.campaign_write_rate),
            **dict.fromkeys(("CreateSegment", "UpdateSegment", "DeleteSegment"), self.segment_write_rate),
        }.get(operation, self.other_rate)
        return with_burst(rate)
