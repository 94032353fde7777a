"""A project with journeys in an account of the local cloud, in which the five minutes of publishing pass quickly."""

from __future__ import annotations

from typing import Any

from botocore.config import Config

from tests.local_cloud.aws import LAMBDA, REGION, Aws, wait_for
from tests.local_cloud.pinpoint.journey_project import custom, start, wait

FACTOR = 3600
QUIET = "def handler(event, context): return {}"
BROKEN = "def handler(event, context): raise ValueError('no')"
FOREVER = "P365D"


class JourneyApp:
    """A project; its endpoints are of the channel CUSTOM."""

    def __init__(self, aws: Aws) -> None:
        self.aws = aws
        # Every test of a session shares the requests per second of its account.
        self.client = aws.client("pinpoint", config=Config(retries={"mode": "standard", "total_max_attempts": 6}))
        self.id: str = self.client.create_app(CreateApplicationRequest={"Name": aws.name})["ApplicationResponse"]["Id"]
        aws.local("pinpoint/settings", "PUT", {"time_factor": FACTOR})

    def function(self, source: str = QUIET, suffix: str = "step") -> str:
        """A function that Pinpoint may call."""
        arn = self.aws.function(source, self.aws.role(suffix, LAMBDA, {}), suffix)
        self.aws.functions.add_permission(
            FunctionName=arn,
            StatementId="pinpoint",
            Action="lambda:InvokeFunction",
            Principal=f"pinpoint.{REGION}.amazonaws.com",
            SourceArn=f"arn:aws:mobiletargeting:{REGION}:{self.aws.account}:apps/{self.id}/*",
            SourceAccount=self.aws.account,
        )
        return arn

    def segment(self, name: str, **dimensions: Any) -> str:
        request = {"Name": name, "Dimensions": dimensions}
        made = self.client.create_segment(ApplicationId=self.id, WriteSegmentRequest=request)
        return str(made["SegmentResponse"]["Id"])

    def write(self, activities: dict[str, Any], **members: Any) -> str:
        """A journey that begins with the first activity; published unless told."""
        request = {
            "Name": self.aws.name,
            "State": "ACTIVE",
            "StartCondition": start(),
            "StartActivity": next(iter(activities), ""),
            "Activities": activities,
            "Limits": {"EndpointReentryCap": 0},
            **members,
        }
        made = self.client.create_journey(ApplicationId=self.id, WriteJourneyRequest=request)
        return str(made["JourneyResponse"]["Id"])

    def open(self, activities: dict[str, Any], **members: Any) -> str:
        """A published journey that participants can enter."""
        journey = self.write(activities, **members)

        def running() -> bool:
            answer = self.client.get_journey_runs(ApplicationId=self.id, JourneyId=journey)
            return bool(answer["JourneyRunsResponse"]["Item"][0]["Status"] == "RUNNING")

        wait_for("the journey to begin", running)
        return journey

    def waiting(self, after: str | None = None) -> str:
        """A journey that calls a function and then waits."""
        return self.open({"first": custom("pause", self.function()), "pause": wait(after, WaitFor=FOREVER)})

    def enter(self, *endpoint_ids: str, event_type: str = "company", channel: str = "CUSTOM", **event: Any) -> None:
        """Events of endpoints, whose addresses are their ids."""
        sent = {"1": {"EventType": event_type, "Timestamp": "2026-11-22T00:00:00Z", **event}}
        batch = {one: {"Endpoint": {"ChannelType": channel, "Address": one}, "Events": sent} for one in endpoint_ids}
        answer = self.client.put_events(ApplicationId=self.id, EventsRequest={"BatchItem": batch})
        assert {one["EndpointItemResponse"]["StatusCode"] for one in answer["EventsResponse"]["Results"].values()} == {
            202
        }

    def become(self, journey: str, state: str) -> None:
        self.client.update_journey_state(ApplicationId=self.id, JourneyId=journey, JourneyStateRequest={"State": state})

    def seen(self, journey: str) -> dict[str, Any]:
        """What the console tells of a journey."""
        known: dict[str, Any] = self.aws.local(f"console/journeys/{self.id}/{journey}")
        return known

    def standing(self, journey: str, activity: str, *endpoint_ids: str) -> dict[str, Any]:
        """What the console tells once exactly these stand at an activity."""

        def there() -> dict[str, Any] | None:
            known = self.seen(journey)
            return known if sorted(known["activities"][activity]["standing"]) == sorted(endpoint_ids) else None

        return wait_for(f"{endpoint_ids} to stand at {activity}", there)
