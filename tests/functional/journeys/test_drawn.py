"""Journeys that people draw: a custom activity of theirs calls for a step of a plan."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from engagement.domain.runs.records import RunStatus
from tests.functional.functions import Context
from tests.functional.journeys.conftest import FUNCTION, LIVE_AFTER, Journeys
from tests.functional.runs.cloud import Cloud
from tests.functional.runs.plans import put_customers, send

PLAN = {
    "event": "note",
    "audiences": {"gold": {"where": {"user.plan": ["gold"]}}, "silver": {"where": {"user.plan": ["silver"]}}},
    "steps": [
        {"id": "mark", "stamp": {"audiences": ["gold"], "set": {"told": "yes"}}},
        {"id": "mark_event", "stamp": {"audiences": ["gold"], "set": {"heard_of": "{{event.feature}}"}}},
        {"id": "gold", "send": [send("gold", "EMAIL", "{{event.feature}} for gold")]},
        {"id": "silver", "send": [send("silver", "EMAIL", "{{event.feature}} for silver")]},
    ],
}


def draw(cloud: Cloud, channel: str, *steps: str, plan: str = "note") -> str:
    """A journey that an own event enters, with one custom block for each step and a wait of an hour between them."""
    activities: dict[str, Any] = {}
    for number, step in enumerate(steps):
        last = number == len(steps) - 1
        custom = {
            "DeliveryUri": FUNCTION,
            "EndpointTypes": [channel],
            "MessageConfig": {"Data": json.dumps({"plan": plan, "step": step})},
        }
        activities[f"block{number}"] = {"CUSTOM": custom if last else {**custom, "NextActivity": f"wait{number}"}}
        if not last:
            wait = {"WaitTime": {"WaitFor": "PT1H"}, "NextActivity": f"block{number + 1}"}
            activities[f"wait{number}"] = {"Wait": wait}
    kind = {"DimensionType": "INCLUSIVE", "Values": ["my_event"]}
    made = cloud._own.create_journey(
        ApplicationId=cloud.application_id,
        WriteJourneyRequest={
            "Name": "drawn",
            "State": "ACTIVE",
            "StartActivity": "block0",
            "StartCondition": {
                "EventStartCondition": {
                    "EventFilter": {"FilterType": "ENDPOINT", "Dimensions": {"EventType": kind}},
                }
            },
            "Activities": activities,
            "Limits": {"EndpointReentryCap": 0},
        },
    )
    cloud.pass_time(LIVE_AFTER)
    return str(made["JourneyResponse"]["Id"])


def enter(cloud: Cloud, endpoint_id: str, endpoint: dict[str, Any]) -> None:
    """An endpoint's own event."""
    event = {"EventType": "my_event", "Timestamp": cloud.clock.now().isoformat()}
    cloud._own.put_events(
        ApplicationId=cloud.application_id,
        EventsRequest={"BatchItem": {endpoint_id: {"Endpoint": endpoint, "Events": {"1": event}}}},
    )
    cloud.pass_time(60)


def company(**values: str) -> dict[str, Any]:
    """The company user of the original pattern, with the event's values."""
    attributes = {name: [value] for name, value in values.items()}
    return {
        "ChannelType": "CUSTOM",
        "Address": "company-shop",
        "User": {"UserId": "company-shop", "UserAttributes": attributes},
    }


def runs_of(cloud: Cloud, journeys: Journeys) -> list[str]:
    """Do what the queue holds; how each run that began ended."""
    before = {one["executionArn"] for one in cloud.executions()}
    for message in journeys.queued():
        assert cloud.announce(message) == []
    begun = [one for one in cloud.executions() if one["executionArn"] not in before]
    described = [cloud.stepfunctions.describe_execution(executionArn=one["executionArn"]) for one in begun]
    return [str(cloud.walk(json.loads(one["input"]))["next"]) for one in described]


@pytest.fixture(autouse=True)
def customers(cloud: Cloud) -> None:
    put_customers(cloud)
    cloud.put_plan(PLAN)


def test_a_company_user_in_a_drawn_journey_has_each_step_done_once(cloud: Cloud, journeys: Journeys) -> None:
    draw(cloud, "CUSTOM", "gold", "silver")

    enter(cloud, "company-shop", company(event_id="release-1", feature="Dark mode"))
    assert runs_of(cloud, journeys) == ["completed"]
    assert cloud.messages() == Counter({("gold-mail", "Dark mode for gold"): 1})

    cloud.pass_time(3700)
    assert runs_of(cloud, journeys) == ["completed"]
    assert cloud.messages() == Counter(
        {("gold-mail", "Dark mode for gold"): 1, ("silver-mail", "Dark mode for silver"): 1}
    )


def test_what_recipients_did_with_a_drawn_step_is_counted_at_the_runs_only_step(
    cloud: Cloud, journeys: Journeys
) -> None:
    draw(cloud, "CUSTOM", "gold")
    enter(cloud, "company-shop", company(event_id="release-1", feature="Dark mode"))

    assert runs_of(cloud, journeys) == ["completed"]

    [run] = cloud.announcer.ANNOUNCER.ledger.runs()
    [step] = cloud.step.WORLDS.ledger.steps(run)
    [campaign] = cloud._own.get_campaigns(ApplicationId=cloud.application_id)["CampaignsResponse"]["Item"]
    assert campaign["tags"]["engagement:index"] == str(step.index)


def test_a_call_that_is_repeated_is_one_run_and_a_new_event_is_another(cloud: Cloud, journeys: Journeys) -> None:
    draw(cloud, "CUSTOM", "gold")
    enter(cloud, "company-shop", company(event_id="release-1", feature="Dark mode"))
    for call in list(cloud.functions.calls):
        journeys.function.handler(dict(call), Context())
    assert runs_of(cloud, journeys) == ["completed"]

    enter(cloud, "company-shop", company(event_id="release-2", feature="Voice"))

    assert runs_of(cloud, journeys) == ["completed"]
    assert sorted(text for _, text in cloud.messages()) == ["Dark mode for gold", "Voice for gold"]


def test_customers_who_pass_are_stamped_and_nobody_else(cloud: Cloud, journeys: Journeys) -> None:
    journey = draw(cloud, "EMAIL", "mark")

    enter(cloud, "silver-mail", {})

    [message] = journeys.queued("company-events-stamps")
    stamps = journeys.function.STAMPS
    assert stamps.pending(json.loads(message)["run"], 0, "pinpoint") == 1
    assert list(cloud.functions.calls[0]["Endpoints"]) == ["silver-mail"]
    assert cloud.functions.calls[0]["JourneyId"] == journey
    assert runs_of(cloud, journeys) == []


@pytest.mark.parametrize(
    ("step", "reason"),
    [("gold", "does not stamp"), ("mark_event", "carry no event"), ("nothing", "does not stamp")],
)
def test_what_cannot_be_done_for_customers_is_said_and_not_done(
    cloud: Cloud, journeys: Journeys, capsys: pytest.CaptureFixture[str], step: str, reason: str
) -> None:
    draw(cloud, "EMAIL", step)

    enter(cloud, "silver-mail", {})

    said = capsys.readouterr().out
    assert reason in said
    assert '"JourneyCallsRefused":[1.0]' in said.replace(" ", "")
    assert "silver-mail" not in said
    assert (journeys.queued(), journeys.queued("company-events-stamps")) == ([], [])


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"Data": None}, "Data must be"),
        ({"Data": "plan"}, "Data must be"),
        ({"Data": '{"plan": 1, "step": "gold"}'}, "Data must be"),
        ({"JourneyId": None}, "JourneyId must be"),
        ({"Endpoints": []}, "Endpoints must be"),
        ({"Data": '{"plan": "other", "step": "gold"}'}, "there is no plan"),
        ({"Endpoints": {"company-shop": {}}}, "Give its user the attribute event_id"),
    ],
)
def test_a_call_that_means_nothing_is_refused_with_the_remedy(
    journeys: Journeys, capsys: pytest.CaptureFixture[str], change: dict[str, Any], reason: str
) -> None:
    call = {"Data": '{"plan": "note", "step": "gold"}', "JourneyId": "j", "Endpoints": {"silver-mail": {}}}

    assert journeys.function.handler(call | change, Context()) == {}

    assert reason in capsys.readouterr().out


@pytest.mark.parametrize(
    ("step", "fault"),
    [("nothing", 'there is no step "nothing"'), ("pause", "a wait has nothing to do")],
)
def test_a_step_that_cannot_be_done_alone_is_a_refused_run(
    cloud: Cloud, journeys: Journeys, step: str, fault: str
) -> None:
    steps = [*PLAN["steps"][:3], {"id": "pause", "wait": "P1D"}, PLAN["steps"][3]]  # type: ignore[index]
    cloud.put_plan({**PLAN, "steps": steps})
    draw(cloud, "CUSTOM", step)

    enter(cloud, "company-shop", company(event_id="release-1", feature="Dark mode"))

    assert runs_of(cloud, journeys) == []
    [run] = cloud.announcer.ANNOUNCER.ledger.runs()
    record = journeys.record(run)
    assert record.status is RunStatus.REFUSED
    assert fault in record.faults[0]
