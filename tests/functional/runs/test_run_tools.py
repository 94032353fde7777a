"""`make run-show` and `make run-stop`: what they print of real runs, and what they say when they cannot."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from engagement.adapters.interactions import Interactions
from engagement.adapters.ledger import Ledger
from engagement.domain.plans.names import Names
from engagement.domain.runs.records import Kind, Made, RunRecord, RunStatus, StepRecord, StepStatus
from tests.functional.ministack import use_dynamodb
from tests.functional.runs.cloud import Cloud
from tests.functional.runs.plans import EVENT_ID, event, put_customers, release
from tools.run import __main__ as command
from tools.run import stopping
from tools.run.ledger import INTERACTIONS_SUFFIX, RunError, Runs

RUN = Names("release", f"event:release:{EVENT_ID}").run
BEGAN = datetime(2027, 1, 31, 9, tzinfo=UTC)


class Operator:
    """Somebody with a shell: the commands, on the account of a small cloud."""

    def __init__(self, cloud: Cloud, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.session = boto3.Session()
        use_dynamodb(self.session.events)
        monkeypatch.setattr(boto3, "DEFAULT_SESSION", self.session)
        self._monkeypatch = monkeypatch
        self._capsys = capsys
        self.table = cloud.table
        self.ledger = Ledger(cloud.dynamodb, cloud.table, timedelta(days=1))
        self.runs = Runs(cloud.dynamodb, cloud.table)

    def types(self, *arguments: str) -> tuple[str, object]:
        """Run a command; what it prints, and what it exits with."""
        self._monkeypatch.setattr(sys, "argv", ["make", *arguments])
        self._capsys.readouterr()
        end: object = 0
        try:
            command.main()
        except SystemExit as left:
            end = left.code
        return self._capsys.readouterr().out, end

    def shows(self, *arguments: str) -> str:
        printed, end = self.types("show", "--table", self.table, *arguments)
        assert end == 0
        return printed

    def cannot(self, *arguments: str) -> str:
        """Why a command fails."""
        _, end = self.types(*arguments)
        assert isinstance(end, str)
        return end


@pytest.fixture
def operator(
    cloud: Cloud,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Operator:
    return Operator(cloud, monkeypatch, capsys)


def record(run: str, **values: Any) -> RunRecord:
    return RunRecord(run, f"event:a:{run}", "a", RunStatus.RUNNING, {}, "plans/a.json", "1", BEGAN, **values)


def words(text: str) -> list[list[str]]:
    """Lines as words."""
    return [line.split() for line in text.splitlines()]


def test_a_run_that_was_completed(operator: Operator, cloud: Cloud) -> None:
    put_customers(cloud)
    cloud.put_plan(release())
    cloud.run(event())

    shown = operator.shows(RUN[:8])

    assert f"run       {RUN}" in shown
    assert "plan      release (defaults/release.json, version " in shown
    assert "status    completed" in shown
    assert "value     feature = Dark mode" in shown
    assert re.search(r"^1\. announce \(send\): completed, began \S+ \S+Z, ended \S+ \S+Z$", shown, re.MULTILINE)
    assert re.search(r"^2\. pause \(wait\): completed", shown, re.MULTILINE)
    assert "segments made: 3" in shown
    campaigns = [line for line in words(shown) if line[1:3] in (["EMAIL", "COMPLETED"], ["SMS", "COMPLETED"])]
    assert len(campaigns) == 12
    assert all(line[5:8] == ["1", "of", "1"] for line in campaigns)
    assert {line[8] for line in campaigns} == {campaign["id"] for campaign in cloud.campaigns()}


def test_a_run_under_way(operator: Operator, cloud: Cloud) -> None:
    put_customers(cloud)
    cloud.put_plan(release())
    cloud.announce(event())
    answer = cloud.invoke(cloud.start_payload())

    shown = operator.shows(RUN)

    assert "status    running" in shown
    assert "reserved  6 active campaigns" in shown
    assert f"looked at again {datetime.fromisoformat(answer['until']):%Y-%m-%d %H:%M:%S}Z" in shown
    assert "2. pause (wait): not begun\n     2 days pass" in shown


def test_a_run_that_failed_says_why(operator: Operator, cloud: Cloud) -> None:
    put_customers(cloud)
    plan = release()
    plan["steps"][2]["send"] = [{"audience": "gold", "channel": "EMAIL", "template": "nowhere"}]
    cloud.put_plan(plan)
    cloud.run(event())

    shown = operator.shows(RUN)

    assert "status    failed" in shown
    assert re.search(r"^reason    campaign \S+: \w+: .* does not exist \(0 campaigns deleted", shown, re.MULTILINE)
    assert "6 already out)" in shown
    assert "3. remind (send): working, began " in shown


def test_counts_of_audiences(operator: Operator) -> None:
    step = json.dumps([{"id": "announce", "kind": "send", "details": []}])
    operator.ledger.claim(record("a" * 40, outline=step, dry_run=True))
    operator.ledger.take("a" * 40, 0, "me", BEGAN, BEGAN + timedelta(minutes=1))
    operator.ledger.leave("a" * 40, "me", StepRecord(0, StepStatus.COUNTING, BEGAN, counts={"gold": 12_345, "free": 2}))
    export = Made(Kind.EXPORT, "x", "job", 0, "announce", BEGAN, "gold", status="COMPLETED", reached=12_345)
    operator.ledger.record("a" * 40, export)

    shown = operator.shows("a")

    assert "status    running (dry run)" in shown
    assert "counted endpoints: free 2, gold 12,345" in shown
    assert "export of gold: COMPLETED, 12,345 endpoints" in shown


def test_every_fault_of_a_refused_run(operator: Operator, cloud: Cloud) -> None:
    plan = release()
    plan["steps"][0]["send"][0]["audience"] = "golden"
    plan["steps"][1]["wait"] = "2 days"
    cloud.put_plan(plan)
    cloud.announce(event())

    shown = operator.shows(RUN)

    assert "status    refused" in shown
    assert '  $.steps[0].send[0].audience: no audience "golden". Use one of bronze, gold, silver.' in shown
    assert "  $.steps[1].wait: not in the expected form. Expected: An ISO 8601 duration" in shown
    assert "$.steps[0].send[0].audience: no audience" in operator.shows()


def test_the_newest_runs_each_once(operator: Operator) -> None:
    for number in range(5):
        operator.ledger.claim(replace(record(f"{number}" * 40), began=BEGAN + timedelta(hours=number)))
    refused = replace(record("a" * 40), status=RunStatus.REFUSED, ended=BEGAN, faults=("$: wrong. Mend it.",))
    operator.ledger.claim(refused)
    operator.ledger.claim(replace(refused, began=BEGAN + timedelta(hours=9)))

    lines = words(operator.shows("--limit", "3"))

    assert [line[0] for line in lines] == ["RUN", "a" * 12, "4" * 12, "3" * 12]
    assert lines[1][1:5] == ["2027-01-31", "18:00:00Z", "a", "refused"]


def test_without_any_run(operator: Operator) -> None:
    assert operator.shows() == "No company event has come yet.\n"


def test_texts_from_outside_are_shown_and_not_obeyed(operator: Operator) -> None:
    hostile = "a\x1b]0;x\x07\u202eb\r\nstatus    completed"
    operator.ledger.claim(replace(record("a" * 40), values={hostile: hostile}, faults=(hostile,), plan=hostile))
    shown = operator.shows("a")

    assert not re.search("[\x00-\x09\x0b-\x1f\u202e]", shown)
    assert sum(line.startswith("status") for line in shown.splitlines()) == 1


def test_a_stamp_that_waits_for_the_stamper(operator: Operator, cloud: Cloud) -> None:
    outline = json.dumps([{"id": "stamp", "kind": "stamp", "details": []}])
    operator.ledger.claim(record("a" * 40, outline=outline))
    operator.ledger.take("a" * 40, 0, "me", BEGAN, BEGAN + timedelta(minutes=1))
    operator.ledger.leave("a" * 40, "me", StepRecord(0, StepStatus.STAMPING, BEGAN))
    cloud.dynamodb.put_item(TableName=cloud.table, Item={"pk": {"S": f"stamps#{'a' * 40}#000"}, "sk": {"S": "batch"}})

    assert "stamping, began 2027-01-31 09:00:00Z, 1 batches of up to 100 endpoints wait" in operator.shows("a")


def test_what_recipients_did_and_how_much_of_it_was_known(operator: Operator, cloud: Cloud) -> None:
    outline = json.dumps([{"id": name, "kind": "send", "details": []} for name in ("announce", "remind")])
    operator.ledger.claim(record(RUN, outline=outline))
    for index, name in enumerate(("announce", "remind")):
        made = Made(Kind.CAMPAIGN, name, f"c-{index}", index, name, BEGAN, "gold", "EMAIL")
        operator.ledger.record(RUN, made)
        step = StepRecord(index, StepStatus.WORKING, BEGAN)
        operator.ledger.take(RUN, index, "me", BEGAN, BEGAN + timedelta(minutes=1))
        heard = "everything up to 2027-01-31T09:00:00Z" if index else ""
        operator.ledger.leave(RUN, "me", replace(step, status=StepStatus.COMPLETED, heard=heard))

    assert "recipients:" not in operator.shows(RUN), "nothing is recorded here"

    name = f"{cloud.table}{INTERACTIONS_SUFFIX}"
    cloud.create_table(name)
    table = Interactions(cloud.dynamodb, name, timedelta(days=1), lambda: BEGAN)
    for number in range(30):
        done = {"0.delivered", *(["0.opened"] if number < 12 else []), *(["1.opted_out"] if number < 2 else [])}
        table.add(RUN, f"reader-{number}", {*done, "0.a-newer-kind"})

    first, second = operator.shows(RUN).split("2. remind")
    assert "recipients: 30 delivered, 12 opened, 0 clicked, 0 bounced\n" in first
    assert "known of what recipients did" not in first
    assert "recipients: 0 delivered, 0 opened, 0 clicked, 0 bounced, 2 opted out" in second
    assert "known of what recipients did: everything up to 2027-01-31T09:00:00Z" in second


@pytest.mark.parametrize(
    ("beginning", "reason"),
    [
        ("c", "RUN=c: no such run in "),
        ("aa", "RUN=aa: 2 runs begin so, "),
        ("AB", "RUN=AB: must be a run's ID or its beginning"),
        ("a" * 41, "must be a run's ID or its beginning"),
    ],
)
def test_a_run_that_cannot_be_meant(operator: Operator, beginning: str, reason: str) -> None:
    for run in ("a" * 40, "aa" + "b" * 38):
        operator.ledger.claim(record(run))

    assert reason in operator.cannot("show", "--table", operator.table, beginning)


def test_an_environment_must_be_named_in_one_way(operator: Operator) -> None:
    assert "NAME=<its input name> or TABLE=" in operator.cannot("show")
    assert "NAME=<its input name> or TABLE=" in operator.cannot("show", "--name", "a", "--table", "b")


def test_the_name_leads_to_the_table_of_the_module(operator: Operator) -> None:
    assert "there is no table shop-company-events in this account and Region" in operator.cannot(
        "show", "--name", "shop"
    )


@pytest.mark.parametrize("arguments", [("show",), ("show", "a"), ("stop", "a")])
def test_without_rights_the_rights_are_named(
    operator: Operator, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "Query")

    monkeypatch.setattr(Ledger, "run", refuse)
    monkeypatch.setattr(Ledger, "runs", refuse)

    reason = operator.cannot(arguments[0], "--table", "t", *arguments[1:])

    assert "may not read the table t: they need dynamodb:GetItem and dynamodb:Query" in reason


class Bus:
    """The bus, by moto, and what its rule writes to the queue of company events."""

    def __init__(self, name: str) -> None:
        self.queue: list[str] = []
        boto3.client("events").create_event_bus(Name=name)
        self._name = name

    def take(self, params: dict[str, Any], **_: object) -> None:
        """What the rule does with the entries of a call."""
        for entry in params["Entries"]:
            assert entry["EventBusName"] == self._name
            assert entry["Source"] == "shop.operator"
            self.queue.append(
                json.dumps({"id": "1", "detail-type": entry["DetailType"], "detail": json.loads(entry["Detail"])})
            )


@pytest.fixture
def bus(operator: Operator) -> Bus:
    there = Bus(operator.table)
    operator.session.events.register("provide-client-params.events.PutEvents", there.take)
    return there


STOP = ("--source", "shop.operator", RUN[:10])


def begin(cloud: Cloud) -> None:
    """Let a run make its campaigns."""
    put_customers(cloud)
    cloud.put_plan(release())
    cloud.announce(event())
    cloud.invoke(cloud.start_payload())


def test_a_stop_takes_back_what_has_not_started(
    operator: Operator,
    cloud: Cloud,
    bus: Bus,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begin(cloud)
    asked = stopping.ask

    def ask_and_deliver(*arguments: Any) -> None:
        asked(*arguments)
        assert cloud.announce(*bus.queue) == []

    monkeypatch.setattr(stopping, "ask", ask_and_deliver)
    printed, end = operator.types("stop", "--table", operator.table, "--wait", *STOP)

    assert end == 0
    assert "6 campaigns deleted before they started, 0 paused, 0 already out" in printed
    assert [line[2] for line in words(printed) if line[1:2] in (["EMAIL"], ["SMS"])] == ["DELETED"] * 6
    assert not cloud.campaigns()
    assert not cloud.messages()


def test_a_stop_says_what_is_out_already(operator: Operator, cloud: Cloud, bus: Bus) -> None:
    begin(cloud)
    cloud.pass_time(600)
    operator.types("stop", "--table", operator.table, *STOP)
    cloud.announce(*bus.queue)

    printed, end = operator.types("stop", "--table", operator.table, *STOP)

    assert end == 0, "a run that is stopped already is what was asked for"
    assert "0 campaigns deleted before they started, 0 paused, 6 already out" in printed
    out = [line for line in words(printed) if line[1:3] in (["EMAIL", "COMPLETED"], ["SMS", "COMPLETED"])]
    assert [line[5:8] for line in out] == [["1", "of", "1"]] * 6


def test_without_waiting_it_says_how_to_go_on(operator: Operator, cloud: Cloud, bus: Bus) -> None:
    begin(cloud)

    printed, end = operator.types("stop", "--table", operator.table, *STOP)

    assert end == 0
    assert f"make run-show RUN={RUN[:12]}" in printed
    (message,) = bus.queue
    assert json.loads(message)["detail"] == {"run": RUN}


def test_a_run_that_has_ended_is_not_stopped(operator: Operator, cloud: Cloud, bus: Bus) -> None:
    cloud.put_plan(release())
    cloud.run(event())

    assert "it is completed already" in operator.cannot("stop", "--table", operator.table, "--wait", *STOP)
    assert bus.queue == []


def test_waiting_ends_when_the_run_has(operator: Operator) -> None:
    operator.ledger.claim(record("a" * 40))
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 3:
            operator.ledger.end_run("a" * 40, RunStatus.STOPPED, BEGAN)

    assert stopping.follow(operator.runs, "a" * 40, wait=wait).status is RunStatus.STOPPED
    assert waits == [stopping.POLL_SECONDS] * 3


def test_waiting_does_not_last_for_ever(operator: Operator) -> None:
    operator.ledger.claim(record("a" * 40))
    waited: list[float] = []

    with pytest.raises(RunError, match=r"still running after 15 minutes.* bus\.sources"):
        stopping.follow(operator.runs, "a" * 40, wait=waited.append)
    assert sum(waited) == stopping.PATIENCE_SECONDS


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("ResourceNotFoundException", "there is no bus b in this account and Region"),
        ("AccessDeniedException", "may not put events on the bus b: they need events:PutEvents"),
    ],
)
def test_a_bus_that_does_not_take_the_event(monkeypatch: pytest.MonkeyPatch, code: str, reason: str) -> None:
    events = boto3.client("events", region_name="eu-west-1")

    def refuse(**_: object) -> None:
        raise ClientError({"Error": {"Code": code, "Message": "no"}}, "PutEvents")

    monkeypatch.setattr(events, "put_events", refuse)
    with pytest.raises(RunError, match=reason):
        stopping.ask(events, "b", "s", RUN)


def test_an_event_that_the_bus_refuses_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    events = boto3.client("events", region_name="eu-west-1")
    failed = {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "InternalFailure", "ErrorMessage": "later"}]}
    monkeypatch.setattr(events, "put_events", lambda **_: failed)

    with pytest.raises(RunError, match="did not take the event: InternalFailure, later"):
        stopping.ask(events, "b", "s", RUN)
