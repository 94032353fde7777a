"""What Amazon Connect cannot do, with the way round, and what the platform team has given plans to reach there."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from engagement.domain.plans import audience
from engagement.domain.plans.audience import Criterion, Existing
from engagement.domain.plans.connect import limits
from engagement.domain.plans.connect.campaigns import CHANNELS
from engagement.domain.plans.connect.hours import ranges
from engagement.domain.plans.connect.settings import ConnectSettings
from engagement.domain.plans.faults import Fault
from engagement.domain.plans.model import Plan, Send, Stamp, Via

_SETTING = "destination.connect"
_DRAW = "draw a campaign of type JOURNEY in Amazon Connect"
_OWN_SEGMENT = "draw a segment in Customer Profiles and name it in segment_id"
_DEFINITION = re.compile(
    r"[A-Za-z0-9_-]{1,64}|arn:[^:]+:profile:[^:]+:[^:]+:domains/[^:]+/[A-Za-z0-9_-]{1,64}", re.ASCII
)

_UNKNOWN: Mapping[str, tuple[str, str]] = {
    "endpoint": ("attributes of endpoints", f"Select by an attribute of the user, or {_OWN_SEGMENT}"),
    "metric": ("metrics", f"Stamp a user attribute that stands for it and select by that, or {_OWN_SEGMENT}"),
    "recency": ("when a customer was last active", f"Select by a moment in a user attribute, or {_OWN_SEGMENT}"),
    "channel": ("one channel each", "Leave it out: a campaign reaches who has an address on its channel"),
}


def faults_of(plan: Plan, settings: ConnectSettings) -> Iterator[Fault]:
    """Why Amazon Connect could not send a plan."""
    yield from _audiences(plan, plan.audiences)
    for step in plan.steps:
        if step.stamp is not None:
            yield from _stamp(step.stamp, settings)
            yield from _hook(step.stamp)
        for send in step.sends:
            yield from _send(send, settings)


def stamp_faults(plan: Plan, settings: ConnectSettings) -> Iterator[Fault]:
    """Why the stamps of a plan could not be written to profiles, whoever sends."""
    stamps = [step.stamp for step in plan.steps if step.stamp]
    stamped = {name for stamp in stamps for name in stamp.audiences}
    yield from _audiences(plan, stamped | audience.reached(stamped, audience.named(plan.audiences)))
    for stamp in stamps:
        yield from _stamp(stamp, settings)


def _audiences(plan: Plan, names: Collection[str]) -> Iterator[Fault]:
    named = audience.named(plan.audiences)
    subjects = {name: {one.subject for one in audience.criteria(its)} for name, its in plan.audiences.items()}
    for name, expression in plan.audiences.items():
        if name not in names:
            continue
        for criterion in audience.criteria(expression):
            yield from _criterion(criterion)
        for existing in audience.existing(expression):
            yield from _existing(existing)
        parts = {name, *audience.reached([name], named)} & subjects.keys()
        if len(set().union(*(subjects[part] for part in parts))) > limits.SEGMENT_ATTRIBUTES - 1:
            rule = (
                f"more than {limits.SEGMENT_ATTRIBUTES - 1} attributes with those of the audiences that it names "
                f"(a segment has {limits.SEGMENT_ATTRIBUTES})"
            )
            yield Fault(("audiences", name), rule, "Stamp an attribute that stands for several, and select by that")


def _criterion(criterion: Criterion) -> Iterator[Fault]:
    kind = criterion.subject.partition(".")[0]
    if kind in _UNKNOWN:
        lacking, remedy = _UNKNOWN[kind]
        yield Fault(criterion.where, f"profiles of Amazon Connect do not have {lacking}", remedy)
    elif len(criterion.values) > limits.DIMENSION_VALUES:
        rule = f"{len(criterion.values)} values, where {limits.DIMENSION_VALUES} are the most on Amazon Connect"
        yield Fault(criterion.where, rule, "Split them between two audiences and join those with any")


def _existing(existing: Existing) -> Iterator[Fault]:
    if _DEFINITION.fullmatch(existing.segment_id) is None:
        rule = "no segment definition of Customer Profiles"
        yield Fault(existing.where, rule, "Write its name (letters, digits, _ and -, at most 64) or its ARN")


def _stamp(stamp: Stamp, settings: ConnectSettings) -> Iterator[Fault]:
    for attribute, values in stamp.values.items():
        where = (*stamp.where, "set", attribute)
        if attribute not in settings.profile_attributes:
            rule = f'profiles have no attribute "{attribute}"'
            yield Fault(where, rule, _missing(settings.profile_attributes, "profile_attributes"))
        if len(values) > 1:
            rule = "an attribute of a profile is one text"
            yield Fault(where, rule, "Write one text, or an attribute for each")


def _hook(stamp: Stamp) -> Iterator[Fault]:
    if stamp.via is Via.HOOK:
        remedy = "Leave it out: members are found by an export"
        yield Fault((*stamp.where, "via"), "Amazon Connect has no hooks", remedy)


def _send(send: Send, settings: ConnectSettings) -> Iterator[Fault]:
    if send.channel not in CHANNELS:
        rule = f"plans cannot send {send.channel} by Amazon Connect"
        remedy = f"Send by {' or '.join(CHANNELS)}, or {_DRAW}, with a Lambda function that sends"
        yield Fault((*send.where, "channel"), rule, remedy)
    else:
        yield from _template(send, settings)
        yield from _sender(send, settings)
    yield from _refused(send)
    if send.quiet_time and send.quiet_time[0] != send.quiet_time[1] and not ranges(send.quiet_time):
        yield Fault((*send.where, "quiet_time"), "leaves no time of the day to send in", "Shorten it")


def _template(send: Send, settings: ConnectSettings) -> Iterator[Fault]:
    content = send.content
    if content.message is not None:
        rule = "a campaign of Amazon Connect has no wording of its own"
        remedy = (
            f"Store it as a message template, let the platform team name that in {_SETTING}.templates, and write "
            "template; {{event.x}} reaches a template only as a stamped attribute"
        )
        yield Fault((*content.where, "message"), rule, remedy)
        return
    where = (*content.where, "template")
    template = settings.templates.get(content.template or "")
    if template is None and content.template:
        rule = f'no template "{content.template}"'
        yield Fault(where, rule, _missing(settings.templates, "templates"))
    elif template is not None and not template.campaign_flow_arn:
        rule = f'"{content.template}" has no campaign flow that sends it'
        yield Fault(where, rule, f"Ask the platform team to set {_SETTING}.campaign_flow_arn, or that of the template")
    if content.template_version is not None:
        rule = "the version is part of the template's ARN"
        remedy = f"Remove it, or ask the platform team for a name in {_SETTING}.templates that stands for the version"
        yield Fault((*content.where, "template_version"), rule, remedy)


def _missing(known: Iterable[str], setting: str) -> str:
    names = ", ".join(sorted(known))
    remedy = f"Ask the platform team to add it to {_SETTING}.{setting}"
    return f"{remedy}, or use one of {names}" if names else remedy


def _sender(send: Send, settings: ConnectSettings) -> Iterator[Fault]:
    sender = settings.senders.get(send.channel)
    where = (*send.where, "sender")
    if sender is None:
        rule = f"nothing sends {send.channel}"
        yield Fault(where, rule, f"Ask the platform team to set {_SETTING}.senders.{send.channel.lower()}")
    elif send.sender not in (None, sender):
        yield Fault(where, f"{send.channel} comes from the instance's sender alone", f"Leave it out, or write {sender}")


def _refused(send: Send) -> Iterator[Fault]:
    """What a managed campaign does not have."""
    split = f"{_DRAW} that splits by DistributeByPercentage"
    remedies = {
        "treatments": (send.treatments, f"Leave them out, or {split}"),
        "holdout_percent": (send.holdout_percent, f"Leave it out, or {split}"),
        "message_type": (send.message_type, "Leave it out: the phone number that sends decides"),
        "endpoint_types": (send.endpoint_types, "Leave it out: the channel decides"),
        "custom_channel": (send.custom_channel, f"Leave it out, or {_DRAW}, with a Lambda function that sends"),
    }
    for key, (value, remedy) in remedies.items():
        if value:
            yield Fault((*send.where, key), f"a campaign of Amazon Connect has no {key}", remedy)
    if send.limits.messages_per_second is not None:
        remedy = "Leave it out: the instance shares its capacity between campaigns"
        where = (*send.where, "limits", "messages_per_second")
        yield Fault(where, "a campaign of Amazon Connect has no messages_per_second", remedy)
    for condition in send.conditions:
        rule = "Amazon Connect has no hooks, so nobody can be left out by what they did"
        remedy = f"Select by a user attribute that your own system keeps, or {_DRAW} that asks for the outcome"
        yield Fault(condition.where, rule, remedy)
