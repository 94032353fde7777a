"""Plans for tests."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import Any

from engagement.domain.plans.compiler import PlannedStep, Run, compile_plan
from engagement.domain.plans.faults import Fault, PlanError
from engagement.domain.plans.reading import parse
from engagement.domain.plans.settings import PlanSettings

NOW = datetime(2027, 1, 1, 9, 0, tzinfo=UTC)
SETTINGS = PlanSettings(
    custom_channels={"letter": "arn:aws:lambda:eu-west-1:111122223333:function:letters"},
    allowed_senders=frozenset({"news@example.com", "EXAMPLE", "+441632960000"}),
    stamp_function="arn:aws:lambda:eu-west-1:111122223333:function:stamp",
    filter_function="arn:aws:lambda:eu-west-1:111122223333:function:filter",
)


def plan(**changes: Any) -> dict[str, Any]:
    """A small plan without faults: two audiences, a stamp, sends, a wait and a reminder."""
    document: dict[str, Any] = {
        "event": "release",
        "audiences": {"gold": {"where": {"user.plan": ["gold"]}}, "others": {"none": [{"audience": "gold"}]}},
        "steps": [
            {"id": "mark", "stamp": {"audiences": ["gold"], "set": {"seen": "{{event.feature}}"}}},
            {
                "id": "tell",
                "send": [
                    {"audience": "gold", "channel": "EMAIL", "template": "release"},
                    {"audience": "others", "channel": "SMS", "message": {"body": "New: {{event.feature}}"}},
                ],
            },
            {"id": "pause", "wait": "P1D"},
            {"id": "remind", "send": [{"audience": "gold", "channel": "EMAIL", "template": "reminder"}]},
        ],
    }
    return document | changes


def sending(**send: Any) -> dict[str, Any]:
    """A plan with one step of one send to one audience."""
    return plan(audiences={"all": {"everyone": True}}, steps=[{"id": "tell", "send": [{"audience": "all"} | send]}])


def reminding(*, announced: dict[str, Any] | None = None, **send: Any) -> dict[str, Any]:
    """A plan that announces by e-mail, or as said, waits, and sends again."""
    first = {"audience": "all", "channel": "EMAIL", "template": "t"} | (announced or {})
    steps = [
        {"id": "announce", "send": [first]},
        {"id": "pause", "wait": "P1D"},
        {"id": "remind", "send": [{"audience": "all", "channel": "EMAIL", "template": "t"} | send]},
    ]
    return plan(audiences={"all": {"everyone": True}}, steps=steps)


def email(**message: str) -> dict[str, Any]:
    """A plan with one inline e-mail."""
    return sending(channel="EMAIL", message={"subject": "News", **message})


def stamping(**values: Any) -> dict[str, Any]:
    """A plan with one stamp."""
    stamp = {"audiences": ["all"], "set": values}
    return plan(audiences={"all": {"everyone": True}}, steps=[{"id": "mark", "stamp": stamp}])


def with_audience(**expression: Any) -> dict[str, Any]:
    """A plan with one audience, `a`, and one send to it."""
    send = {"audience": "a", "channel": "EMAIL", "template": "t"}
    return plan(audiences={"a": expression}, steps=[{"id": "tell", "send": [send]}])


def changed(document: dict[str, Any], *way: str | int, to: Any) -> dict[str, Any]:
    """A copy of a document with one value changed, or added."""
    copied = copy.deepcopy(document)
    value: Any = copied
    for part in way[:-1]:
        value = value[part]
    value[way[-1]] = to
    return copied


def faults(document: object, settings: PlanSettings = SETTINGS) -> tuple[Fault, ...]:
    """What is wrong with a document; nothing for a good plan."""
    try:
        parse(document, settings)
    except PlanError as error:
        return error.faults
    return ()


def compiled(document: object, **values: str) -> tuple[PlannedStep, ...]:
    """The steps of a plan for an event with these attributes."""
    return compile_plan(parse(document, SETTINGS), Run("run-1", values), SETTINGS, NOW)


def body(document: object, **values: str) -> dict[str, Any]:
    """The request of the only campaign of a plan, for an event with these attributes."""
    (step,) = compiled(document, **values)
    (campaign,) = step.campaigns
    return campaign.request("segment-1")
