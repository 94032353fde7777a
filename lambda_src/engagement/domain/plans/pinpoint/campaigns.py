"""Sends and stamps as campaigns: the documents with which Amazon Pinpoint makes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from engagement.domain.interactions.conditions import Rule, tag_of
from engagement.domain.plans import texts
from engagement.domain.plans.campaigns import Campaigns, PlannedCampaign, Request
from engagement.domain.plans.endpoints import ENDPOINT_TYPES
from engagement.domain.plans.faults import Path
from engagement.domain.plans.model import Channel, Content, Limits, Send, Stamp, Start, Via
from engagement.domain.plans.moments import instant
from engagement.domain.plans.names import FILTER_TAG, INDEX_TAG

_TEMPLATES = {Channel.EMAIL: "EmailTemplate", Channel.SMS: "SMSTemplate", Channel.PUSH: "PushTemplate"}
# DefaultMessage would go to every channel of the project, e-mail and SMS too.
_PUSH_SERVICES = ("APNSMessage", "GCMMessage", "ADMMessage", "BaiduMessage")
_MOST_MESSAGES = 100


@dataclass(frozen=True, slots=True)
class PinpointCampaign(PlannedCampaign):
    """A campaign of the project."""

    def request(self, segment_id: str) -> Request:
        """The `WriteCampaignRequest`."""
        return {**self.body, "SegmentId": segment_id}


@dataclass(frozen=True, slots=True)
class PinpointCampaigns(Campaigns):
    """Campaigns of the project."""

    def of_send(self, send: Send, segment: str) -> PinpointCampaign:
        """The campaign of a send."""
        name = self.name(send)
        first, *others = (self._content(send, content) for content in send.contents)
        starts = self.starts(send.start, (*send.where, "start"))
        body: Request = {
            "Name": name,
            "tags": {**self.names.tags(self.step.id), INDEX_TAG: str(self._index(self.step.id))},
            "Schedule": _schedule(starts, send.quiet_time),
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
        return PinpointCampaign(name, send.where, send.audience, send.channel, segment, starts, body)

    def of_stamp(self, stamp: Stamp, audience: str, segment: str) -> PinpointCampaign | None:
        """The campaign that shows a stamp's endpoints to the function that stamps, and sends nothing."""
        if stamp.via is Via.EXPORT:
            return None
        name = self.names.of("stamp", self.step.id, audience)
        starts = self.starts(Start(), ())
        data = {"plan": self.names.plan, "run": self.names.run, "step": self.step.id, "index": self.step.where[-1]}
        body: Request = {
            "Name": name,
            "tags": dict(self.names.tags(self.step.id)),
            "Schedule": _schedule(starts, self._no_quiet_time()),
            "Limits": {"Daily": _MOST_MESSAGES, "Total": _MOST_MESSAGES},
            "MessageConfiguration": {"CustomMessage": {"Data": texts.data_text(data)}},
            "CustomDeliveryConfiguration": _delivery(self.settings.stamp_function, ENDPOINT_TYPES),
        }
        if stamp.via is Via.HOOK:
            body["Hook"] = _hook(self.settings.stamp_function)
        return PinpointCampaign(name, stamp.where, audience, Channel.CUSTOM, segment, starts, body)

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

    def _no_quiet_time(self) -> tuple[str, str]:
        """A quiet time in which nobody is.

        It takes the place of the project's own. Offsets of time zones are multiples of 15 minutes, so a minute that
        has just passed in one of them is at least twelve minutes away in every other.
        """
        return tuple(f"{self.earliest - timedelta(minutes=ago):%H:%M}" for ago in (3, 2))  # type: ignore[return-value]


def _schedule(starts: datetime, quiet_time: tuple[str, str] | None) -> Request:
    schedule = {"StartTime": instant(starts), "Frequency": "ONCE", "IsLocalTime": False, "Timezone": "UTC"}
    return schedule | ({"QuietTime": {"Start": quiet_time[0], "End": quiet_time[1]}} if quiet_time else {})


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
