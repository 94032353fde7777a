"""Sends and stamps as campaigns: the documents with which Amazon Pinpoint makes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from engagement.domain.interactions.conditions import Rule, tag_of
from engagement.domain.plans import texts
from engagement.domain.plans.endpoints import ENDPOINT_TYPES
from engagement.domain.plans.faults import Fault, Path
from engagement.domain.plans.model import Channel, Content, Limits, Plan, Send, Stamp, Start, Step, Via
from engagement.domain.plans.moments import instant
from engagement.domain.plans.names import FILTER_TAG, INDEX_TAG, Names
from engagement.domain.plans.settings import PlanSettings
from engagement.domain.plans.texts import Text

Request = dict[str, Any]

_TEMPLATES = {Channel.EMAIL: "EmailTemplate", Channel.SMS: "SMSTemplate", Channel.PUSH: "PushTemplate"}
# DefaultMessage would go to every channel of the project, e-mail and SMS too.
_PUSH_SERVICES = ("APNSMessage", "GCMMessage", "ADMMessage", "BaiduMessage")
_MOST_MESSAGES = 100


@dataclass(frozen=True, slots=True)
class PlannedCampaign:
    """A campaign to make.

    Parameters
    ----------
    where
        The send or the stamp that it comes from.
    audience, channel
        Whom it is for; the channel of a stamp is CUSTOM.
    segment
        Name of the planned segment that it goes to.
    body
        The `WriteCampaignRequest` without `SegmentId`.
    """

    name: str
    where: Path
    audience: str
    channel: Channel
    segment: str
    body: Mapping[str, Any]

    def request(self, segment_id: str) -> Request:
        """The `WriteCampaignRequest`, once its segment exists."""
        return {**self.body, "SegmentId": segment_id}


@dataclass(frozen=True, slots=True)
class Campaigns:
    """The campaigns of one step of one run.

    Parameters
    ----------
    values
        Attributes of the event.
    now
        When the step begins. The same step must be given the same moment if it is done again.
    made_at
        When the campaigns are made; not before `now`.
    faults
        Gets what is wrong only with these values or at this moment.
    """

    names: Names
    plan: Plan
    step: Step
    settings: PlanSettings
    values: Mapping[str, str]
    now: datetime
    made_at: datetime
    faults: list[Fault]

    def of_send(self, send: Send, segment: str) -> PlannedCampaign:
        """The campaign of a send."""
        parts = [send.audience, send.channel, *([send.custom_channel] if send.custom_channel else [])]
        name = self.names.of("campaign", self.step.id, *parts, label=self._label(send))
        first, *others = (self._content(send, content) for content in send.contents)
        body: Request = {
            "Name": name,
            "tags": {**self.names.tags(self.step.id), INDEX_TAG: str(self._index(self.step.id))},
            "Schedule": self._schedule(send.start, (*send.where, "start"), send.quiet_time),
            **first,
        }
        if send.conditions:
            rules = (Rule(one.word, self._index(one.step), one.did) for one in send.conditions)
            body["tags"][FILTER_TAG] = tag_of(rules)
            body["Hook"] = _hook(self.settings.filter_function)
        if send.holdout_percent:
            body["HoldoutPercent"] = send.holdout_percent
        if limits := _limits(send.limits):
            body["Limits"] = limits
        if others:
            body["AdditionalTreatments"] = [
                {"TreatmentName": treatment.name, "SizePercent": treatment.percent, **other}
                for treatment, other in zip(send.treatments, others, strict=True)
            ]
        return PlannedCampaign(name, send.where, send.audience, send.channel, segment, body)

    def of_stamp(self, stamp: Stamp, audience: str, segment: str) -> PlannedCampaign:
        """The campaign that shows a stamp's endpoints to the function that stamps, and sends nothing."""
        name = self.names.of("stamp", self.step.id, audience)
        data = {"plan": self.names.plan, "run": self.names.run, "step": self.step.id, "index": self.step.where[-1]}
        body: Request = {
            "Name": name,
            "tags": dict(self.names.tags(self.step.id)),
            "Schedule": self._schedule(Start(), (), self._no_quiet_time()),
            "Limits": {"Daily": _MOST_MESSAGES, "Total": _MOST_MESSAGES},
            "MessageConfiguration": {"CustomMessage": {"Data": texts.data_text(data)}},
            "CustomDeliveryConfiguration": _delivery(self.settings.stamp_function, ENDPOINT_TYPES),
        }
        if stamp.via is Via.HOOK:
            body["Hook"] = _hook(self.settings.stamp_function)
        return PlannedCampaign(name, stamp.where, audience, Channel.CUSTOM, segment, body)

    def fill(self, text: Text) -> str:
        """A text with the event's values; what cannot be is a fault, and empty."""
        missing = text.missing(self.values)
        for attribute in dict.fromkeys(missing):
            rule = f"the event has no attribute {attribute}"
            self.faults.append(Fault(text.where, rule, f"Send the event with detail.{attribute}"))
        if missing:
            return ""
        filled = text.fill(text.text, self.values)
        if fault := text.too_long(filled):
            self.faults.append(fault)
        return filled

    def _label(self, send: Send) -> str:
        return "" if send.name is None else f"{self.step.id}-{self.fill(Text((*send.where, 'name'), send.name))}"

    def _index(self, step_id: str) -> int:
        return [step.id for step in self.plan.steps].index(step_id)

    def _content(self, send: Send, content: Content) -> Request:
        """What the recipients of a send, or of one of its treatments, get."""
        message = _message(send, self._filled(send.channel, content))
        body: Request = {"MessageConfiguration": message} if message else {}
        if content.template is not None:
            template = {"Name": content.template}
            if content.template_version is not None:
                template["Version"] = content.template_version
            body["TemplateConfiguration"] = {_TEMPLATES[send.channel]: template}
        if send.channel is Channel.CUSTOM:
            function = self.settings.custom_channels[send.custom_channel or ""]
            body["CustomDeliveryConfiguration"] = _delivery(function, send.endpoint_types or ("CUSTOM",))
        return body

    def _filled(self, channel: Channel, content: Content) -> Request | None:
        """The parts of an inline message with the event's values; None for a template."""
        if content.message is None:
            return None
        filled = {way: self.fill(text) for way, text in texts.of_content(channel, content).items()}
        message = {key: _replaced(value, (key,), filled) for key, value in content.message.items()}
        if channel is Channel.CUSTOM and (fault := texts.data_too_large(content, message["data"])):
            self.faults.append(fault)
        return message

    def _schedule(self, start: Start, where: Path, quiet_time: tuple[str, str] | None) -> Request:
        if start.moment is not None and start.moment <= self.now:
            rule = f"{instant(start.moment)} has passed"
            self.faults.append(Fault(where, rule, "Write a moment to come, a delay, or now"))
        begins = max(self._earliest, start.moment or self.now + start.delay)
        schedule = {"StartTime": instant(begins), "Frequency": "ONCE", "IsLocalTime": False, "Timezone": "UTC"}
        return schedule | ({"QuietTime": {"Start": quiet_time[0], "End": quiet_time[1]}} if quiet_time else {})

    @property
    def _earliest(self) -> datetime:
        return self.made_at + self.settings.start_lead

    def _no_quiet_time(self) -> tuple[str, str]:
        """A quiet time in which nobody is.

        It takes the place of the project's own. Offsets of time zones are multiples of 15 minutes, so a minute that
        has just passed in one of them is at least twelve minutes away in every other.
        """
        return tuple(f"{self._earliest - timedelta(minutes=ago):%H:%M}" for ago in (3, 2))  # type: ignore[return-value]


def _message(send: Send, parts: Request | None) -> Request:
    """`MessageConfiguration`; with a template it holds only what a template does not say."""
    if send.channel is Channel.EMAIL:
        email = {"Title": "subject", "HtmlBody": "html", "Body": "text"}
        message = {theirs: parts[ours] for theirs, ours in email.items() if parts and ours in parts}
        if send.sender:
            message["FromAddress"] = send.sender
        return {"EmailMessage": message} if message else {}
    if send.channel is Channel.SMS:
        message = {"MessageType": send.message_type or "PROMOTIONAL", **({"Body": parts["body"]} if parts else {})}
        if send.sender:
            message["OriginationNumber" if send.sender.lstrip("+").isdecimal() else "SenderId"] = send.sender
        return {"SMSMessage": message}
    if parts is None:
        return {}
    if send.channel is Channel.CUSTOM:
        return {"CustomMessage": {"Data": texts.data_text(parts["data"])}}
    push = {theirs: parts[ours] for theirs, ours in {"Title": "title", "Body": "body"}.items() if ours in parts}
    push |= {"Action": "URL", "Url": parts["url"]} if "url" in parts else {"Action": "OPEN_APP"}
    return {service: dict(push) for service in _PUSH_SERVICES}


def _replaced(value: Any, way: Path, filled: Mapping[Path, str]) -> Any:  # noqa: ANN401 (JSON)
    """A JSON value with its texts replaced."""
    if isinstance(value, dict):
        return {key: _replaced(below, (*way, key), filled) for key, below in value.items()}
    if isinstance(value, list):
        return [_replaced(below, (*way, index), filled) for index, below in enumerate(value)]
    return filled.get(way, value)


def _limits(limits: Limits) -> Request:
    longest = limits.maximum_duration
    values = {
        "Daily": limits.daily,
        "Total": limits.total,
        "MessagesPerSecond": limits.messages_per_second,
        "MaximumDuration": None if longest is None else int(longest.total_seconds()),
    }
    return {key: value for key, value in values.items() if value is not None}


def _hook(function: str) -> Request:
    return {"LambdaFunctionName": function, "Mode": "FILTER"}


def _delivery(function: str, endpoint_types: tuple[str, ...]) -> Request:
    return {"DeliveryUri": function, "EndpointTypes": list(endpoint_types)}
