"""Every destination that there is, side by side: what one of them does holds up or repeats nothing at another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engagement.domain.crew import Crew
from engagement.domain.delivery import Delivery, deliver
from engagement.domain.destination import Destination
from engagement.domain.destinations import DestinationName
from engagement.domain.event import Event
from engagement.domain.interpretation import Interpretation
from engagement.domain.pacing import Pace
from engagement.domain.turns import GIVE_UP_AFTER, Clock

REST_SECONDS = 30.0
"""How long a destination that is down is not asked again while another one works: as long as the first wait of what is
returned."""


@dataclass(slots=True)
class Outlet:
    """A destination, and what is known of it between batches.

    Parameters
    ----------
    pace
        Not started anew with each batch, since the quota is not.
    rests_until
        Time before which it is not asked again, if there is another destination; None while it works.
    """

    destination: Destination
    pace: Pace
    rests_until: float | None = None


def deliver_to_all(
    asked: Interpretation, outlets: Sequence[Outlet], crew: Crew, clock: Clock, deadline: float
) -> dict[DestinationName, Delivery]:
    """Send the events of a batch to each destination that they are open for.

    Parameters
    ----------
    deadline
        Time of `clock` after which no request is started at any of them.

    Returns
    -------
    dict
        By the name of the destination.
    """

    names = [outlet.destination.name for outlet in outlets]
    events = [asked.events_for(name) for name in names]
    if len(outlets) == 1:
        (only,) = outlets
        return {names[0]: deliver(events[0], only.destination, only.pace, clock, deadline)}

    def through(work: tuple[Outlet, list[Event]]) -> Delivery:
        return _beside_others(*work, clock, deadline)

    return dict(zip(names, crew(through, zip(outlets, events, strict=True)), strict=True))


def _beside_others(outlet: Outlet, events: list[Event], clock: Clock, deadline: float) -> Delivery:
    """Send through an outlet without making others wait for one that is down."""
    if outlet.rests_until is None:
        tries = GIVE_UP_AFTER
    elif clock.monotonic() < outlet.rests_until:
        return Delivery(received=len(events), returned=events)
    else:
        tries = 1
    delivery = deliver(events, outlet.destination, outlet.pace, clock, deadline, tries)
    if events:
        outlet.rests_until = clock.monotonic() + REST_SECONDS if delivery.down else None
    return delivery
