"""What becomes of the messages of a batch: settled, kept as rejects, put back in part, or returned."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from engagement.domain.delivery import Delivery
from engagement.domain.destinations import DestinationName
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
        Events that are neither sent nor refused for good, with the names of the destinations where they are not.
    put_back
        Messages with the events that are open, of messages of which a part is done, by the id of the message that
        they replace.
    returned
        Messages that come back as they are.
    """

    open_events: dict[Reference, tuple[DestinationName, ...]]
    put_back: dict[str, Message]
    returned: frozenset[str]

    def open_at(self, destination: DestinationName) -> set[Reference]:
        """The events that are open at one destination."""
        return {reference for reference, names in self.open_events.items() if destination in names}


def to_be_kept(asked: Interpretation, deliveries: Mapping[DestinationName, Delivery]) -> Iterator[Rejection]:
    """What goes to the rejects queue: every refusal but those of browsers that asked for privacy."""
    yield from (rejection for rejection in asked.rejections if rejection.reason is not RejectReason.PRIVACY_SIGNAL)
    for delivery in deliveries.values():
        yield from delivery.rejected
        yield from delivery.refused_updates


def kept_text(asked: Interpretation, rejection: Rejection, body: str) -> str:
    """What is kept of a refused event: its message without its neighbors, or `body` if that could not be read.

    It is open for the destination that refuses it alone, so that a replay does not repeat the others. No token is in
    it, since nobody shall find a credential in a queue.
    """
    message_id, index = reference = rejection.reference
    message = asked.messages.get(message_id)
    if message is None:
        return without_token(body)
    refusing = {reference: (rejection.destination,)} if rejection.destination else {}
    kept = message.only({index: asked.verdicts[reference]}, message.attempt, _in_part(asked, refusing))
    # JSON that is sent as a form is readable, as one long name without a value.
    text = without_signature(kept.text())
    # Control characters of a form take twice the bytes in JSON; as it came, the message fits.
    return without_token(body) if index is None and len(text) > LONGEST_TEXT else text


def dispose(
    asked: Interpretation,
    deliveries: Mapping[DestinationName, Delivery],
    unwritten: Iterable[Rejection],
    receives: Mapping[str, int],
) -> Disposal:
    """Decide for every message.

    Parameters
    ----------
    asked, deliveries
        What was asked for, and what became of the events at each destination.
    unwritten
        Rejections that could not be written. Their events are open, even if the event itself was sent and only its
        update was refused: better an event repeated under its id than customer data lost.
    receives
        How often each message was received, which counts for the events that are put back.
    """
    open_events = _open_events(asked, deliveries, unwritten)
    by_message: dict[str, dict[Reference, tuple[DestinationName, ...]]] = {}
    for reference, names in open_events.items():
        by_message.setdefault(reference[0], {})[reference] = names
    put_back = {}
    for message_id, still in by_message.items():
        message = asked.messages.get(message_id)
        if message and any(
            still.get((message_id, call.index), ()) != asked.open[message_id, call.index] for call in message.calls
        ):
            verdicts = {index: asked.verdicts[message_id, index] for _, index in still}
            put_back[message_id] = message.only(
                verdicts, message.attempt + receives[message_id], _in_part(asked, still)
            )
    return Disposal(open_events, put_back, frozenset(by_message.keys() - put_back.keys()))


def _open_events(
    asked: Interpretation, deliveries: Mapping[DestinationName, Delivery], unwritten: Iterable[Rejection]
) -> dict[Reference, tuple[DestinationName, ...]]:
    undecided = ((name, call.index) for name in asked.undecided for call in asked.messages[name].calls)
    still: dict[Reference, set[str]] = {reference: set(asked.open_of(reference)) for reference in undecided}
    for name, delivery in deliveries.items():
        for event in delivery.returned:
            still.setdefault(event.reference, set()).add(name)
    for rejection in unwritten:
        refusing = (rejection.destination,) if rejection.destination else asked.open_of(rejection.reference)
        still.setdefault(rejection.reference, set()).update(refusing)
    return {
        reference: tuple(name for name in asked.open_of(reference) if name in names)
        for reference, names in still.items()
        if names
    }


def _in_part(asked: Interpretation, still: Mapping[Reference, tuple[str, ...]]) -> dict[int | None, tuple[str, ...]]:
    """Of the events of one message, those that are open for a part of what they were open for."""
    return {reference[1]: names for reference, names in still.items() if names != asked.open_of(reference)}
