"""From what callers asked for to events inside every rule and limit."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from engagement.domain.destinations import DestinationName
from engagement.domain.draft import EVENT_ID, UNSET, Draft
from engagement.domain.event import Event, Reference, Rejection
from engagement.domain.message import Call, Message, MessageError, Route
from engagement.domain.reasons import DropReason, RejectReason
from engagement.domain.rules import Matcher, Rules
from engagement.domain.token import KeysUnavailableError, Verdict
from engagement.domain.trust import NotAcceptedError, Privacy, Trust

OLDEST_MS = 24 * 60 * 60 * 1000
AHEAD_MS = 5 * 60 * 1000

# Service model of Pinpoint: an endpoint id cannot contain these.
_IMPOSSIBLE_IN_ENDPOINT_ID = frozenset("${}")
_EVENT_ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
_MILLISECONDS = re.compile(r"[0-9]{1,15}")


@dataclass(slots=True)
class Interpretation:
    """What a batch of messages asked for.

    Parameters
    ----------
    configured
        Names of the destinations that there are.
    messages
        Every message that could be read, by its id.
    open
        Names of the destinations that each call of those is open for; a call without any is settled.
    verdicts
        What each call's token is worth.
    events, rejections
        Each open call is one of both, unless its message is undecided.
    undecided
        Messages that must come back, because a token in them cannot be judged now.
    dropped
        Parameters that were left out or changed.
    """

    configured: tuple[DestinationName, ...]
    messages: dict[str, Message] = field(default_factory=dict)
    open: dict[Reference, tuple[DestinationName, ...]] = field(default_factory=dict)
    verdicts: dict[Reference, Verdict] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    undecided: list[str] = field(default_factory=list)
    dropped: Counter[DropReason] = field(default_factory=Counter)

    def open_of(self, reference: Reference) -> tuple[DestinationName, ...]:
        """Names of the destinations that an event is open for; all, if its message could not be read."""
        return self.open.get(reference, self.configured)

    def events_for(self, destination: DestinationName) -> list[Event]:
        """The events that a destination is to have."""
        return [event for event in self.events if destination in self.open_of(event.reference)]

    def rejections_for(self, destination: DestinationName) -> list[Rejection]:
        """The refusals of what a destination would have had otherwise."""
        return [rejection for rejection in self.rejections if destination in self.open_of(rejection.reference)]

    def received(self, destination: DestinationName) -> int:
        """Events in the batch that a destination is open for; a message that cannot be read counts as one."""
        unread = sum(rejection.reference[0] not in self.messages for rejection in self.rejections)
        return unread + sum(destination in names for names in self.open.values())


def interpret(
    messages: Iterable[tuple[str, str]], rules: Rules, trust: Trust, destinations: Mapping[DestinationName, Matcher]
) -> Interpretation:
    """Read a batch.

    Parameters
    ----------
    messages
        Queue message ids with their bodies.
    rules
        What callers may write.
    trust
        How to tell who they are.
    destinations
        By name, which user attributes each can write into its customer data.
    """
    batch = Interpretation(tuple(destinations))
    reader = _Reader(rules, trust, destinations, batch)
    for message_id, body in messages:
        reader.read(message_id, body)
    return batch


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads the messages of a batch."""

    rules: Rules
    trust: Trust
    destinations: Mapping[DestinationName, Matcher]
    batch: Interpretation

    def read(self, message_id: str, body: str) -> None:
        """Take one message into the batch."""
        try:
            message = Message.parse(body, self.rules.most_events)
        except MessageError as error:
            self.batch.rejections.append(Rejection((message_id, None), error.reason, str(error)))
            return
        self.batch.messages[message_id] = message
        for call in message.calls:
            self.batch.open[message_id, call.index] = self._open(call)
        try:
            verdicts = [self.trust.judge(message, call) for call in message.calls]
        except KeysUnavailableError:
            self.batch.undecided.append(message_id)
            return
        for call, verdict in zip(message.calls, verdicts, strict=True):
            self.batch.verdicts[message_id, call.index] = verdict
            if not self.batch.open[message_id, call.index]:
                continue
            try:
                self.batch.events.append(self._event(message_id, message, call, verdict))
            except NotAcceptedError as error:
                self.batch.rejections.append(Rejection((message_id, call.index), error.reason, error.detail))

    def _open(self, call: Call) -> tuple[DestinationName, ...]:
        """What a call is open for; a destination that somebody has removed since is done with it."""
        if call.destinations is None:
            return self.batch.configured
        names = tuple(name for name in self.destinations if name in call.destinations)
        if gone := len(call.destinations) - len(names):
            self.batch.dropped[DropReason.DESTINATION_NOT_CONFIGURED] += gone
        return names

    def _event(self, message_id: str, message: Message, call: Call, verdict: Verdict) -> Event:
        if message.privacy_signal and self.trust.privacy is Privacy.DROP:
            raise NotAcceptedError(RejectReason.PRIVACY_SIGNAL, "Sec-GPC: this browser asked for privacy")
        said = call.parameters
        event_type = self._event_type(said.get("event") or "")
        endpoint_id = self._endpoint_id(said.get("endpoint_id") or "")
        draft = Draft(
            self.rules,
            self.batch.dropped,
            authenticated=self.trust.authenticated(message, verdict, endpoint_id),
            private=message.privacy_signal and self.trust.privacy is Privacy.NO_UPDATES,
        )
        for parameter, value in said.items():
            draft.read(parameter, value)
        draft.keep_first_names()
        if verdict not in (Verdict.VALID, Verdict.ABSENT):
            self.batch.dropped[DropReason(verdict)] += 1
        if draft.user_attributes:
            self._count_unmapped(draft.user_attributes, self.batch.open[message_id, call.index])
        event_id = self._event_id(said.get(EVENT_ID) or "") or _own_id(message.request_id or message_id, call.index)
        chosen = self._timestamp(said.get("ts") or "", message.request_time)
        return Event(
            message_id=message_id,
            index=call.index,
            event_id=event_id,
            endpoint_id=endpoint_id,
            event_type=event_type,
            timestamp=message.request_time if chosen is None else chosen,
            attributes={**draft.attributes, EVENT_ID: event_id},
            metrics=draft.metrics,
            user_attributes=draft.user_attributes,
            weight=draft.weight,
            timestamp_given=chosen is not None,
            trusted=message.route is Route.TRUSTED,
        )

    def _count_unmapped(self, user_attributes: Iterable[str], destinations: Iterable[DestinationName]) -> None:
        mapped = [self.destinations[name] for name in destinations]
        for attribute in user_attributes:
            if unmapped := sum(not takes(attribute) for takes in mapped):
                self.batch.dropped[DropReason.USER_ATTRIBUTE_NOT_MAPPED] += unmapped

    def _event_type(self, value: str) -> str:
        if value.strip() in UNSET:
            raise NotAcceptedError(RejectReason.MISSING_EVENT, "event: give the event a name")
        if self.rules.event_reserved(value):
            raise NotAcceptedError(RejectReason.EVENT_RESERVED, "event: this name is reserved (reserved_events)")
        if not self.rules.event_allowed(value):
            raise NotAcceptedError(RejectReason.EVENT_NOT_ALLOWED, "event: add this name to events")
        return value

    def _endpoint_id(self, value: str) -> str:
        if value.strip() in UNSET:
            detail = "endpoint_id: set the variable before the tag fires"
            raise NotAcceptedError(RejectReason.MISSING_ENDPOINT_ID, detail)
        if not _IMPOSSIBLE_IN_ENDPOINT_ID.isdisjoint(value):
            raise NotAcceptedError(RejectReason.ENDPOINT_ID_NOT_ALLOWED, "endpoint_id: leave out $, { and }")
        if self.rules.endpoint_id_reserved(value):
            raise NotAcceptedError(RejectReason.ENDPOINT_ID_RESERVED, "endpoint_id: this id is reserved")
        if not self.rules.endpoint_id_allowed(value):
            detail = "endpoint_id: not of the form endpoint_id_pattern"
            raise NotAcceptedError(RejectReason.ENDPOINT_ID_NOT_ALLOWED, detail)
        return value

    def _event_id(self, value: str) -> str | None:
        if value in UNSET:
            return None
        if _EVENT_ID.fullmatch(value):
            return value
        self.batch.dropped[DropReason.EVENT_ID_INVALID] += 1
        return None

    def _timestamp(self, value: str, request_time: int) -> int | None:
        if value in UNSET:
            return None
        if _MILLISECONDS.fullmatch(value) and request_time - OLDEST_MS <= int(value) <= request_time + AHEAD_MS:
            return int(value)
        self.batch.dropped[DropReason.TIMESTAMP_INVALID] += 1
        return None


def _own_id(request_id: str, index: int | None) -> str:
    """The id of an event that brings none: an array has one request id for all its events."""
    return request_id if index is None else f"{request_id}-{index}"
