"""`make plan-check` and `make plan-show`: what they print, and how they exit."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from engagement.domain.plans.reading import load, parse
from engagement.domain.plans.settings import PlanSettings
from tests.unit.plans.builders import changed, plan
from tests.unit.plans.connect.builders import FLOW, TEMPLATE
from tools.plan import __main__ as command
from tools.plan.diagram import mermaid
from tools.plan.report import report

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "plans"
SETTINGS = str(EXAMPLES / "settings.json")
RELEASE = str(EXAMPLES / "feature_release.json")
OUTAGE = str(EXAMPLES / "outage.json")


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Run the command; what it exits with."""
    monkeypatch.setattr(sys, "argv", ["make plan-check", *arguments])
    try:
        command.main()
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def write(path: Path, document: Any) -> str:
    path.write_text(json.dumps(document))
    return str(path)


def example(path: str = RELEASE) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(Path(path).read_text())
    return document


def test_good_plans(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(monkeypatch, "check", "--settings", SETTINGS, RELEASE, OUTAGE) == 0

    assert capsys.readouterr().out.splitlines() == [
        f"{RELEASE}: nothing to say against it",
        f"{OUTAGE}: nothing to say against it",
    ]


def test_a_faulty_plan(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    document = example()
    document["steps"][2]["wait"] = "2 days"
    document["steps"][3]["send"][0]["audience"] = "golden"

    assert run(monkeypatch, "check", "--settings", SETTINGS, write(tmp_path / "plan.json", document)) == 1

    wait, audience = capsys.readouterr().err.splitlines()
    assert wait.startswith("$.steps[2].wait: not in the expected form. Expected: An ISO 8601 duration of weeks, days,")
    assert audience == '$.steps[3].send[0].audience: no audience "golden". Use one of free, premium.'


def test_without_settings_no_sender_is_allowed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "check", RELEASE) == 1

    assert "Ask the platform team to add one to allowed_senders" in capsys.readouterr().err


def test_plans_that_stamp_the_same_attribute(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    other = write(tmp_path / "other.json", example() | {"event": "other"})

    assert run(monkeypatch, "check", "--settings", SETTINGS, RELEASE, other) == 1

    lines = capsys.readouterr().err.splitlines()
    assert [line.split(": ")[:2] for line in lines] == [
        [RELEASE, "$.steps[0].stamp.set.last_feature"],
        [other, "$.steps[0].stamp.set.last_feature"],
    ]


@pytest.mark.parametrize("content", ["{", '{"event": "a", "event": "b"}', "[]", "", "null"])
def test_a_file_that_is_no_plan(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, content: str
) -> None:
    (tmp_path / "plan.json").write_text(content)

    assert run(monkeypatch, "check", str(tmp_path / "plan.json")) == 1
    assert capsys.readouterr().err.startswith("$: ")


@pytest.mark.parametrize(
    "arguments", [("missing.json",), ("--settings", "missing.json", RELEASE), ("--settings", RELEASE, RELEASE)]
)
def test_what_cannot_be_read(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    assert run(monkeypatch, "check", *arguments) == 2
    assert capsys.readouterr().err.startswith("error: ")


def test_a_plan_in_plain_english(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(monkeypatch, "show", "--settings", SETTINGS, RELEASE) == 0

    shown = capsys.readouterr().out
    assert "The event must have: feature, slug." in shown
    assert "- premium: user attribute plan is gold or platinum" in shown
    assert "- free: not premium" in shown
    assert '- free gets SMS: "New: [feature]. See www.example.com/new"' in shown
    assert "4. remind (after 2 days)" in shown
    assert "is skipped, not sent to later" in shown
    assert "- in all: 2 new segments and 4 campaigns, made in 0.2 seconds or more" in shown
    assert "each 10,000 endpoints are stamped in 50 seconds or more" in shown


def test_how_long_it_takes_follows_from_the_rates() -> None:
    audiences = {f"a{number}": {"where": {"user.a": [str(number)]}} for number in range(50)}
    sends = [
        {"audience": name, "channel": channel, "template": "t"}
        for name in audiences
        for channel in ("EMAIL", "SMS", "PUSH")
    ]
    document = {"event": "wide", "audiences": audiences, "steps": [{"id": "tell", "send": sends}]}

    shown = report(parse(document, PlanSettings()), PlanSettings(), datetime(2027, 1, 1, tzinfo=UTC))

    assert "- tell: 50 new segments and 150 campaigns, made in 6.0 seconds or more" in shown


def test_a_plan_whose_start_has_passed_cannot_be_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    document = example()
    document["steps"][3]["send"][0]["start"] = "2020-01-01T00:00:00Z"

    assert run(monkeypatch, "show", "--settings", SETTINGS, write(tmp_path / "plan.json", document)) == 1
    assert "2020-01-01T00:00:00Z has passed" in capsys.readouterr().err


def test_texts_of_a_plan_are_no_code_in_the_diagram() -> None:
    document = example()
    document["steps"][1]["send"][1]["message"]["body"] = '"] --> x\nclick x call alert() %% ; <b>'

    drawn = mermaid(parse(document, PlanSettings.parse(load(Path(SETTINGS).read_text()))), "pinpoint")

    assert "<b>" not in drawn
    assert "click x call" in drawn.split("s1x1[/", 1)[1].splitlines()[0]
    assert all(line.startswith(("flowchart", "  s", "  start", "  finish")) for line in drawn.splitlines())


def connected(path: Path) -> str:
    """Settings with which Amazon Connect sends."""
    template = {"arn": TEMPLATE, "campaign_flow_arn": FLOW}
    connect = {
        "templates": {"release": template, "reminder": template},
        "senders": {"email": "news@example.com"},
        "profile_attributes": ["seen", "plan"],
    }
    return write(path, {"sends_by": "connect", "connect": connect})


def test_what_amazon_connect_makes_of_a_plan(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    send = {"audience": "gold", "channel": "EMAIL", "template": "reminder"}
    quiet = {"from": "22:00", "to": "07:00", "action": "skip"}
    document = changed(plan(), "steps", 1, "send", to=[send | {"template": "release", "quiet_time": quiet}])
    settings = connected(tmp_path / "settings.json")

    assert run(monkeypatch, "show", "--settings", settings, write(tmp_path / "plan.json", document)) == 0

    printed = capsys.readouterr().out
    assert 'gold: seen = "[feature]" is written, nothing is sent (by an export, so also for who opted out)' in printed
    assert "who has a time between 22:00 and 07:00 is not sent to at that time" in printed
    assert f"- step tell, gold by EMAIL: template release is the message template {TEMPLATE}, sent by" in printed
    assert "- step tell, gold by EMAIL: quiet time becomes open hours, 07:00 to 22:00 in the time zone" in printed
    assert "- mark: 1 new segment and 0 campaigns, made in 0.2 seconds or more" in printed
    assert "rates of the whole instance: 5 segments and 1 campaign made a second, 100 profiles stamped" in printed


def test_the_example_for_amazon_connect(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    files = EXAMPLES / "connect"
    settings, release = str(files / "settings.json"), str(files / "feature_release.json")

    assert run(monkeypatch, "check", "--settings", settings, release) == 0

    assert capsys.readouterr().out == f"{release}: nothing to say against it\n"


def test_a_plan_that_amazon_connect_cannot_send(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    settings = connected(tmp_path / "settings.json")

    assert run(monkeypatch, "check", "--settings", settings, write(tmp_path / "plan.json", plan())) == 1

    message, sender = capsys.readouterr().err.splitlines()
    assert sender.startswith("$.steps[1].send[1].sender: nothing sends SMS")
    assert message.startswith("$.steps[1].send[1].message: a campaign of Amazon Connect has no wording of its own")
