"""Events, plans and commands that the documentation tells are such that the product takes them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import hcl2
import pytest
from botocore.awsrequest import AWSResponse

from engagement.domain.plans.compiler import Run, compile_plan
from engagement.domain.plans.reading import parse
from engagement.domain.plans.settings import PlanSettings
from engagement.domain.runs.announcement import Announcement, read
from engagement.domain.runs.records import Made, RunRecord, StepRecord

ROOT = Path(__file__).resolve().parents[2]
MODULE = ROOT / "modules" / "company-events"
PAGES = ["README.md", "docs/company-events.md", "docs/plans.md", *sorted(map(str, ROOT.glob("examples/*/README.md")))]
PAGES += ["modules/company-events/README.md"]
DOCUMENTATION = (ROOT / "docs" / "company-events.md").read_text()
README = (ROOT / "README.md").read_text()
SETTINGS = PlanSettings(allowed_senders=("status@example.com", "EXAMPLE"))


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / page).read_text(), re.DOTALL)


def told(page: str) -> Iterator[dict[str, Any]]:
    """Entries of PutEvents on a page: as JSON, and in commands."""
    for block in blocks(page, "json"):
        if "DetailType" in (entry := json.loads(block)):
            yield entry
    for block in blocks(page, "sh"):
        for entries in re.findall(r"put-events --entries '(.*?)'", block, re.DOTALL):
            yield from ({**entry, "Detail": json.loads(entry["Detail"])} for entry in json.loads(entries))


def message(entry: dict[str, Any]) -> str:
    """An entry as the queue holds it."""
    return json.dumps({"id": "1", "detail-type": entry["DetailType"], "detail": entry["Detail"]})


ENTRIES = [pytest.param(entry, id=page) for page in PAGES for entry in told(page)]


def test_pages_tell_events() -> None:
    assert len(ENTRIES) >= 5


@pytest.mark.parametrize("entry", ENTRIES)
def test_the_announcer_takes_every_event(entry: dict[str, Any]) -> None:
    assert entry["Source"]

    read(message(entry), require_event_id=True)


def test_the_readmes_plan_can_be_carried_out_with_the_readmes_event() -> None:
    (plan,) = (json.loads(block) for block in blocks("README.md", "json") if '"steps"' in block)
    (announced,) = told("README.md")
    announcement = read(message(announced), require_event_id=True)

    assert isinstance(announcement, Announcement)
    assert plan["event"] == announcement.plan
    run = Run.of(announcement.key, announcement.detail)
    assert compile_plan(parse(plan, SETTINGS), run, SETTINGS, datetime(2027, 1, 31, tzinfo=UTC))


@pytest.mark.parametrize("page", ["README.md", "docs/company-events.md"])
def test_announcing_in_python_works(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    put: list[dict[str, Any]] = []
    session = boto3.Session()
    session.events.register("provide-client-params.events.PutEvents", lambda params, **_: put.extend(params["Entries"]))
    session.events.register(
        "before-call.events.PutEvents", lambda **_: (AWSResponse("", 200, {}, None), {"FailedEntryCount": 0})
    )
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", session)
    (code,) = blocks(page, "python")

    exec(compile(code, page, "exec"), {})  # noqa: S102

    (entry,) = put
    assert read(message({**entry, "Detail": json.loads(entry["Detail"])}), require_event_id=True)
    assert entry["EventBusName"].endswith("shop-company-events")


def test_the_readmes_terraform_can_be_read() -> None:
    (smallest,) = (block for block in blocks("README.md", "hcl") if block.startswith("module"))

    (module,) = hcl2.loads(smallest)["module"]
    assert {"pixel", "company_events"} <= next(iter(module.values())).keys()


@pytest.mark.parametrize("record", [RunRecord, StepRecord, Made])
def test_the_ledgers_table_names_what_the_ledger_keeps(record: type[Any]) -> None:
    table = DOCUMENTATION.split("| `pk` |")[1].split("\n\n")[0]
    # What the keys say is not repeated.
    named = {*re.findall(r"`(\w+)`", table), "run", "index", "kind", "name", "step_id"}

    assert {field.name for field in fields(record)} <= named


def test_every_alarm_says_what_to_do() -> None:
    made = re.findall(r"^    ([a-z-]+) = \{", (MODULE / "alarms.tf").read_text(), re.MULTILINE)
    table = DOCUMENTATION.split("## Alarms")[1].split("## ")[0]

    assert made
    assert all(f"| `shop-company-events-{name}` |" in table for name in made)
    suffixes = re.findall(r"suffix += \"(\w+)\"", (ROOT / "modules/function/main.tf").read_text())
    assert suffixes
    assert all(f"-{suffix}`" in table for suffix in suffixes)
