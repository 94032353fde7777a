"""Company events on the applied modules: events and schedules become messages, each once."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from engagement.domain.runs.records import Kind, RunStatus
from local_cloud.process import LocalCloud
from tests.cloud.company import TIME_FACTOR, CompanyEvents
from tests.cloud.deployment import Deployment
from tools.stack import LOCAL_VARIABLES, Stack

VARIABLES = {
    **LOCAL_VARIABLES,
    "name": "acme",
    "email": {
        "from_address": "news@example.com",
        "identity_arn": "arn:aws:ses:us-east-1:000000000000:identity/example.com",
    },
    "company_events": {
        "function": {"architecture": "x86_64", "timeout_seconds": {"step": 30, "announcer": 60}},
        "force_destroy": True,
        "plans": {},
    },
}


@pytest.fixture(scope="module")
def applied(cloud: LocalCloud, tmp_path_factory: pytest.TempPathFactory) -> Stack:
    stack = Stack(cloud, tmp_path_factory.mktemp("company"), VARIABLES)
    stack.apply()
    return stack


@pytest.fixture(scope="module")
def outputs(applied: Stack) -> dict[str, Any]:
    return applied.outputs()


@pytest.fixture
def company(cloud: LocalCloud, outputs: dict[str, Any]) -> Iterator[CompanyEvents]:
    shop = Deployment(cloud, outputs["pixel"], outputs["application_id"])
    events = CompanyEvents(cloud, outputs["company_events"], outputs["application_id"], shop)
    shop.put_faults()
    events.set(time_factor=TIME_FACTOR)
    yield events
    shop.put_faults()


def send(audience: str, channel: str, text: str) -> dict[str, Any]:
    message = {"subject": text, "text": text} if channel == "EMAIL" else {"body": text}
    return {"audience": audience, "channel": channel, "message": message}


def release(event: str) -> dict[str, Any]:
    """The pattern: a stamp moves customers between dynamic segments, then two audiences, a wait, a yes/no condition."""
    return {
        "event": event,
        "audiences": {
            "paying": {"where": {"user.plan": ["gold"]}},
            "told": {"where": {f"user.{event}_feature": ["Dark mode"]}},
            "others": {"none": [{"audience": "told"}]},
        },
        "steps": [
            {"id": "stamp", "stamp": {"audiences": ["paying"], "set": {f"{event}_feature": "{{event.feature}}"}}},
            {
                "id": "announce",
                "send": [
                    send("told", "EMAIL", "New: {{event.feature}}"),
                    send("others", "SMS", "Upgrade to get {{event.feature}}"),
                ],
            },
            {"id": "pause", "wait": "P2D"},
            {"id": "remind", "send": [send("told", "EMAIL", "Have you tried {{event.feature}}?")]},
        ],
    }


@pytest.fixture
def event() -> str:
    """The name of an event that no other test uses."""
    return f"release_{uuid.uuid4().hex[:8]}"


def customers(company: CompanyEvents) -> None:
    company.customer("ann", plan="gold")
    company.customer("bob", plan="free")


def test_an_event_stamps_announces_waits_and_reminds(company: CompanyEvents, event: str) -> None:
    customers(company)
    company.write_plan(release(event))
    before = company.mark()

    run = company.announce(event, feature="Dark mode")
    record = company.ended(run)

    assert record.status is RunStatus.COMPLETED, record
    assert company.messages(before) == Counter(
        {
            ("ann-mail", "New: Dark mode"): 1,
            ("bob-phone", "Upgrade to get Dark mode"): 1,
            ("ann-mail", "Have you tried Dark mode?"): 1,
        }
    )
    assert company.shop.endpoints()["ann-phone"]["User"]["UserAttributes"][f"{event}_feature"] == ["Dark mode"]
    reached = {(made.audience, made.channel): made.reached for made in company.made(run) if made.kind is Kind.CAMPAIGN}
    assert reached[("others", "SMS")] == 1
