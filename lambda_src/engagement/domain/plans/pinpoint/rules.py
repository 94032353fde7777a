"""What Amazon Pinpoint, and what the platform team has given plans to reach there, allow."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

from engagement.domain.plans import audience, interactions, texts, words
from engagement.domain.plans.faults import Fault, one_of
from engagement.domain.plans.model import Channel, Plan, Send
from engagement.domain.plans.settings import PlanSettings

OTHERWISE = "use the orchestrator state_machine, or allow that with otherwise: state_machine"

_SEGMENT_ID = re.compile(r"[A-Za-z0-9-]{1,64}", re.ASCII)


def faults_of(plan: Plan, settings: PlanSettings) -> Iterator[Fault]:
    """Why Pinpoint could not send a plan."""
    for expression in plan.audiences.values():
        for existing in audience.existing(expression):
            if _SEGMENT_ID.fullmatch(existing.segment_id) is None:
                rule = "no ID of a segment of the project"
                yield Fault(existing.where, rule, "Write its ID: letters, digits and -, at most 64 characters")
    for step in plan.steps:
        for send in step.sends:
            yield from _send(send, settings)
    yield from interactions.faults_of(plan, settings)


def journey_faults(plan: Plan, settings: PlanSettings) -> Iterator[Fault]:
    """Why a journey could not carry a plan."""
    if len(plan.steps) > settings.journey_activities:
        rule = f"a journey has at most {settings.journey_activities} activities, one for each step"
        yield Fault(("orchestrator",), rule, f"Use fewer steps, {OTHERWISE}")
    shortest = timedelta(seconds=settings.journey_shortest_wait_seconds)
    for step in plan.steps:
        if step.wait is not None and step.wait < shortest:
            rule = f"a journey waits {words.duration(shortest)} or longer"
            yield Fault((*step.where, "wait"), rule, f"Wait longer, {OTHERWISE}")


def _send(send: Send, settings: PlanSettings) -> Iterator[Fault]:
    with_sender = send.channel in (Channel.EMAIL, Channel.SMS)
    if send.sender and with_sender and send.sender not in settings.allowed_senders:
        rule = f'"{send.sender}" is no allowed sender'
        yield Fault((*send.where, "sender"), rule, one_of(settings.allowed_senders, "allowed_senders"))
    if send.channel is Channel.CUSTOM:
        yield from _custom(send, settings)


def _custom(send: Send, settings: PlanSettings) -> Iterator[Fault]:
    where = (*send.where, "custom_channel")
    if send.custom_channel is None:
        yield Fault(where, "missing", one_of(settings.custom_channels, "custom_channels"))
    elif send.custom_channel not in settings.custom_channels:
        rule = f'no custom channel "{send.custom_channel}"'
        yield Fault(where, rule, one_of(settings.custom_channels, "custom_channels"))
    for content in send.contents:
        if content.template:
            rule = "there are no stored templates for CUSTOM"
            yield Fault((*content.where, "template"), rule, "Write a message with data instead")
        elif content.message and (fault := texts.data_too_large(content, content.message["data"])):
            yield fault
