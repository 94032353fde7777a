"""What of a plan works differently on Amazon Connect than on Amazon Pinpoint."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from engagement.domain.plans import audience, words
from engagement.domain.plans.audience import Everyone, Expression
from engagement.domain.plans.connect import limits
from engagement.domain.plans.connect.campaigns import CHANNELS
from engagement.domain.plans.connect.hours import ranges
from engagement.domain.plans.connect.segments import definition_name
from engagement.domain.plans.connect.settings import ConnectSettings
from engagement.domain.plans.faults import Path
from engagement.domain.plans.model import Orchestrator, Plan, Send, Via


@dataclass(frozen=True, slots=True)
class Difference:
    """A sentence without its full stop, and the way to what it is about."""

    where: Path
    text: str


def differences(plan: Plan, settings: ConnectSettings) -> Iterator[Difference]:
    """What of a plan works differently; what Amazon Connect cannot do at all is the business of its rules."""
    if plan.orchestrator is Orchestrator.JOURNEY:
        yield Difference(("orchestrator",), "the state machine walks the steps: Amazon Connect has no such journeys")
    for name, expression in plan.audiences.items():
        yield from (Difference(("audiences", name), text) for text in dict.fromkeys(_audience(expression, settings)))
    for step in plan.steps:
        if step.stamp is not None and step.stamp.via is not Via.EXPORT:
            text = (
                "members are found by an export of the segment instead of a campaign, so also who opted out; "
                f"{limits.ENDPOINT_UPDATES_PER_SECOND} are stamped a second"
            )
            yield Difference(step.stamp.where, text)
        for send in step.sends:
            yield from (Difference(send.where, text) for text in _send(send, settings))


def sections(plan: Plan) -> dict[Path, str]:
    """The parts of a plan that are spoken of, by the way to them, in order."""
    audiences: dict[Path, str] = {("audiences", name): f"audience {name}" for name in plan.audiences}
    steps = {step.where: f"step {step.id}" for step in plan.steps if not step.sends}
    sends = {
        send.where: f"step {step.id}, {send.audience} by {send.channel}" for step in plan.steps for send in step.sends
    }
    return {(): "the plan as a whole", **audiences, **dict(sorted((steps | sends).items()))}


def section_of(where: Path, parts: Collection[Path]) -> Path:
    """The smallest part that holds a place."""
    return next(where[:length] for length in range(len(where), -1, -1) if where[:length] in parts)


def _audience(expression: Expression, settings: ConnectSettings) -> Iterator[str]:
    for existing in audience.existing(expression):
        name = definition_name(existing.segment_id)
        yield f"segment {existing.segment_id} is the segment definition {name} of Customer Profiles, which must exist"
    for criterion in audience.criteria(expression):
        kind, _, name = criterion.subject.partition(".")
        if kind == "country":
            yield "country is that of the profile's address"
        if kind != "user":
            continue
        yield f"user attribute {name} is the attribute of the profile, which is one text where Pinpoint has a list"
        if name not in settings.profile_attributes:
            yield f"no pixel writes {name} to profiles: import it, or add it to destination.connect.profile_attributes"
    if expression == Everyone():
        yield "everyone is every profile"


def _send(send: Send, settings: ConnectSettings) -> Iterator[str]:
    if send.channel not in CHANNELS:
        return
    yield "each profile gets one message, where Pinpoint writes to each endpoint of a user"
    template = settings.templates.get(send.content.template or "")
    if template is not None:
        flow = f", sent by the campaign flow {template.campaign_flow_arn}" if template.campaign_flow_arn else ""
        yield f"template {send.content.template} is the message template {template.arn}{flow}"
    sender = settings.senders.get(send.channel)
    if sender is not None and send.sender is None:
        yield f"it comes from {sender}"
    if send.quiet_time:
        hours = " and ".join(f"{opens} to {closes}" for opens, closes in ranges(send.quiet_time))
        yield (
            f"quiet time becomes open hours, {hours} in the time zone of the postcode or the area code, else in UTC; "
            "Amazon Connect decides whether it writes later to who is outside them"
        )
    if send.limits.daily is not None or send.limits.total is not None:
        yield (
            "limits count all messages of the instance to a recipient: daily in a day, total in "
            f"{limits.TOTAL_DAYS} days; those of the instance hold besides"
        )
    if send.limits.maximum_duration is None:
        yield f"the campaign ends {words.duration(limits.DURATION)} after it starts"
