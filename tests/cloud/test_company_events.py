"""Company events on the applied modules: events and schedules become messages, each once."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from engagement.domain.plans.names import Names
from engagement.domain.runs.records import Kind, RunStatus
from local_cloud.process import LocalCloud
from tests.cloud.company import TIME_FACTOR, CompanyEvents, applied_events
from tests.cloud.deployment import wait_for
from tests.cloud.releases import VARIABLES, customers, release, send, told
from tools.stack import Stack


@pytest.fixture(scope="module")
def applied(cloud: LocalCloud, tmp_path_factory: pytest.TempPathFactory) -> Stack:
    stack = Stack(cloud, tmp_path_factory.mktemp("company"), VARIABLES)
    stack.apply()
    return stack


@pytest.fixture
def company(cloud: LocalCloud, applied: Stack) -> Iterator[CompanyEvents]:
    with applied_events(cloud, applied.outputs()) as events:
        yield events


def test_an_event_stamps_announces_waits_and_reminds(company: CompanyEvents, event: str) -> None:
    customers(company)
    company.write_plan(release(event))
    before = company.mark()

    run = company.announce(event, feature="Dark mode")
    record = company.ended(run)

    assert record.status is RunStatus.COMPLETED, record
    assert company.messages(before) == told(event)
    assert company.shop.endpoints()["ann-phone"]["User"]["UserAttributes"][f"{event}_feature"] == ["Dark mode"]
    reached = {(made.audience, made.channel): made.reached for made in company.made(run) if made.kind is Kind.CAMPAIGN}
    assert reached[("others", "SMS")] == 1


def test_a_schedule_starts_a_plan_without_an_event(company: CompanyEvents, event: str) -> None:
    customers(company)
    audiences = {"paying": {"where": {"user.plan": ["gold"]}}}
    steps = [{"id": "digest", "send": [send("paying", "EMAIL", f"News of {event}")]}]
    moment = f"{datetime.now(UTC) + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"
    plan = {"event": event, "orchestrator": "schedule", "audiences": audiences, "steps": steps}
    before = company.mark()

    company.write_plan({**plan, "schedule": moment})
    company.ended(Names(event, f"schedule:{event}:{moment}").run)
    assert company.messages(before) == Counter({("ann-mail", f"News of {event}"): 1})

    company.write_plan({**plan, "schedule": "now"})
    wait_for("a second run", lambda: len(company.runs(event)) == 2)
    for run in company.runs(event):
        company.ended(run.run)
    assert company.messages(before) == Counter({("ann-mail", f"News of {event}"): 2})


def test_one_event_id_is_one_run_however_often_it_comes(company: CompanyEvents, event: str) -> None:
    customers(company)
    company.write_plan(release(event))
    before = company.mark()

    runs = {company.announce(event, event_id=f"{event}-1", feature="Dark mode") for _ in range(5)}

    [run] = runs
    assert company.ended(run).status is RunStatus.COMPLETED
    assert company.messages(before) == told(event)
    assert len(company.runs(event)) == 1


def test_a_faulty_plan_is_refused_with_path_and_remedy_and_nothing_is_made(company: CompanyEvents, event: str) -> None:
    plan = release(event)
    plan["steps"][1]["send"][0]["audience"] = "nobody_knows"
    plan["steps"][2]["wait"] = "PT5S"
    company.write_plan(plan)

    record = company.ended(company.announce(event, feature="Dark mode"))

    assert record.status is RunStatus.REFUSED
    assert [fault.partition(":")[0] for fault in record.faults] == ["$.steps[1].send[0].audience", "$.steps[2].wait"]
    assert not company.campaigns(record.run)
    assert company.ended(company.announce("no_such_event")).faults[0].startswith("$: there is no plan")


def test_a_dry_run_counts_audiences_and_sends_nothing(company: CompanyEvents, event: str) -> None:
    customers(company)
    company.write_plan(release(event))
    before = company.mark()

    run = company.announce(event, dry_run=True, feature="Dark mode")

    assert company.ended(run).status is RunStatus.COMPLETED
    counts = [dict(step.counts) for step in company.steps(run)]
    assert counts[0]["paying"] == 2
    assert counts[1]["told"] == 0
    assert not company.messages(before)
    assert not company.campaigns(run)


def test_a_stopped_run_sends_nothing_more_and_says_what_was_out(company: CompanyEvents, event: str) -> None:
    customers(company)
    plan = release(event)
    plan["steps"][2]["wait"] = "P30D"
    company.write_plan(plan)
    before = company.mark()
    run = company.announce(event, feature="Dark mode")
    wait_for("the wait", lambda: len(company.steps(run)) == 3)

    company.put("Company Event Stop", {"run": run})
    record = company.ended(run)

    assert record.status is RunStatus.STOPPED
    assert "already out" in record.reason
    execution = company.execution(record)
    assert execution["status"] == "ABORTED"
    assert told(event) - company.messages(before) == Counter([("ann-mail", f"Have you tried {event} and Dark mode?")])


def test_a_run_whose_execution_is_aborted_is_closed_and_gives_back_what_it_reserved(
    company: CompanyEvents, event: str
) -> None:
    customers(company)
    plan = release(event)
    plan["steps"][2]["wait"] = "P30D"
    company.write_plan(plan)
    run = company.announce(event, feature="Dark mode")
    wait_for("the wait", lambda: len(company.steps(run)) == 3)

    company.abort(run)
    record = company.ended(run)

    assert record.status is RunStatus.FAILED
    assert record.reason.startswith("its execution ended: ABORTED")
    assert record.reserved == 0


def test_values_of_an_event_are_never_code(company: CompanyEvents, event: str) -> None:
    customers(company)
    company.write_plan(release(event))
    before = company.mark()

    company.ended(company.announce(event, feature="{{User.UserId}} <script>alert(1)</script>"))

    texts = [text for _, text in company.messages(before)]
    assert texts, "somebody is told"
    assert all("ann" not in text and "bob" not in text for text in texts)
    assert "((User.UserId)) <script>" in " ".join(texts), "the value reads as it was sent, in a text"


KILLS = [
    ("dynamodb.PutItem", True),
    ("dynamodb.TransactWriteItems", False),
    ("dynamodb.TransactWriteItems", True),
    ("dynamodb.UpdateItem", False),
    ("pinpoint.CreateSegment", False),
    ("pinpoint.CreateSegment", True),
    ("pinpoint.CreateCampaign", False),
    ("pinpoint.CreateCampaign", True),
    ("pinpoint.GetCampaign", False),
    ("s3.GetObjectVersion", True),
]


def test_a_step_function_that_dies_at_any_of_ten_points_makes_exactly_what_is_planned(company: CompanyEvents) -> None:
    customers(company)
    # What a dead call has taken stays taken for seconds, in which the state machine need not ask all the time.
    company.set_pace(TIME_FACTOR / 10)
    function = company.module["functions"]["step"]["name"]
    before = company.mark()
    runs = {}
    for number, (operation, processed) in enumerate(KILLS):
        event = f"killed_{number}_{uuid.uuid4().hex[:6]}"
        company.write_plan(release(event))
        match = {"function": function, "operation": operation}
        company.shop.put_faults(
            {"target": "function.call", "kind": "kill", "match": match, "processed": processed, "times": 1}
        )
        run = company.announce(event, feature="Dark mode")
        wait_for(f"the death at {operation}", company.no_faults_left)
        runs[run] = event

    for number, run in enumerate(runs):
        assert company.ended(run).status is RunStatus.COMPLETED, KILLS[number]
        assert Counter(campaign["Name"] for campaign in company.campaigns(run)).total() == 4, KILLS[number]
    assert company.messages(before) == sum(map(told, runs.values()), Counter())


def test_a_second_plan_changes_nothing_though_marketers_wrote_plans(company: CompanyEvents, applied: Stack) -> None:
    company.write_plan(release("edited_by_hand"))
    assert applied.changes() == []
