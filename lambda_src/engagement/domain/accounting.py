"""The books of a batch: every event that was received stands in exactly one column."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from engagement.domain.delivery import Delivery
from engagement.domain.interpretation import Interpretation


@dataclass(frozen=True, slots=True)
class Account:
    """received = sent + deduplicated + rejected + returned, in events; `returned` lists message ids."""

    received: int
    sent: int
    deduplicated: int
    rejected: int
    returned: list[str]
    requests: int
    throttled: int

    def metrics(self) -> dict[str, int]:
        """The books under the names of their metrics."""
        return {
            "EventsReceived": self.received,
            "EventsSent": self.sent,
            "EventsDeduplicated": self.deduplicated,
            "EventsRejected": self.rejected,
            "EventsReturned": len(self.returned),
            "PutEventsRequests": self.requests,
            "PutEventsThrottled": self.throttled,
        }


def settle(asked: Interpretation, delivery: Delivery, unwritten: AbstractSet[str]) -> Account:
    """Close the books.

    Parameters
    ----------
    asked
        What the batch asked for.
    delivery
        What became of its events.
    unwritten
        Messages whose rejection could not be written. They are returned, even if the event itself was sent and only
        its update was refused: better an event repeated under its id than customer data lost.
    """
    rejected = [*asked.rejections, *delivery.rejected]
    return Account(
        received=len(asked.rejections) + delivery.received,
        sent=sum(event.message_id not in unwritten for event in delivery.sent),
        deduplicated=delivery.deduplicated,
        rejected=sum(rejection.message_id not in unwritten for rejection in rejected),
        returned=[*(event.message_id for event in delivery.returned), *sorted(unwritten)],
        requests=delivery.requests,
        throttled=delivery.throttled,
    )
