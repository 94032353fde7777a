"""What becomes of the messages of a batch, and the books: every event stands in exactly one column."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from engagement.domain.delivery import Delivery
from engagement.domain.event import Reference, Rejection
from engagement.domain.interpretation import Interpretation
from engagement.domain.message import Message, without_signature, without_token
from engagement.domain.reasons import RejectReason

LONGEST_TEXT = 261_120
"""Bytes of a message that the rejects queue takes, beside a reason and its detail."""


@dataclass(frozen=True, slots=True)
class Disposal:
    """What to do with the messages of a batch; those that are not named are settled.

    Parameters
    ----------
    open_events
        Events that are neither sent nor refused for good.
    put_back
        Messages with the open events of an array of which a part is done, by the id of the message they replace.
    returned
        Messages that come back as they are.
    """

    open_events: frozenset[Reference]
    put_back: dict[str, Message]
    returned: frozenset[str]


@dataclass(frozen=True, slots=True)
class Account:
    """received = sent + deduplicated + rejected + requeued + returned, in events."""

    received: int
    sent: int
    deduplicated: int
    rejected: int
    requeued: int
    returned: int
    requests: int
    throttled: int

    def metrics(self) -> dict[str, int]:
        """The books under the names of their metrics."""
        return {
            "EventsReceived": self.received,
            "EventsSent": self.sent,
            "EventsDeduplicated": self.deduplicated,
            "EventsRejected": self.rejected,
            "EventsRequeued": self.requeued,
            "EventsReturned": self.returned,
            "PutEventsRequests": self.requests,
            "PutEventsThrottled": self.throttled,
        }


def to_be_kept(asked: Interpretation, delivery: Delivery) -> list[Rejection]:
    """What goes to the rejects queue: every refusal but those of browsers that asked for privacy."""
    every = [*asked.rejections, *delivery.rejected, *delivery.refused_updates]
    return [rejection for rejection in every if rejection.reason is not RejectReason.PRIVACY_SIGNAL]


def kept_text(asked: Interpretation, reference: Reference, body: str) -> str:
    """What is kept of a refused event: its message without its neighbors, or `body` if that could not be read.

    No token is in it, since nobody shall find a credential in a queue.
    """
    message_id, index = reference
    message = asked.messages.get(message_id)
    if message is None:
        return without_token(body)
    # JSON that is sent as a form is readable, as one long name without a value.
    text = without_signature(message.only({index: asked.verdicts[reference]}, message.attempt).text())
    # Control characters of a form take twice the bytes in JSON; as it came, the message fits.
    return without_token(body) if index is None and len(text) > LONGEST_TEXT else text


def dispose(
    asked: Interpretation, delivery: Delivery, unwritten: AbstractSet[Reference], receives: Mapping[str, int]
) -> Disposal:
    """Decide for every message.

    Parameters
    ----------
    asked, delivery
        What was asked for, and what became of the events.
    unwritten
        Events whose rejection could not be written. They are open, even if the event itself was sent and only its
        update was refused: better an event repeated under its id than customer data lost.
    receives
        How often each message was received, which counts for the events that are put back.
    """
    undecided = ((name, call.index) for name in asked.undecided for call in asked.messages[name].calls)
    open_events = {event.reference for event in delivery.returned}.union(unwritten, undecided)
    by_message: dict[str, list[int | None]] = {}
    for message_id, index in open_events:
        by_message.setdefault(message_id, []).append(index)
    put_back = {}
    for message_id, indexes in by_message.items():
        message = asked.messages.get(message_id)
        if message and len(indexes) < len(message.calls):
            verdicts = {index: asked.verdicts[message_id, index] for index in indexes}
            put_back[message_id] = message.only(verdicts, message.attempt + receives[message_id])
    return Disposal(frozenset(open_events), put_back, frozenset(by_message.keys() - put_back.keys()))


def close(asked: Interpretation, delivery: Delivery, disposal: Disposal, failed: AbstractSet[str]) -> Account:
    """Close the books; `failed` are the messages whose open events could not be put back, which are returned."""
    requeued = sum(name in disposal.put_back and name not in failed for name, _ in disposal.open_events)
    rejected = [*asked.rejections, *delivery.rejected]
    return Account(
        received=asked.received,
        sent=sum(event.reference not in disposal.open_events for event in delivery.sent),
        deduplicated=delivery.deduplicated,
        rejected=sum(rejection.reference not in disposal.open_events for rejection in rejected),
        requeued=requeued,
        returned=len(disposal.open_events) - requeued,
        requests=delivery.requests,
        throttled=delivery.throttled,
    )
