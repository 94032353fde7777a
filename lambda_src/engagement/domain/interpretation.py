"""From the parameters of a call to an event inside every rule and limit."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from engagement.domain import limits
from engagement.domain.event import Event, Rejection
from engagement.domain.message import Message, MessageError
from engagement.domain.reasons import DropReason, RejectReason
from engagement.domain.rules import Rules

UNSET = frozenset({"", "undefined", "null", "NaN", "[object Object]"})
"""What Google Tag Manager writes for a variable that has no value."""

EVENT_ID = "event_id"
OLDEST_MS = 24 * 60 * 60 * 1000
AHEAD_MS = 5 * 60 * 1000

# Service model of Pinpoint: an endpoint id cannot contain these.
_IMPOSSIBLE_IN_ENDPOINT_ID = frozenset("${}")
_EVENT_ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_MILLISECONDS = re.compile(r"[0-9]{1,15}")
_PREFIX_LENGTH = len("evat_")

# A character of the query is at most one character of the event, six bytes as JSON; keys and braces come on top.
_JSON_BYTES = 6
_ENVELOPE_BYTES = 1_024


class NotAcceptedError(Exception):
    """The event can never be sent."""

    def __init__(self, reason: RejectReason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


@dataclass(slots=True)
class Interpretation:
    """What a batch of messages asked for."""

    events: list[Event] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    dropped: Counter[DropReason] = field(default_factory=Counter)


def interpret(messages: Iterable[tuple[str, str]], rules: Rules) -> Interpretation:
    """Read a batch.

    Parameters
    ----------
    messages
        Queue message ids with their bodies.
    rules
        What the callers may write.

    Returns
    -------
    Interpretation
        Each message is one event or one rejection; `dropped` counts the parameters that were left out or changed.
    """
    result = Interpretation()
    for message_id, body in messages:
        try:
            result.events.append(_event(message_id, Message.parse(body), rules, result.dropped))
        except MessageError as error:
            result.rejections.append(Rejection(message_id, RejectReason.MALFORMED_MESSAGE, str(error)))
        except NotAcceptedError as error:
            result.rejections.append(Rejection(message_id, error.reason, error.detail))
    return result


@dataclass(slots=True)
class _Draft:
    """An event while its parameters are read."""

    rules: Rules
    dropped: Counter[DropReason]
    plain: dict[str, str] = field(default_factory=dict)
    attributes: dict[str, str] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)
    user_attributes: dict[str, str] = field(default_factory=dict)
    characters: int = 0

    def read(self, parameter: str, value: str) -> None:
        """Take one parameter in, or count why not."""
        self.characters += len(parameter) + len(value)
        if parameter in _PLAIN:
            self.plain[parameter] = value
        elif take := _PREFIXED.get(parameter[:_PREFIX_LENGTH]):
            name = parameter[_PREFIX_LENGTH:]
            if reason := _unusable(name, value) or take(self, name, value):
                self.dropped[reason] += 1
        else:
            self.dropped[_IGNORED.get(parameter, DropReason.UNKNOWN_PARAMETER)] += 1

    def attribute(self, name: str, value: str) -> DropReason | None:
        if name == EVENT_ID or not self.rules.attribute_allowed(name):
            return DropReason.ATTRIBUTE_NOT_ALLOWED
        self.attributes[name] = kept = limits.cut(value, limits.EVENT_VALUE_LENGTH)
        return DropReason.VALUE_CUT if kept is not value else None

    def metric(self, name: str, value: str) -> DropReason | None:
        if not self.rules.metric_allowed(name):
            return DropReason.METRIC_NOT_ALLOWED
        number = float(value) if _NUMBER.fullmatch(value) else float("inf")
        if number in _INFINITE:
            return DropReason.METRIC_NOT_A_NUMBER
        self.metrics[name] = number
        return None

    def user_attribute(self, name: str, value: str) -> DropReason | None:
        if self.rules.user_attribute_reserved(name):
            return DropReason.USER_ATTRIBUTE_RESERVED
        if not self.rules.user_attribute_allowed(name):
            return DropReason.USER_ATTRIBUTE_NOT_ALLOWED
        if limits.length(value) > limits.USER_VALUE_LENGTH:
            return DropReason.USER_ATTRIBUTE_TOO_LONG
        self.user_attributes[name] = value
        return None

    def keep_first_names(self) -> None:
        """Hold the limit of names per event: the first ones by name stay, and `event_id` always has its place."""
        room = limits.NAMES_PER_EVENT - 1
        if len(self.attributes) + len(self.metrics) <= room:
            return
        names = sorted([(name, 0) for name in self.attributes] + [(name, 1) for name in self.metrics])
        for name, kind in names[room:]:
            (self.attributes, self.metrics)[kind].pop(name)
        self.dropped[DropReason.TOO_MANY_NAMES] += len(names) - room


_PLAIN = frozenset({"event", "endpoint_id", "event_id", "ts"})
_PREFIXED = {"evat_": _Draft.attribute, "evme_": _Draft.metric, "usat_": _Draft.user_attribute}
_IGNORED = {"gtmcb": DropReason.CACHE_BUSTER, "token": DropReason.TOKEN_IGNORED}
_INFINITE = frozenset({float("inf"), float("-inf")})


def _unusable(name: str, value: str) -> DropReason | None:
    if value in UNSET:
        return DropReason.UNSET_VALUE
    if not name:
        return DropReason.NAME_EMPTY
    return DropReason.NAME_TOO_LONG if limits.length(name) > limits.NAME_LENGTH else None


def _event(message_id: str, message: Message, rules: Rules, dropped: Counter[DropReason]) -> Event:
    draft = _Draft(rules, dropped)
    for parameter, value in message.parameters:
        draft.read(parameter, value)
    event_type = _event_type(draft.plain.get("event", ""), rules)
    endpoint_id = _endpoint_id(draft.plain.get("endpoint_id", ""), rules)
    draft.keep_first_names()
    event_id = _event_id(draft.plain.get(EVENT_ID, ""), dropped) or message.request_id or message_id
    chosen = _timestamp(draft.plain.get("ts", ""), message.request_time, dropped)
    return Event(
        message_id=message_id,
        event_id=event_id,
        endpoint_id=endpoint_id,
        event_type=event_type,
        timestamp=message.request_time if chosen is None else chosen,
        attributes={**draft.attributes, EVENT_ID: event_id},
        metrics=draft.metrics,
        user_attributes=draft.user_attributes,
        weight=_ENVELOPE_BYTES + _JSON_BYTES * draft.characters,
        timestamp_given=chosen is not None,
    )


def _event_type(value: str, rules: Rules) -> str:
    if value.strip() in UNSET:
        raise NotAcceptedError(RejectReason.MISSING_EVENT, "event: give the event a name")
    if rules.event_reserved(value):
        raise NotAcceptedError(RejectReason.EVENT_RESERVED, "event: this name is reserved (reserved_events)")
    if not rules.event_allowed(value):
        raise NotAcceptedError(RejectReason.EVENT_NOT_ALLOWED, "event: add this name to events")
    return value


def _endpoint_id(value: str, rules: Rules) -> str:
    if value.strip() in UNSET:
        raise NotAcceptedError(RejectReason.MISSING_ENDPOINT_ID, "endpoint_id: set the variable before the tag fires")
    if not _IMPOSSIBLE_IN_ENDPOINT_ID.isdisjoint(value):
        raise NotAcceptedError(RejectReason.ENDPOINT_ID_NOT_ALLOWED, "endpoint_id: leave out $, { and }")
    if rules.endpoint_id_reserved(value):
        raise NotAcceptedError(RejectReason.ENDPOINT_ID_RESERVED, "endpoint_id: this id is reserved")
    if not rules.endpoint_id_allowed(value):
        raise NotAcceptedError(RejectReason.ENDPOINT_ID_NOT_ALLOWED, "endpoint_id: not of the form endpoint_id_pattern")
    return value


def _event_id(value: str, dropped: Counter[DropReason]) -> str | None:
    if value in UNSET:
        return None
    if _EVENT_ID.fullmatch(value):
        return value
    dropped[DropReason.EVENT_ID_INVALID] += 1
    return None


def _timestamp(value: str, request_time: int, dropped: Counter[DropReason]) -> int | None:
    if value in UNSET:
        return None
    if _MILLISECONDS.fullmatch(value) and request_time - OLDEST_MS <= int(value) <= request_time + AHEAD_MS:
        return int(value)
    dropped[DropReason.TIMESTAMP_INVALID] += 1
    return None
