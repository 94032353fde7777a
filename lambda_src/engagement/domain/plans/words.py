"""Parts of a plan in plain English."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

from engagement.domain.destinations import DestinationName
from engagement.domain.interactions.kinds import Did
from engagement.domain.plans.audience import Criterion, Everyone, Existing, Expression, Group, Reference
from engagement.domain.plans.model import Channel, Content, Send, Stamp, Start, Step, Via
from engagement.domain.plans.moments import instant
from engagement.domain.plans.placeholders import PLACEHOLDER

_CHANNELS = {
    Channel.EMAIL: "e-mail",
    Channel.SMS: "SMS",
    Channel.PUSH: "push notification",
    Channel.CUSTOM: "custom channel",
}
_OPERATORS: Mapping[str, str] = {
    "is": "is",
    "is_not": "is not",
    "contains": "contains",
    "before": "is before",
    "after": "is after",
    "on": "is on",
    "between": "is between",
    "equals": "is",
    "above": "is above",
    "at_least": "is at least",
    "below": "is below",
    "at_most": "is at most",
}
_JOINTS = {"all": " and ", "any": " or ", "none": " or "}
_VIA = {Via.CUSTOM: "", Via.HOOK: " (by a hook)", Via.EXPORT: " (by an export, so also for who opted out)"}

_CONDITIONS = {"only": "only who", "unless": "not who"}
_DID = {Did.DELIVERED: "received", Did.OPENED: "opened", Did.CLICKED: "clicked a link of"}


def audience(expression: Expression) -> str:
    """Who is in an audience."""
    if isinstance(expression, Everyone):
        return "everyone"
    if isinstance(expression, Existing):
        return f"segment {expression.segment_id}"
    if isinstance(expression, Reference):
        return expression.name
    if isinstance(expression, Group):
        return _group(expression)
    return _criterion(expression)


def step(planned: Step, sends_by: DestinationName = DestinationName.PINPOINT) -> list[str]:
    """What a step does, a line each."""
    if planned.stamp is not None:
        return [_stamp(planned.stamp, sends_by)]
    if planned.wait is not None:
        return [f"{duration(planned.wait)} pass"]
    return [send(one, sends_by) for one in planned.sends]


def send(one: Send, sends_by: DestinationName = DestinationName.PINPOINT) -> str:
    """Who gets what, when."""
    channel = f"{_CHANNELS[one.channel]} {one.custom_channel}" if one.custom_channel else _CHANNELS[one.channel]
    parts = [f"{one.audience} gets {channel}: {content(one.channel, one.content)}"]
    parts += [f"{variant.percent}% get variant {variant.name} instead" for variant in one.treatments]
    parts += [f"{_CONDITIONS[condition.word]} {_DID[condition.did]} {condition.step}" for condition in one.conditions]
    if one.holdout_percent:
        parts.append(f"{one.holdout_percent}% get nothing")
    if one.start != Start():
        parts.append(f"starts {start(one.start)}")
    if one.quiet_time:
        skipped = "is skipped, not sent to later" if sends_by == "pinpoint" else "is not sent to at that time"
        parts.append(f"who has a time between {' and '.join(one.quiet_time)} {skipped}")
    return "; ".join(parts)


def content(channel: Channel, its: Content) -> str:
    """What a recipient reads, in a line."""
    if its.message is None:
        version = f" version {its.template_version}" if its.template_version else ""
        return f"template {its.template}{version}"
    if channel is Channel.CUSTOM:
        return "data for its function"
    keys = {Channel.EMAIL: "subject", Channel.PUSH: "title"}
    return f'"{text(its.message.get(keys.get(channel, "body")) or its.message["body"])}"'


def start(when: Start) -> str:
    """When a campaign starts."""
    if when.moment is not None:
        return f"at {instant(when.moment)}"
    return f"{duration(when.delay)} after the step begins" if when.delay else "at once"


def duration(length: timedelta) -> str:
    """A duration in days, hours, minutes and seconds."""
    minutes, seconds = divmod(int(length.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    units = {"day": days, "hour": hours, "minute": minutes, "second": seconds}
    parts = [f"{count} {unit}{'' if count == 1 else 's'}" for unit, count in units.items() if count]
    return " ".join(parts) or "no time"


def text(value: str) -> str:
    """A text in which placeholders read as names of what will stand there."""
    return PLACEHOLDER.sub(lambda match: f"[{match[1]}]", value)


def _stamp(stamp: Stamp, sends_by: DestinationName) -> str:
    via = stamp.via if sends_by == "pinpoint" else Via.EXPORT
    values = ", ".join(f'{name} = "{_list(map(text, its), " and ")}"' for name, its in stamp.values.items())
    return f"{_list(stamp.audiences, ' and ')}: {values} is written, nothing is sent{_VIA[via]}"


def _group(group: Group) -> str:
    words = _JOINTS[group.joint].join(
        f"({audience(member)})" if isinstance(member, Group) and len(group.members) > 1 else audience(member)
        for member in group.members
    )
    return f"not {f'({words})' if len(group.members) > 1 else words}" if group.joint == "none" else words


def _criterion(criterion: Criterion) -> str:
    kind, _, name = criterion.subject.partition(".")
    if kind == "recency":
        return f"{'' if criterion.operator == 'active' else 'not '}active in the last {_days(str(criterion.values[0]))}"
    joint = " and " if criterion.operator == "between" else " or "
    subject = f"{kind} attribute {name}" if kind in ("user", "endpoint") else f"{kind} {name}".rstrip()
    values = _list((str(value) for value in criterion.values), joint)
    return f"{subject} {_OPERATORS[criterion.operator]} {values}"


def _days(span: str) -> str:
    return "24 hours" if span == "P1D" else f"{span[1:-1]} days"


def _list(values: Iterable[str], joint: str) -> str:
    *first, last = values
    return f"{', '.join(first)}{joint}{last}" if first else last
