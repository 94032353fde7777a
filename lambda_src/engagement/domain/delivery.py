"""Sending a batch: every event ends as sent, repeated, rejected or returned, and nothing else."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from engagement.domain.destination import Answer, Call, Destination, Item
from engagement.domain.event import Event, Rejection
from engagement.domain.pacing import Pace
from engagement.domain.reasons import RejectReason
from engagement.domain.request import Request, distinct
from engagement.domain.turns import Clock, Turns


@dataclass(slots=True)
class Delivery:
    """What became of a batch at one destination, per event: received = sent + deduplicated + rejected + returned.

    `refused_updates` are customer data of events that were sent; they are not events of their own. `down` tells
    that the destination was left alone before the time was up, and had settled nothing.
    """

    received: int = 0
    sent: list[Event] = field(default_factory=list)
    deduplicated: int = 0
    rejected: list[Rejection] = field(default_factory=list)
    returned: list[Event] = field(default_factory=list)
    refused_updates: list[Rejection] = field(default_factory=list)
    requests: int = 0
    throttled: int = 0
    down: bool = False


def deliver(
    events: Iterable[Event],
    destination: Destination,
    pace: Pace,
    clock: Clock,
    deadline: float,
    tries: int | None = None,
) -> Delivery:
    """Send events until all are settled or the time is up.

    Parameters
    ----------
    events
        A batch; `distinct` removes repeats first.
    pace
        Kept by the caller between batches, since the quota does not start anew with each of them.
    deadline
        Time of `clock` after which no request is started. What is open then is returned.
    tries
        Requests in a row that may achieve nothing, where another destination waits for the end of the batch.

    Returns
    -------
    Delivery
        An event is repeated only if the outcome of its request is unknown, and then with the same id.
    """
    return _Run(destination, Turns(pace, clock, deadline, tries)).of(list(events))


@dataclass(slots=True)
class _Run:
    """One batch on its way."""

    destination: Destination
    turns: Turns
    result: Delivery = field(default_factory=Delivery)
    queue: deque[Request] = field(default_factory=deque)
    again: list[Event] = field(default_factory=list)

    def of(self, events: list[Event]) -> Delivery:
        kept, self.result.deduplicated = distinct(events)
        self.result.received = len(events)
        self.queue.extend(self.destination.pack(kept))
        while self.queue and self.turns.wait(self.queue[0].units):
            request = self.queue.popleft()
            self._settle(request, self.destination.put(request))
            if not self.queue:
                self.queue.extend(self.destination.pack(self.again))
                self.again.clear()
        for request in self.queue:
            self.result.returned.extend(request.events.values())
        self.result.returned.extend(self.again)
        # One event that fails on and on must not make the rest of them wait.
        self.result.down = self.turns.over and not (self.result.sent or self.result.rejected)
        return self.result

    def _settle(self, request: Request, answer: Answer) -> None:
        self.result.requests += 1
        self.turns.note(answer.call)
        match answer.call:
            case Call.ANSWERED:
                self._settle_items(request, answer)
            case Call.REFUSED:
                self._narrow(request)
            case Call.THROTTLED | Call.UNKNOWN | Call.UNUSABLE:
                self.result.throttled += answer.call is Call.THROTTLED
                self.again.extend(request.events.values())

    def _settle_items(self, request: Request, answer: Answer) -> None:
        progress = False
        for event in request.events.values():
            item = answer.events.get(event.key, Item.AGAIN)
            if item is Item.AGAIN:
                self.again.append(event)
                continue
            progress = True
            if item is Item.NEVER:
                self._reject(event)
            elif item is Item.TOO_LARGE:
                detail = f"{self.destination.name} takes no event of this size: send fewer or shorter values"
                self._reject(event, RejectReason.EVENT_TOO_LARGE, detail)
            else:
                self.result.sent.append(event)
                if event.update_refused or not self._updated(event, answer):
                    self._refuse_update(event)
        self.turns.achieve(something=progress)

    @staticmethod
    def _updated(event: Event, answer: Answer) -> bool:
        return not event.user_attributes or answer.updates.get(event.key[0], Item.DONE) is Item.DONE

    def _narrow(self, request: Request) -> None:
        """Look for the item at fault: first among fewer events, then in the update of the last one."""
        if len(request.events) > 1:
            halves = [self.destination.pack(half) for half in request.halves()]
            self.queue.extendleft(reversed([narrower for half in halves for narrower in half]))
            return
        (event,) = request.events.values()
        if event.user_attributes:
            self.queue.extendleft(self.destination.pack([replace(event, user_attributes={}, update_refused=True)]))
        else:
            self._reject(event)

    def _reject(
        self, event: Event, reason: RejectReason = RejectReason.REFUSED_BY_DESTINATION, detail: str | None = None
    ) -> None:
        name = self.destination.name
        rejection = Rejection(event.reference, reason, detail or f"{name} refuses this event", name)
        self.result.rejected.append(rejection)

    def _refuse_update(self, event: Event) -> None:
        name = self.destination.name
        detail = f"{name} took the event and refuses its user attributes"
        self.result.refused_updates.append(Rejection(event.reference, RejectReason.UPDATE_REFUSED, detail, name))
