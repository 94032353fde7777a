"""Runs that Amazon Connect sends: what is made is started once, in its time, and nothing else is touched."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from engagement.adapters.connect.snapshots import Snapshots
from engagement.domain.plans.connect.limits import ACTIVE_CAMPAIGNS
from engagement.domain.plans.names import ENVIRONMENT_TAG, RUN_TAG, Names
from engagement.domain.runs.records import Kind, RunRecord, RunStatus
from engagement.domain.stamps.batches import BatchKey
from engagement.handlers import worlds
from tests.functional.runs.connect_cloud import ConnectCloud, plan_settings
from tests.functional.runs.plans import AUDIENCES, event, expected_messages, put_customers, release, send, stop

RUN = Names("release", "event:release:release-42").run
ONE = ("gold",)


def record_of(connect: ConnectCloud, run: str = RUN) -> RunRecord:
    record = connect.announcer.ANNOUNCER.ledger.run(run)
    assert isinstance(record, RunRecord)
    return record


def fan_out(campaigns: int, name: str = "release") -> dict[str, Any]:
    """A plan whose only step has as many campaigns."""
    audiences = {f"a{number}": {"where": {"user.plan": [f"p{number}"]}} for number in range(campaigns)}
    sends = [send(audience, "EMAIL", "News") for audience in audiences]
    return {"event": name, "audiences": audiences, "steps": [{"id": "tell", "send": sends}]}


def failing(target: str, status: int, **more: Any) -> dict[str, Any]:
    """A call that fails with an error."""
    return {"target": target, "kind": "error", "status": status, **more}


@pytest.mark.parametrize(
    "fault",
    [
        failing("outbound.CreateCampaign", 500, processed=True, times=2),
        failing("outbound.CreateCampaign", 500, times=2),
        {"target": "outbound.CreateCampaign", "kind": "cut", "processed": True},
        {"target": "outbound.CreateCampaign", "kind": "throttle", "times": 3},
        failing("outbound.CreateCampaign", 409, processed=True),
        failing("profiles.CreateSegmentDefinition", 500, processed=True),
        failing("profiles.CreateSegmentDefinition", 400, processed=True),
        failing("outbound.StartCampaign", 500, processed=True, times=2),
        failing("outbound.StartCampaign", 500, times=2),
        {"target": "outbound.StartCampaign", "kind": "throttle", "times": 5},
        failing("outbound.StartCampaign", 409),
        failing("outbound.DeleteCampaign", 409),
    ],
    ids=lambda fault: " ".join(map(str, fault.values())),
)
def test_whatever_the_service_answers_each_campaign_is_started_once(
    connect: ConnectCloud, fault: Mapping[str, Any]
) -> None:
    put_customers(connect)
    connect.put_plan(release(ONE))
    connect.faults.put([{"times": 1, **fault}])

    assert connect.run(event())["next"] == "completed"

    assert connect.messages() == expected_messages(ONE)
    assert len(connect.campaigns()) == 4


def test_what_is_there_twice_is_deleted_before_either_is_started(connect: ConnectCloud) -> None:
    # GIVEN a create whose answer is lost, and a listing that shows what it made only after it was made again
    put_customers(connect)
    connect.put_plan(release(ONE))
    connect.faults.put([failing("outbound.CreateCampaign", 500, processed=True, times=1)])
    connect.lag(90)

    # WHEN
    assert connect.run(event())["next"] == "completed"

    # THEN
    made = connect.made()
    assert len(made) == 5
    assert [one.state for one in made if not one.starts] == ["Deleted"]
    assert connect.messages() == expected_messages(ONE)


def test_a_fan_out_to_the_last_active_campaign_keeps_to_the_rates(
    connect: ConnectCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Threads that wait at once push this clock further than they mean to, and come all together then.
    monkeypatch.setattr(worlds, "side_by_side", lambda work, things: list(map(work, things)))
    connect.put_plan(fan_out(ACTIVE_CAMPAIGNS))
    for number in range(ACTIVE_CAMPAIGNS):
        connect.add_endpoint(f"e-{number}", "EMAIL", plan=f"p{number}")

    assert connect.run(event())["next"] == "completed"

    assert len(connect.messages()) == ACTIVE_CAMPAIGNS
    assert 429 not in connect.calls()
    assert connect.calls("StartCampaign") == [200] * ACTIVE_CAMPAIGNS
    assert {one.state for one in connect.made()} == {"Deleted"}, (
        "the instance holds 500 campaigns, also those that are over"
    )
    assert not connect.segments()


def test_more_than_may_be_active_is_refused(connect: ConnectCloud) -> None:
    connect.put_plan(fan_out(ACTIVE_CAMPAIGNS + 1, "too_large"))
    connect.put_plan(fan_out(26))
    for number in range(3):
        connect.of_others(number)

    assert connect.announce(event("too_large"), event(), event(event_id="another")) == []

    refused = record_of(connect, Names("too_large", "event:too_large:release-42").run)
    assert "51" in refused.faults[0] or "50" in refused.faults[0]
    assert record_of(connect).status is RunStatus.RUNNING
    another = record_of(connect, Names("release", "event:release:another").run)
    assert another.status is RunStatus.REFUSED
    assert "47 for all" in another.reason


def test_campaigns_wait_until_the_instance_has_room(connect: ConnectCloud) -> None:
    # GIVEN an instance that others fill after the run was let in
    put_customers(connect)
    connect.put_plan(release(ONE))
    assert connect.announce(event()) == []
    theirs = [connect.of_others(number) for number in range(ACTIVE_CAMPAIGNS - 1)]
    answer = connect.invoke(connect.start_payload())
    assert len(connect.campaigns()) == 1
    assert answer["next"] == "wait"

    # WHEN they end
    with connect.unpaced():
        for one in theirs:
            connect.outbound.stop_campaign(id=one)

    # THEN
    assert connect.walk(answer)["next"] == "completed"
    assert connect.messages() == expected_messages(ONE)


def test_another_environment_with_the_same_run_keeps_what_it_has_made(connect: ConnectCloud) -> None:
    put_customers(connect)
    connect.put_plan(release(ONE))
    theirs = connect.of_others(0, started=False, **{ENVIRONMENT_TAG: "staging", RUN_TAG: RUN})
    connect.faults.put([failing("outbound.CreateCampaign", 500, processed=True, times=1)])

    assert connect.run(event())["next"] == "completed"

    assert connect.outbound.get_campaign_state(id=theirs)["state"] == "Initialized"
    assert connect.messages() == expected_messages(ONE)


def test_a_stopped_run_sends_nothing_more_and_leaves_nothing_active(connect: ConnectCloud) -> None:
    put_customers(connect)
    connect.put_plan(release())
    assert connect.announce(event()) == []
    answer = connect.invoke(connect.start_payload())
    assert connect.calls("StartCampaign") == [200] * 6

    assert connect.announce(stop(RUN)) == []

    connect.pass_time(3_600)
    assert not connect.messages()
    assert {one.state for one in connect.made()} == {"Deleted"}
    assert "6 campaigns deleted before they started" in record_of(connect).reason
    assert connect.invoke(answer)["next"] == "stopped"


def test_a_run_keeps_the_destination_with_which_it_began(
    connect: ConnectCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    # GIVEN a run on Amazon Connect
    put_customers(connect)
    connect.put_plan(release(ONE))
    assert connect.announce(event()) == []
    assert record_of(connect).sends_by == "connect"

    # WHEN Pinpoint sends from now on
    connect.reload({"PLAN_SETTINGS": json.dumps({**plan_settings(), "sends_by": "pinpoint"})}, monkeypatch)

    # THEN
    assert connect.walk(connect.start_payload())["next"] == "completed"
    assert connect.messages() == expected_messages(ONE)


def test_a_run_whose_destination_is_gone_fails_with_the_reason(
    connect: ConnectCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_customers(connect)
    connect.put_plan(release(ONE))
    assert connect.announce(event()) == []

    connect.reload({"PROFILES_DOMAIN": "", "CONNECT_INSTANCE_ID": ""}, monkeypatch)

    assert connect.walk(connect.start_payload())["next"] == "failed"
    record = record_of(connect)
    assert record.reason.startswith("connect, by which the run sends, is not a destination any more")
    assert record.reserved == 0


def test_a_dry_run_counts_without_a_snapshot_and_makes_no_campaign(connect: ConnectCloud) -> None:
    put_customers(connect)
    connect.put_plan(release())

    assert connect.run(event(dry_run=True))["next"] == "completed"

    run = Names("release", "dry-run:release:release-42").run
    counts = [step.counts for step in connect.step.WORLDS.ledger.steps(run)]
    assert counts[0] == dict.fromkeys(AUDIENCES, 2)
    assert not connect.calls("CreateCampaign")
    assert not connect.calls("CreateSegmentSnapshot")
    assert not connect.segments()


@pytest.mark.environment(MAXIMUM_AUDIENCE="1")
def test_an_audience_that_is_too_large_is_not_sent_to(connect: ConnectCloud) -> None:
    put_customers(connect)
    connect.put_plan(release(ONE))

    assert connect.run(event())["next"] == "failed"

    assert "gold has 2" in record_of(connect).reason
    assert not connect.calls("CreateCampaign")


def test_a_stamp_is_a_snapshot_whose_members_are_queued_for_both(connect: ConnectCloud) -> None:
    # GIVEN
    connect.make_buckets()
    put_customers(connect)
    plan = release(ONE)
    plan["steps"] = [
        {"id": "stamp", "stamp": {"audiences": ["gold"], "set": {"last_feature": "{{event.feature}}"}}},
        plan["steps"][0],
    ]
    connect.put_plan(plan)
    assert connect.announce(event()) == []

    # WHEN
    answer = connect.invoke(connect.start_payload())
    while answer["next"] == "step" or not connect.queued():
        connect.wait_until(answer.get("until", connect.clock.now().isoformat()))
        answer = connect.invoke(answer)

    # THEN each destination has a batch, and only the one that sends is waited for
    keys = set(map(BatchKey.parse, connect.queued()))
    assert sorted((key.run, key.index, key.destination) for key in keys) == [(RUN, 0, "connect"), (RUN, 0, "pinpoint")]
    assert answer["step"] == 0
    ledger = connect.stamp_ledger()
    [batch] = ledger.open([key for key in keys if key.destination == "connect"])
    assert batch.endpoints == {"gold-mail": None, "gold-phone": None}
    ledger.close(batch.key)
    assert connect.walk(answer)["next"] == "completed"
    assert not connect.calls("CreateCampaign") or connect.messages()


def test_rows_of_a_snapshot_that_name_nobody_are_left_out_and_counted(connect: ConnectCloud) -> None:
    connect.make_buckets()
    rows: list[object] = [
        {"AccountNumber": "a"},
        {"account_number": "b"},
        {"Profile": {"accountNumber": "c", "Attributes": {"AccountNumber": "not c"}}},
        {"AccountNumber": ""},
        {"FirstName": "Jo"},
        ["AccountNumber", "d"],
    ]
    lines = "\n".join([*map(json.dumps, rows), "no JSON", ""])
    for key, text in (("part-1.jsonl", lines), ("_SUCCESS", "AccountNumber")):
        connect.s3.put_object(Bucket="exports", Key=f"folder/{key}", Body=text.encode())
    snapshots = Snapshots(None, connect.s3, "shop", "exports", "role")  # type: ignore[arg-type]

    pages = list(snapshots.endpoints("folder"))

    assert [dict(page.endpoints) for page in pages] == [{"a": None, "b": None, "c": None}]
    assert snapshots.left_out == 4
    assert not list(snapshots.endpoints("folder", pages[-1].next))


def test_what_ends_a_run_is_deleted_last(connect: ConnectCloud) -> None:
    put_customers(connect)
    connect.put_plan(release(ONE))

    assert connect.run(event())["next"] == "completed"

    made = connect.step.WORLDS.ledger.made(RUN)
    assert {one.status for one in made if one.kind is Kind.CAMPAIGN} == {"COMPLETED"}
    assert all(one.removed for one in made)
