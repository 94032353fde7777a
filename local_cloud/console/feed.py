"""What the page asks for again and again: everything that changed since it last asked."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from local_cloud.console import journeys, runs
from local_cloud.console.arrivals import Arrivals
from local_cloud.console.asked import Asked
from local_cloud.console.domains import domains
from local_cloud.console.fates import Fate, Place, State, fate
from local_cloud.console.hits import Hit, Hits
from local_cloud.console.pixels import pixels
from local_cloud.console.queues import Queues
from local_cloud.pinpoint import Pinpoint
from local_cloud.profiles import Profiles
from local_cloud.service.outbox import Kept

_MOST_HITS: Final = 300
_MOST_MESSAGES: Final = 200
_MOST_CHARACTERS: Final = 20_000
_NO_EVENT: Final = (Asked(None, "", "", ""),)


class Feed:
    """Follows every hit.

    Parameters
    ----------
    pinpoint, profiles
        The emulators.
    hits, arrivals
        What came in at one end, and at the other.
    """

    def __init__(self, pinpoint: Pinpoint, profiles: Profiles, hits: Hits, arrivals: Arrivals) -> None:
        self._pinpoint = pinpoint
        self._profiles = profiles
        self._hits = hits
        self._arrivals = arrivals
        self._queues = Queues()
        # Marks of another run of the cloud mean nothing here.
        self._run = uuid.uuid4().hex[:8]
        self._revision = 0

    def document(self, mark: str) -> dict[str, Any]:
        """Return what changed.

        Parameters
        ----------
        mark
            `next` of the last answer; anything else asks for everything.

        Returns
        -------
        dict
            `next`; `whole`, whether this is everything that is kept; `hits` and `messages` that are new or changed,
            oldest first; `rate`, see `Hits.rate`; all `queues`, `runs` (see `runs.listed`),
            `journeys` (see `journeys.listed`), `applications` with the domains behind them, and `pixels`.
        """
        run, _, rest = mark.partition(".")
        revision, _, sent = rest.partition(".")
        whole = run != self._run or not (revision.isdecimal() and sent.isdecimal())
        since, known = (0, 0) if whole else (int(revision), int(sent))
        self._update()
        hits = [_hit(hit) for hit in self._hits if hit.revision > since]
        messages = self._pinpoint.outbox.changed(known)
        known = max([known, *(kept.revision for kept in messages)])
        return {
            "next": f"{self._run}.{self._revision}.{known}",
            "whole": whole,
            "hits": hits[-_MOST_HITS:],
            "messages": [_message(kept) for kept in messages[-_MOST_MESSAGES:]],
            "rate": self._hits.rate(),
            "queues": self._queues.documents(),
            "runs": runs.listed(),
            "journeys": journeys.listed(self._pinpoint),
            "applications": [*self._pinpoint.applications(), *domains(self._profiles)],
            "pixels": pixels(),
        }

    def _update(self) -> None:
        # In this order: what has left the queues by now has arrived before.
        places = self._queues.places()
        self._arrivals.update()
        self._revision += 1
        for hit in self._hits:
            fates = self._fates(hit, places)
            if fates != hit.fates:
                hit.fates, hit.revision = fates, self._revision

    def _fates(self, hit: Hit, places: Mapping[str, list[Place]]) -> tuple[Fate, ...]:
        if hit.refused:
            return (Fate(State.REFUSED, str(hit.status), hit.refusal),)
        here = places.get(hit.request_id, [])
        if not here and hit.fates and all(one.state is State.ARRIVED for one in hit.fates):
            return hit.fates
        hit.followed = hit.followed or bool(here)
        events = hit.events or _NO_EVENT
        before = hit.fates or (None,) * len(events)
        return tuple(
            fate(event.index, here, self._arrived_in(event, hit), known, followed=hit.followed)
            for event, known in zip(events, before, strict=True)
        )

    def _arrived_in(self, event: Asked, hit: Hit) -> str | None:
        arrival = self._arrivals.find(event.possible_ids(hit.request_id), hit.moment)
        return arrival.application_id if arrival else None


def _hit(hit: Hit) -> dict[str, Any]:
    return {
        **{name: value for name, value in asdict(hit).items() if name not in {"followed", "refusal", "revision"}},
        "events": [asdict(event) for event in hit.events],
        "fates": [asdict(one) for one in hit.fates],
    }


def _message(kept: Kept) -> dict[str, Any]:
    return {
        **asdict(kept.message),
        "number": kept.number,
        "body": kept.message.body[:_MOST_CHARACTERS],
        "html": bool(kept.message.html),
        "records": kept.records,
    }
