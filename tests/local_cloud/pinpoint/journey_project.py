"""An application with journeys, whose time the test moves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from local_cloud.pinpoint import NeighbourError
from tests.local_cloud.pinpoint.project import Project

EVENT = "company"
COMPANY: dict[str, Any] = {"Attributes": {"engagement_role": {"AttributeType": "INCLUSIVE", "Values": ["company"]}}}


def start(event_type: str = EVENT, segment_id: str | None = None, **dimensions: Any) -> dict[str, Any]:
    """An entry by event."""
    event_filter = {
        "FilterType": "ENDPOINT",
        "Dimensions": {"EventType": {"DimensionType": "INCLUSIVE", "Values": [event_type]}, **dimensions},
    }
    segment = {"SegmentId": segment_id} if segment_id else {}
    return {"EventStartCondition": {"EventFilter": event_filter, **segment}}


def start_segment(segment_id: str) -> dict[str, Any]:
    """An entry by segment."""
    return {"SegmentStartCondition": {"SegmentId": segment_id}}


def custom(after: str | None = None, function: str = "step", **members: Any) -> dict[str, Any]:
    """An activity that calls a function."""
    following = {"NextActivity": after} if after else {}
    return {
        "CUSTOM": {
            "DeliveryUri": function,
            "EndpointTypes": ["CUSTOM"],
            "MessageConfig": {"Data": "data"},
            **following,
            **members,
        }
    }


def wait(after: str | None = None, **time: str) -> dict[str, Any]:
    """An activity that waits, by default an hour."""
    following = {"NextActivity": after} if after else {}
    return {"Wait": {"WaitTime": time or {"WaitFor": "PT1H"}, **following}}


def yes_no(*conditions: dict[str, Any], **members: Any) -> dict[str, Any]:
    """A split into the activities `yes` and `no`."""
    condition: dict[str, Any] = {"Conditions": list(conditions), "Operator": members.pop("operator", "ALL")}
    return {"ConditionalSplit": {"Condition": condition, "TrueActivity": "yes", "FalseActivity": "no", **members}}


def happened(event_type: str | None = None, activity: str | None = None, **attributes: str) -> dict[str, Any]:
    """A condition: an event came, or something became of the message of an activity."""
    dimensions: dict[str, Any] = {"EventType": {"Values": [event_type]}} if event_type else {}
    if attributes:
        dimensions["Attributes"] = {name: {"Values": [value]} for name, value in attributes.items()}
    return {"EventCondition": {"Dimensions": dimensions, **({"MessageActivity": activity} if activity else {})}}


def with_split(split: dict[str, Any], **before: Any) -> dict[str, Any]:
    """Activities of a journey that ends behind the split."""
    return {"Activities": {**(before or {}), "split": split, "yes": custom(), "no": custom()}}


def fail(_: dict[str, Any]) -> object:
    raise NeighbourError("the function failed")


class JourneyProject(Project):
    """A project with a function `step`, and endpoints of the channel CUSTOM by default."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.step(lambda _: None)

    def step(self, function: Callable[[dict[str, Any]], object], name: str = "step") -> None:
        self.functions.known[name] = function

    def member(self, endpoint_id: str, **members: Any) -> None:
        """An endpoint that a function can be called for."""
        self.endpoint(endpoint_id, "CUSTOM", **members)

    def templates(self) -> None:
        """A template `hello` of each channel."""
        email: Any = {"Subject": "Hi {{Attributes.name}}", "HtmlPart": "<b>{{Attributes.name}}</b>"}
        self.client.create_email_template(TemplateName="hello", EmailTemplateRequest=email)
        self.client.create_sms_template(TemplateName="hello", SMSTemplateRequest={"Body": "Hi {{Attributes.name}}"})
        push: Any = {"Default": {"Title": "Hi", "Body": "{{Attributes.name}}"}}
        self.client.create_push_template(TemplateName="hello", PushNotificationTemplateRequest=push)

    def write(self, **members: Any) -> dict[str, Any]:
        """Create a journey, by default one that calls `step`, waits for an hour and calls it again."""
        request: Any = {
            "Name": "journey",
            "State": "ACTIVE",
            "StartCondition": start(),
            "StartActivity": "first",
            "Activities": {"first": custom("pause"), "pause": wait("last"), "last": custom()},
            "Limits": {"EndpointReentryCap": 0},
            **members,
        }
        given = {name: value for name, value in request.items() if value is not None}
        answer = self.client.create_journey(ApplicationId=self.id, WriteJourneyRequest=given)  # type: ignore[arg-type]
        return dict(answer["JourneyResponse"])

    def journey(self, **members: Any) -> str:
        """A journey that participants can enter from now on."""
        identifier = str(self.write(**members)["Id"])
        self.later(minutes=5)
        return identifier

    def change(self, journey_id: str, state: str) -> str:
        request: Any = {"State": state}
        answer = self.client.update_journey_state(
            ApplicationId=self.id, JourneyId=journey_id, JourneyStateRequest=request
        )
        return str(answer["JourneyResponse"]["State"])

    def state(self, journey_id: str) -> str:
        answer = self.client.get_journey(ApplicationId=self.id, JourneyId=journey_id)
        return str(answer["JourneyResponse"]["State"])

    def put(self, endpoint_id: str, event_type: str = EVENT, *, of: dict[str, Any] | None = None, **event: Any) -> None:
        """Send an event, then do what is due."""
        self.send(endpoint_id, event_type, of=of, **event)
        self.pinpoint.work.do()

    def send(
        self, endpoint_id: str, event_type: str = EVENT, *, of: dict[str, Any] | None = None, **event: Any
    ) -> None:
        """Send an event, with `of` as its endpoint."""
        given: Any = {"EventType": event_type, "Timestamp": self.moment(), **event}
        batch: Any = {endpoint_id: {"Endpoint": of or {}, "Events": {"1": given}}}
        self.client.put_events(ApplicationId=self.id, EventsRequest={"BatchItem": batch})

    def view(self, journey_id: str) -> dict[str, Any]:
        return next(one for one in self.pinpoint.journeys() if one["journey"]["Id"] == journey_id)

    def metrics(self, journey_id: str) -> dict[str, int]:
        answer = self.client.get_journey_execution_metrics(ApplicationId=self.id, JourneyId=journey_id)
        found = answer["JourneyExecutionMetricsResponse"]["Metrics"]
        return {name: int(count) for name, count in found.items() if int(count)}

    def activity_metrics(self, journey_id: str, activity_id: str) -> dict[str, int]:
        answer = self.client.get_journey_execution_activity_metrics(
            ApplicationId=self.id, JourneyId=journey_id, JourneyActivityId=activity_id
        )
        found = answer["JourneyExecutionActivityMetricsResponse"]["Metrics"]
        return {name: int(count) for name, count in found.items()}

    def called(self) -> list[tuple[str, list[str]]]:
        """Activity and endpoints of each call of a function."""
        return [(event["ActivityId"], sorted(event["Endpoints"])) for _, event, _ in self.functions.calls]
