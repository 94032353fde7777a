"""Settings and plans for tests of Amazon Connect."""

from __future__ import annotations

from typing import Any

from engagement.domain.plans.compiler import PlannedStep, Run, compile_plan
from engagement.domain.plans.connect.settings import ConnectSettings, Template
from engagement.domain.plans.model import Channel
from engagement.domain.plans.reading import parse
from engagement.domain.plans.settings import PlanSettings
from tests.unit.plans.builders import NOW

FLOW = "arn:aws:connect:eu-west-1:111122223333:instance/1d2e/contact-flow/0a1b:3"
TEMPLATE = "arn:aws:wisdom:eu-west-1:111122223333:message-template/kb-1/mt-1:2"
NUMBER = "arn:aws:connect:eu-west-1:111122223333:phone-number/5f6a"
SEGMENT = "arn:aws:profile:eu-west-1:111122223333:domains/shop/segment-definitions/gold"
CONNECT = ConnectSettings(
    templates={name: Template(TEMPLATE, FLOW) for name in ("release", "reminder", "stored", "t")},
    senders={Channel.EMAIL: "news@example.com", Channel.SMS: NUMBER},
    profile_attributes=frozenset({"seen", "plan", "tier"}),
)
SETTINGS = PlanSettings(sends_by="connect", connect=CONNECT)


def compiled(document: object, **values: str) -> tuple[PlannedStep, ...]:
    """The steps of a plan for an event with these attributes."""
    return compile_plan(parse(document, SETTINGS), Run("run-1", values), SETTINGS, NOW)


def body(document: object, **values: str) -> dict[str, Any]:
    """The request of the only campaign of a plan, for an event with these attributes."""
    (step,) = compiled(document, **values)
    (campaign,) = step.campaigns
    return campaign.request(SEGMENT)
