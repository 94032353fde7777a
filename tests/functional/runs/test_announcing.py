"""The announcer: an event becomes one run, whatever its way to the queue was; or a refusal with every reason."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from engagement.domain.plans.names import Names
from engagement.domain.runs.announcement import Announcement, read
from engagement.domain.runs.records import RunRecord, RunStatus
from tests.functional.runs.cloud import Cloud, Payload
from tests.functional.runs.deaths import Death
from tests.functional.runs.plans import AUDIENCES, ended, event, expected_messages, put_customers, release, send, stop

NEEDED = 6
"""Campaigns that the release has active at once."""


@pytest.fixture
def customers(cloud: Cloud) -> None:
    put_customers(cloud)
    cloud.put_plan(release())


def run_id(body: str) -> str:
    announcement = read(body, require_event_id=True)
    assert isinstance(announcement, Announcement)
    return Names(announcement.plan, announcement.key).run


def record_of(cloud: Cloud, body: str) -> RunRecord:
    record = cloud.announcer.ANNOUNCER.ledger.run(run_id(body))
    assert isinstance(record, RunRecord)
    return record


def began(cloud: Cloud) -> list[str]:
    """Runs of the ledger's list, the newest first."""
    return list(cloud.announcer.ANNOUNCER.ledger.runs())


def reserved(cloud: Cloud) -> int:
    answer = cloud.dynamodb.get_item(TableName=cloud.table, Key={"pk": {"S": "head_room"}, "sk": {"S": "campaigns"}})
    return int(answer.get("Item", {}).get("reserved", {}).get("N", 0))


def payload_of(cloud: Cloud, body: str) -> Payload:
    """What the machine was started with for an event."""
    [payload] = [
        payload
        for execution in cloud.executions()
        for payload in [json.loads(cloud.stepfunctions.describe_execution(**_arn(execution))["input"])]
        if payload["run"] == run_id(body)
    ]
    return dict(payload)


def _arn(execution: dict[str, Any]) -> dict[str, str]:
    return {"executionArn": execution["executionArn"]}


def nothing_was_made(cloud: Cloud) -> bool:
    return not cloud.executions() and not cloud.campaigns() and not cloud.segments() and reserved(cloud) == 0


@pytest.mark.usefixtures("customers")
@pytest.mark.parametrize("bus_ids", [list("12345"), ["1"] * 5], ids=["five ids of the bus", "one id five times"])
@pytest.mark.parametrize("together", [True, False], ids=["one batch", "five batches"])
def test_one_event_id_is_one_run_however_often_it_comes(cloud: Cloud, bus_ids: list[str], together: bool) -> None:
    bodies = [event(bus_id=bus_id) for bus_id in bus_ids]

    for batch in [bodies] if together else [[body] for body in bodies]:
        assert cloud.announce(*batch) == []

    assert len(cloud.executions()) == 1
    assert began(cloud) == [run_id(event())]
    assert reserved(cloud) == NEEDED
    assert cloud.walk(cloud.start_payload())["next"] == "completed"
    assert cloud.messages() == expected_messages()


@pytest.mark.usefixtures("customers")
def test_a_repetition_after_the_end_starts_nothing(cloud: Cloud) -> None:
    assert cloud.run(event())["next"] == "completed"

    assert cloud.announce(event(bus_id="2")) == []

    assert len(cloud.executions()) == 1
    assert record_of(cloud, event()).status is RunStatus.COMPLETED
    assert cloud.messages() == expected_messages()


@pytest.mark.usefixtures("customers")
def test_announcers_at_once_start_one_run(cloud: Cloud) -> None:
    for attempt in range(10):
        body = event(event_id=f"release-{attempt}")
        announcement = read(body, require_event_id=True)
        with ThreadPoolExecutor(4) as pool:
            outcomes = Counter(pool.map(cloud.announcer.ANNOUNCER.announce, [announcement] * 4))

        assert outcomes.total() == 4
        assert outcomes["started"] >= 1
        assert len(cloud.executions()) == attempt + 1
        assert len(began(cloud)) == attempt + 1
        assert reserved(cloud) == (attempt + 1) * NEEDED


@pytest.mark.usefixtures("customers")
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_whenever_the_announcer_dies_the_message_that_comes_again_makes_one_run(cloud: Cloud, after: bool) -> None:
    for runs, number in enumerate(cloud.deaths.numbers(after=after), start=1):
        body = event(event_id=f"{after}-{number}")
        cloud.deaths.order(number, after=after)

        try:
            cloud.announce(body)
        except Death:
            cloud.deaths.forget()
            assert cloud.announce(body) == [], number

        cloud.deaths.forget()
        executions = Counter(execution["name"].rpartition("-")[2] for execution in cloud.executions())
        assert executions[run_id(body)] == 1, number
        assert began(cloud).count(run_id(body)) == 1, number
        assert reserved(cloud) == runs * NEEDED, number
        record = record_of(cloud, body)
        assert record.status is RunStatus.RUNNING, number
        assert record.started, number
    assert number >= 6, "an announcer that makes so few calls does not claim, reserve and start"


def test_an_event_without_a_plan_is_refused_with_the_remedy(cloud: Cloud) -> None:
    body = event("no_such_plan")

    assert cloud.announce(body) == []

    record = record_of(cloud, body)
    assert record.status is RunStatus.REFUSED
    [fault] = record.faults
    assert fault.startswith('$: there is no plan for the event "no_such_plan". ')
    assert "plans/no_such_plan.json" in fault
    assert nothing_was_made(cloud)


def test_a_faulty_plan_is_refused_with_every_fault_and_starts_once_it_is_mended(cloud: Cloud) -> None:
    put_customers(cloud)
    faulty = release()
    faulty["steps"][0]["send"][0]["audience"] = "platinum"
    faulty["steps"][1]["wait"] = "PT1S"
    faulty["steps"][2]["send"][1]["channel"] = "PIGEON"
    cloud.put_plan(faulty)

    assert cloud.announce(event()) == []

    record = record_of(cloud, event())
    assert record.status is RunStatus.REFUSED
    paths = [fault.partition(": ")[0] for fault in record.faults]
    assert paths == ["$.steps[0].send[0].audience", "$.steps[1].wait", "$.steps[2].send[1].channel"]
    assert nothing_was_made(cloud)

    # A refusal does not use up the event.
    cloud.put_plan(release())
    assert cloud.run(event())["next"] == "completed"
    assert cloud.messages() == expected_messages()


@pytest.mark.usefixtures("customers")
def test_an_event_without_an_attribute_of_the_plan_is_refused_before_anything_is_made(cloud: Cloud) -> None:
    document = json.loads(event())
    del document["detail"]["feature"]

    assert cloud.announce(json.dumps(document)) == []

    record = record_of(cloud, event())
    assert record.status is RunStatus.REFUSED
    assert record.faults
    assert all("feature" in fault and fault.startswith("$.steps[") for fault in record.faults)
    assert nothing_was_made(cloud)


def of_size(campaigns: int, name: str) -> dict[str, Any]:
    """A plan whose only step has as many campaigns active at once."""
    audiences = {f"a{number}": {"where": {"user.plan": [f"p{number}"]}} for number in range(campaigns)}
    sends = [send(audience, "EMAIL", "News") for audience in audiences]
    return {"event": name, "audiences": audiences, "steps": [{"id": "tell", "send": sends}]}


@pytest.mark.environment(
    PLAN_SETTINGS=json.dumps({"allowed_senders": ["news@example.com"], "reserved_active_campaigns": 100})
)
def test_a_plan_beyond_the_head_room_is_refused_with_the_numbers(cloud: Cloud) -> None:
    # GIVEN 200 active campaigns in the account, 100 of them kept for others, 3 of others active in this project
    for number in range(3):
        _campaign_of_others(cloud, f"theirs-{number}")
    for campaigns in (60, 37, 38):
        cloud.put_plan(of_size(campaigns, f"plan_{campaigns}"))

    # WHEN one plan takes 60 of the other 97
    assert cloud.announce(event("plan_60")) == []
    # THEN there are 37, not 38
    assert cloud.announce(event("plan_38", "a"), event("plan_37", "b")) == []

    refused = record_of(cloud, event("plan_38", "a"))
    assert refused.status is RunStatus.REFUSED
    assert "needs 38 campaigns" in refused.reason
    assert "97" in refused.reason
    assert record_of(cloud, event("plan_37", "b")).status is RunStatus.RUNNING
    assert reserved(cloud) == 97
    assert len(cloud.executions()) == 2

    # AND once a run has ended the same event finds room
    assert cloud.walk(payload_of(cloud, event("plan_60")))["next"] == "completed"
    assert cloud.announce(event("plan_38", "a")) == []
    assert record_of(cloud, event("plan_38", "a")).status is RunStatus.RUNNING


def _campaign_of_others(cloud: Cloud, name: str) -> None:
    segment = cloud._own.create_segment(
        ApplicationId=cloud.application_id,
        WriteSegmentRequest={
            "Name": name,
            "Dimensions": {"UserAttributes": {"plan": {"AttributeType": "INCLUSIVE", "Values": ["gold"]}}},
        },
    )
    start = f"{cloud.clock.now().replace(year=2028):%Y-%m-%dT%H:%M:%SZ}"
    cloud._own.create_campaign(
        ApplicationId=cloud.application_id,
        WriteCampaignRequest={
            "Name": name,
            "SegmentId": segment["SegmentResponse"]["Id"],
            "Schedule": {"StartTime": start, "Frequency": "ONCE"},
            "MessageConfiguration": {"EmailMessage": {"Title": name, "Body": name}},
        },
    )


@pytest.mark.usefixtures("customers")
def test_runs_keep_the_plan_with_which_they_began(cloud: Cloud) -> None:
    # GIVEN a run that waits
    old, new = event(event_id="old"), event(event_id="new")
    assert cloud.announce(old) == []
    _until_waits(cloud, payload_of(cloud, old))

    # WHEN the plan is replaced by a marketer's, then even by a faulty one
    changed = release()
    changed["steps"][2]["send"] = [send("gold", "EMAIL", "Changed: {{event.feature}}")]
    cloud.put_plan(changed, "plans")
    assert cloud.announce(new) == []
    payloads = [payload_of(cloud, body) for body in (old, new)]
    cloud.put_plan({"event": "release"}, "plans")

    # THEN both go on with the plan they began with
    assert [answer["next"] for answer in walk_together(cloud, payloads)] == ["completed", "completed"]
    told = {(f"{plan}-{way}", f"New: Dark mode ({plan})"): 2 for plan in AUDIENCES for way in ("mail", "phone")}
    reminded = {
        (f"{plan}-{way}", f"Have you tried Dark mode? ({plan})"): 1 for plan in AUDIENCES for way in ("mail", "phone")
    }
    assert cloud.messages() == Counter({**told, **reminded, ("gold-mail", "Changed: Dark mode"): 1})
    assert record_of(cloud, old).plan_key == "defaults/release.json"
    assert record_of(cloud, new).plan_key == "plans/release.json"


def _until_waits(cloud: Cloud, payload: Payload) -> None:
    """Play a run until it waits for the time that its plan says."""
    answer = cloud.invoke(payload)
    while answer["phase"] != "waited":
        if answer["next"] == "wait":
            cloud.wait_until(answer["until"])
        answer = cloud.invoke(answer)


@pytest.mark.usefixtures("customers")
def test_two_events_at_once_do_not_mix(cloud: Cloud) -> None:
    bodies = [event(event_id="one"), event(event_id="two", feature="Voice mode")]
    assert cloud.announce(*bodies) == []

    answers = walk_together(cloud, [payload_of(cloud, body) for body in bodies])

    assert [answer["next"] for answer in answers] == ["completed", "completed"]
    voice = Counter({(who, text.replace("Dark", "Voice")): many for (who, text), many in expected_messages().items()})
    assert cloud.messages() == expected_messages() + voice
    runs = Counter(campaign["name"] for campaign in cloud.campaigns())
    assert len(runs) == 24
    assert reserved(cloud) == 0


def walk_together(cloud: Cloud, payloads: Sequence[Payload]) -> list[Payload]:
    """Play the state machines of several runs, those that are due at the same time; their last answers."""
    answers = [{**payload, "next": "step"} for payload in payloads]
    for _ in range(500):
        due = [number for number, answer in enumerate(answers) if answer["next"] == "step"]
        with ThreadPoolExecutor(len(payloads)) as pool:
            for number, answer in zip(due, pool.map(cloud.advance, [answers[number] for number in due]), strict=True):
                answers[number] = answer
        waiting = [answer for answer in answers if answer["next"] == "wait"]
        if not waiting and all(answer["next"] != "step" for answer in answers):
            return answers
        if waiting and len(waiting) == sum(answer["next"] in ("step", "wait") for answer in answers):
            first = min(waiting, key=lambda answer: str(answer["until"]))
            cloud.wait_until(first["until"])
            first["next"] = "step"
    raise AssertionError("the runs do not end")


def test_an_execution_that_ends_by_itself_closes_its_run(cloud: Cloud) -> None:
    put_customers(cloud)
    cloud.put_plan(release())
    assert cloud.announce(event()) == []
    payload = cloud.invoke(cloud.start_payload())
    run = payload["run"]
    assert cloud.campaigns()

    assert cloud.announce(ended(run, "TIMED_OUT")) == []
    assert cloud.announce(ended(run, "TIMED_OUT")) == []

    record = cloud.announcer.ANNOUNCER.ledger.run(run)
    assert record.status == "failed"
    assert record.reason.startswith("its execution ended: TIMED_OUT")
    assert record.reserved == 0
    assert not cloud.campaigns(), "what has not started is taken back"
    assert cloud.walk(payload)["next"] == "failed"
    assert not cloud.messages()


def test_the_abortion_that_a_stop_brings_about_is_not_a_failure(cloud: Cloud) -> None:
    put_customers(cloud)
    cloud.put_plan(release())
    cloud.announce(event())
    run = cloud.start_payload()["run"]
    cloud.announcer.ANNOUNCER.ledger.ask_to_stop(run)

    assert cloud.announce(ended(run, "ABORTED"), stop(run)) == []

    assert cloud.announcer.ANNOUNCER.ledger.run(run).status == "stopped"
