"""The books of a batch: every event stands in exactly one column for each destination that it was open for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from engagement.domain.delivery import Delivery
from engagement.domain.destinations import DestinationName
from engagement.domain.disposal import Disposal
from engagement.domain.event import Rejection
from engagement.domain.interpretation import Interpretation
from engagement.domain.reasons import RejectReason

_OPERATIONS = {DestinationName.PINPOINT: "PutEvents", DestinationName.CONNECT: "PutObjects"}


@dataclass(frozen=True, slots=True)
class Account:
    """Of one destination, in events: received = sent + deduplicated + rejected + requeued + returned."""

    received: int
    sent: int
    deduplicated: int
    rejected: int
    requeued: int
    returned: int
    requests: int
    throttled: int

    def events(self) -> dict[str, int]:
        """What became of the events, under the names of the metrics."""
        return {
            "EventsReceived": self.received,
            "EventsSent": self.sent,
            "EventsDeduplicated": self.deduplicated,
            "EventsRejected": self.rejected,
            "EventsRequeued": self.requeued,
            "EventsReturned": self.returned,
        }


Deliveries = Mapping[DestinationName, Delivery]
"""What became of a batch at each destination."""


def close(
    asked: Interpretation, deliveries: Deliveries, disposal: Disposal, failed: AbstractSet[str]
) -> dict[DestinationName, Account]:
    """Close the books of each destination.

    Parameters
    ----------
    failed
        Messages whose open events could not be put back, which are returned.
    """
    return {name: _account(name, asked, delivery, disposal, failed) for name, delivery in deliveries.items()}


def metrics(accounts: Mapping[DestinationName, Account]) -> dict[str, int]:
    """The sums of the books, and the requests to each destination, under the names of their metrics."""
    sums: Counter[str] = Counter()
    for name, account in accounts.items():
        sums.update(account.events())
        sums[f"{_OPERATIONS[name]}Requests"] = account.requests
        sums[f"{_OPERATIONS[name]}Throttled"] = account.throttled
    return dict(sums)


def by_destination(accounts: Mapping[DestinationName, Account]) -> dict[DestinationName, dict[str, int]]:
    """What became of the events at each destination; nothing where there is one, since the sums say it."""
    return {name: account.events() for name, account in accounts.items()} if len(accounts) > 1 else {}


def refusals(asked: Interpretation, deliveries: Deliveries) -> Counter[RejectReason]:
    """Events and updates that were refused for good, each once for every destination, by reason."""
    return Counter(
        rejection.reason
        for name, delivery in deliveries.items()
        for rejection in _refused(name, asked, delivery, updates=True)
    )


def _account(
    name: DestinationName, asked: Interpretation, delivery: Delivery, disposal: Disposal, failed: AbstractSet[str]
) -> Account:
    open_events = disposal.open_at(name)
    requeued = sum(reference[0] in disposal.put_back and reference[0] not in failed for reference in open_events)
    return Account(
        received=asked.received(name),
        sent=sum(event.reference not in open_events for event in delivery.sent),
        deduplicated=delivery.deduplicated,
        rejected=sum(refused.reference not in open_events for refused in _refused(name, asked, delivery)),
        requeued=requeued,
        returned=len(open_events) - requeued,
        requests=delivery.requests,
        throttled=delivery.throttled,
    )


def _refused(
    name: DestinationName, asked: Interpretation, delivery: Delivery, *, updates: bool = False
) -> Iterator[Rejection]:
    yield from asked.rejections_for(name)
    yield from delivery.rejected
    if updates:
        yield from delivery.refused_updates
