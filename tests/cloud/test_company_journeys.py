"""Company events by journey on the applied modules: the same messages, whatever happens to the journeys."""

from __future__ import annotations

import json
import threading
import uuid
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from engagement.domain.runs.records import RunStatus
from local_cloud.process import LocalCloud
from tests.cloud.company import TIME_FACTOR, CompanyEvents, applied_events
from tests.cloud.deployment import set_pace, wait_for
from tests.cloud.releases import VARIABLES, customers, release, send, told
from tools.stack import Stack, StackError

JOURNEYS = {
    # Pinpoint opens a journey five minutes after its publication, which are six seconds where time passes slowest here.
    "live_after_seconds": 8,
    # Waits of the state machine are a thousand times as short; what a function needs in between is not.
    "call_timeout_seconds": 60_000,
}


def by_journey(event: str, **changes: Any) -> dict[str, Any]:
    return release(event) | {"orchestrator": "journey"} | changes


@pytest.fixture(scope="module")
def applied(cloud: LocalCloud, tmp_path_factory: pytest.TempPathFactory) -> Stack:
    settings = VARIABLES["company_events"] | {
        "journeys": JOURNEYS,
        "force_destroy": False,
        "plans": {"given": json.dumps(by_journey("given"))},
    }
    # The first minutes of a journey count from its publication, which the apply sees to.
    set_pace(cloud, TIME_FACTOR)
    stack = Stack(cloud, tmp_path_factory.mktemp("journeys"), {**VARIABLES, "name": "trip", "company_events": settings})
    stack.apply()
    return stack


@pytest.fixture
def company(cloud: LocalCloud, applied: Stack) -> Iterator[CompanyEvents]:
    with applied_events(cloud, applied.outputs()) as events:
        yield events


def journeys(company: CompanyEvents, plan: str) -> dict[str, str]:
    """State of each journey of a plan, by ID."""
    return {
        one["journey"]["Id"]: one["journey"]["State"]
        for one in company.shop.local("pinpoint/journeys")
        if one["application_id"] == company.application_id and one["journey"]["Name"].startswith(f"{plan}-")
    }


def active(company: CompanyEvents, plan: str) -> int:
    """How many journeys of a plan are active."""
    return list(journeys(company, plan).values()).count("ACTIVE")


def keeper(company: CompanyEvents) -> dict[str, Any]:
    """What the hourly look does."""
    answer = company.functions.invoke(
        FunctionName=company.module["functions"]["plans"]["name"], Payload=b'{"reconcile": true}'
    )
    result: dict[str, Any] = json.loads(answer["Payload"].read())
    return result


def deployed(company: CompanyEvents, plan: dict[str, Any], versions: int = 1) -> None:
    """A marketer writes a plan, and its journey is there, beside those of versions that still have runs."""
    company.write_plan(plan)
    wait_for("the journey", lambda: active(company, plan["event"]) == versions)


def test_a_journey_stamps_announces_waits_and_reminds_as_the_state_machine_does(company: CompanyEvents) -> None:
    customers(company)
    assert active(company, "given") == 1, "the apply has waited for it"
    before = company.mark()

    run = company.announce("given", feature="Dark mode")
    record = company.ended(run)

    assert (record.status, record.lost) == (RunStatus.COMPLETED, ""), record
    assert record.journey
    assert company.messages(before) == told("given")
    assert not [name for name in company.shop.endpoints() if name.startswith("company-")]


def test_a_plan_is_replaced_while_events_come_and_runs_wait(company: CompanyEvents, event: str) -> None:
    customers(company)
    deployed(company, by_journey(event))
    before = company.mark()
    runs: list[str] = []
    replaced, ended = threading.Event(), threading.Event()

    def announce() -> None:
        # Three more after the replacement is live: both versions have runs.
        left = 3
        while left:
            runs.append(company.announce(event, feature="Dark mode"))
            left -= replaced.is_set()
            ended.wait(1)

    events = threading.Thread(target=announce)
    events.start()
    try:
        wait_for("a run of the first version", lambda: runs and company.ledger.run(runs[0]))
        fresh = json.loads(json.dumps(by_journey(event)).replace("Have you tried", "Did you like"))
        deployed(company, fresh, versions=2)
        # Whoever made it writes down afterwards from when on it is live; another look ends after that.
        wait_for("the keeper", lambda: keeper(company).get("ok"))
        ended.wait(JOURNEYS["live_after_seconds"] + 1)
    finally:
        replaced.set()
        events.join()

    records = [company.ended(run) for run in runs]
    assert [(record.status, record.lost) for record in records] == [(RunStatus.COMPLETED, "")] * len(runs)
    versions = Counter(record.journey for record in records)
    assert len(versions) == 2
    heard = company.messages(before)
    assert heard[("ann-mail", f"New in {event}: Dark mode")] == len(runs)
    assert sorted(
        heard[("ann-mail", f"{words} {event} and Dark mode?")] for words in ("Have you tried", "Did you like")
    ) == sorted(versions.values())


def test_a_journey_that_is_cancelled_by_hand_costs_time_and_is_made_again(company: CompanyEvents, event: str) -> None:
    customers(company)
    steps = release(event)["steps"]
    steps[2] = {"id": "pause", "wait": "P2D"}
    deployed(company, by_journey(event, steps=steps))
    before = company.mark()
    run = company.announce(event, feature="Dark mode")
    wait_for("the announcement", lambda: company.messages(before)[("ann-mail", f"New in {event}: Dark mode")])

    for journey in journeys(company, event):
        company.pinpoint.update_journey_state(
            ApplicationId=company.application_id, JourneyId=journey, JourneyStateRequest={"State": "CANCELLED"}
        )
    company.set_pace(20 * TIME_FACTOR)
    record = company.ended(run)
    assert (record.status, record.lost) == (RunStatus.COMPLETED, "the journey did not call for step remind")
    assert company.messages(before) == told(event)

    # Of two that were made at once, a look leaves one.
    wait_for("the journey", lambda: keeper(company).get("ok") and active(company, event) == 1)
    assert "CANCELLED" in journeys(company, event).values()


@pytest.mark.parametrize(
    ("operation", "processed"),
    [("pinpoint.CreateJourney", True), ("pinpoint.UpdateJourneyState", False), ("dynamodb.PutItem", True)],
)
def test_a_keeper_that_dies_is_made_up_for(
    company: CompanyEvents, event: str, operation: str, *, processed: bool
) -> None:
    customers(company)
    function = company.module["functions"]["plans"]["name"]
    match = {"function": function, "operation": operation}
    company.shop.put_faults(
        {"target": "function.call", "kind": "kill", "match": match, "processed": processed, "times": 1}
    )
    before = company.mark()
    company.write_plan(by_journey(event))
    wait_for("the death", company.no_faults_left)

    # The run waits for its journey, for two hours at most.
    company.set_pace(TIME_FACTOR / 20)
    run = company.announce(event, feature="Dark mode")
    wait_for("the journey", lambda: keeper(company).get("ok") and active(company, event))
    company.set_pace(TIME_FACTOR)

    record = company.ended(run)
    assert (record.status, record.lost) == (RunStatus.COMPLETED, ""), record
    assert company.messages(before) == told(event)
    wait_for("one journey", lambda: active(company, event) == 1)


def test_a_person_draws_a_journey_that_calls_for_a_step(company: CompanyEvents, event: str) -> None:
    """The original pattern: one company user, updated and fired at by whoever administers the release."""
    customers(company)
    steps = [{"id": "announce", "send": [send("paying", "EMAIL", "Drawn: {{event.feature}}")]}]
    audiences = {"paying": {"where": {"user.plan": ["gold"]}}}
    company.write_plan({"event": event, "audiences": audiences, "steps": steps})
    function = company.module["functions"]["journey"]["arn"]
    data = json.dumps({"plan": event, "step": "announce"})
    custom = {"DeliveryUri": function, "EndpointTypes": ["CUSTOM"], "MessageConfig": {"Data": data}}
    made = company.pinpoint.create_journey(
        ApplicationId=company.application_id,
        WriteJourneyRequest={
            "Name": "drawn",
            "State": "ACTIVE",
            "StartActivity": "tell",
            "StartCondition": {
                "EventStartCondition": {
                    "EventFilter": {
                        "FilterType": "ENDPOINT",
                        "Dimensions": {"EventType": {"DimensionType": "INCLUSIVE", "Values": ["admin.release"]}},
                    }
                }
            },
            "Activities": {"tell": {"CUSTOM": custom}},  # type: ignore[typeddict-item]  # a literal
            "Limits": {"EndpointReentryCap": 0},
        },
    )
    before = company.mark()

    def fire() -> Counter[tuple[str, str]]:
        # What comes in its first minutes is lost; the same event ID is the same run.
        moment = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.000Z}"
        company.pinpoint.put_events(
            ApplicationId=company.application_id,
            EventsRequest={
                "BatchItem": {
                    "company-shop": {
                        "Endpoint": {
                            "ChannelType": "CUSTOM",
                            "Address": "company-shop",
                            "User": {
                                "UserId": "company-shop",
                                "UserAttributes": {"event_id": ["release-42"], "feature": ["Dark mode"]},
                            },
                        },
                        "Events": {uuid.uuid4().hex: {"EventType": "admin.release", "Timestamp": moment}},
                    }
                }
            },
        )
        return company.messages(before)

    wait_for("the announcement", fire)
    [run] = company.runs(event)
    assert company.ended(run.run).status is RunStatus.COMPLETED
    assert company.messages(before) == Counter({("ann-mail", "Drawn: Dark mode"): 1})
    company.pinpoint.update_journey_state(
        ApplicationId=company.application_id,
        JourneyId=made["JourneyResponse"]["Id"],
        JourneyStateRequest={"State": "CANCELLED"},
    )


def test_a_second_plan_changes_nothing_though_journeys_were_made(company: CompanyEvents, applied: Stack) -> None:
    assert journeys(company, "given")
    assert applied.changes() == []


def test_destroy_refuses_with_runs_under_way_and_leaves_nothing_without_them(
    company: CompanyEvents, applied: Stack, event: str
) -> None:
    customers(company)
    steps = release(event)["steps"]
    steps[2] = {"id": "pause", "wait": "P300D"}
    deployed(company, by_journey(event, steps=steps))
    run = company.announce(event, feature="Dark mode")
    wait_for("the wait", lambda: len(company.steps(run)) == 3)

    with pytest.raises(StackError, match=f"run {run} is under way"):
        applied.destroy()
    company.put("Company Event Stop", {"run": run})
    company.ended(run)
    company.remove_plans()
    applied.destroy()

    left = company.shop.local("pinpoint/journeys")
    assert not [one for one in left if one["application_id"] == company.application_id]
