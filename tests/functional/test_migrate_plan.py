"""`make migrate-plan`: what becomes of a plan on Amazon Connect, and how the command exits."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from engagement.domain.plans.settings import PlanSettings
from tests.unit.plans import strategies as common
from tests.unit.plans.builders import SETTINGS as PINPOINT
from tests.unit.plans.builders import changed, faults, plan, sending, with_audience
from tests.unit.plans.connect import strategies
from tests.unit.plans.connect.builders import CONNECT, FLOW, NUMBER, TEMPLATE
from tools import migrate_plan as command

BOTH = replace(PINPOINT, connect=CONNECT)
FEWER = settings(max_examples=50)
CONNECT_FILE = {
    "connect": {
        "templates": {"release": {"arn": TEMPLATE, "campaign_flow_arn": FLOW}},
        "senders": {"email": "news@example.com", "sms": NUMBER},
        "profile_attributes": ["plan"],
    }
}


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Run the command; what it exits with."""
    monkeypatch.setattr(sys, "argv", ["make migrate-plan", *arguments])
    try:
        command.main()
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def write(path: Path, document: Any) -> str:
    path.write_text(json.dumps(document))
    return str(path)


def outcomes(document: object, its: PlanSettings = BOTH) -> dict[str, str]:
    """What becomes of each part."""
    lines, _ = command.report(document, its)
    return dict(line.removeprefix("## ").split(": ", 1) for line in lines if line.startswith("## "))


@FEWER
@given(strategies.plans())
def test_nothing_of_what_connect_can_do_is_lost(document: dict[str, Any]) -> None:
    lines, lost = command.report(document, BOTH)

    assert lost == 0
    assert lines[2] == "Amazon Connect would run this plan."
    assert set(outcomes(document).values()) <= {"carries over unchanged", "changes"}


@FEWER
@given(common.plans())
def test_every_fault_stands_in_its_part(document: dict[str, Any]) -> None:
    found = faults(document, BOTH.sent_by("connect"))
    lines, lost = command.report(document, BOTH)

    assert lost == len(found)
    assert [lines.count(f"- {fault}") for fault in found] == [1] * len(found)
    assert ("lost as it is" in outcomes(document).values()) == bool(found)


def test_each_part_has_its_outcome() -> None:
    assert outcomes(plan()) == {
        "the plan as a whole": "carries over unchanged",
        "audience gold": "changes",
        "audience others": "carries over unchanged",
        "step mark": "changes",
        "step tell, gold by EMAIL": "changes",
        "step tell, others by SMS": "lost as it is",
        "step pause": "carries over unchanged",
        "step remind, gold by EMAIL": "changes",
    }


def test_what_is_wrong_anyway_is_not_lost_by_moving() -> None:
    document = changed(plan(), "steps", 2, "wait", to="PT5S")

    assert outcomes(document)["step pause"] == "at fault, on Amazon Pinpoint too"


def test_a_step_that_takes_too_many_campaigns_is_said_of_the_whole_plan() -> None:
    audiences = {f"a{number}": {"everyone": True} for number in range(51)}
    sends = [{"audience": name, "channel": "EMAIL", "template": "t"} for name in audiences]
    document = plan(audiences=audiences, steps=[{"id": "tell", "send": sends}])

    assert outcomes(document)["the plan as a whole"] == "lost as it is"


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({}, "the campaign ends 1 day after it starts"),
        ({}, "it comes from news@example.com"),
        ({"limits": {"daily": 1}}, "limits count all messages of the instance to a recipient"),
        (
            {"quiet_time": {"from": "12:00", "to": "13:00", "action": "skip"}},
            "quiet time becomes open hours, 00:00 to 12:00 and 13:00 to 23:59",
        ),
    ],
)
def test_what_changes_of_a_send(keys: dict[str, Any], expected: str) -> None:
    lines, lost = command.report(sending(channel="EMAIL", template="t", **keys), BOTH)

    assert lost == 0
    assert [line for line in lines if line.startswith(f"- {expected}")]


def test_what_changes_of_an_audience() -> None:
    where = {"user.plan": ["gold"], "user.city": ["Bath"], "country": ["GB"]}
    lines, lost = command.report(with_audience(where=where, segment_id="0123abcd"), BOTH)

    assert lost == 0
    assert lines[lines.index("## audience a: changes") + 2 :][:5] == [
        "- segment 0123abcd is the segment definition 0123abcd of Customer Profiles, which must exist.",
        "- user attribute plan is the attribute of the profile, which is one text where Pinpoint has a list.",
        "- user attribute city is the attribute of the profile, which is one text where Pinpoint has a list.",
        "- no pixel writes city to profiles: import it, or add it to destination.connect.profile_attributes.",
        "- country is that of the profile's address.",
    ]


def test_a_journey_with_a_way_out_is_walked_by_the_state_machine() -> None:
    document = sending(channel="EMAIL", template="t") | {"orchestrator": "journey", "otherwise": "state_machine"}

    assert outcomes(document)["the plan as a whole"] == "changes"


def test_a_plan_that_connect_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    document = write(tmp_path / "plan.json", sending(channel="EMAIL", template="release"))

    assert run(monkeypatch, "--settings", write(tmp_path / "settings.json", CONNECT_FILE), document) == 0

    printed = capsys.readouterr()
    assert "Amazon Connect would run this plan." in printed.out
    assert printed.err == ""


def test_without_settings_every_template_is_unknown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert run(monkeypatch, write(tmp_path / "plan.json", sending(channel="EMAIL", template="release"))) == 1

    printed = capsys.readouterr()
    assert 'no template "release". Ask the platform team to add it to destination.connect.templates.' in printed.out
    assert printed.err == "The settings have no connect, so no template and no sender is known.\n\n"


def test_one_that_connect_cannot_run_among_several(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    names = [
        write(tmp_path / "good.json", sending(channel="EMAIL", template="release")),
        write(tmp_path / "bad.json", sending(channel="PUSH", message={"body": "x"})),
    ]

    assert run(monkeypatch, "--settings", write(tmp_path / "settings.json", CONNECT_FILE), *names) == 1

    assert "would not run this plan: 1 to mend" in capsys.readouterr().out


@pytest.mark.parametrize("content", ["{", "[]"])
def test_a_file_that_is_no_plan(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, content: str
) -> None:
    path = tmp_path / "plan.json"
    path.write_text(content)

    assert run(monkeypatch, str(path)) == 1

    assert capsys.readouterr().out.startswith(f"# {path}\n\n$: ")


def test_a_file_that_is_not_there(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(monkeypatch, "nowhere.json") == 2

    assert "nowhere.json" in capsys.readouterr().err
