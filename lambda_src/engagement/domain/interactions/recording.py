"""From records of the event stream to what the table holds: each is read, found a place, and written."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from engagement.domain.crew import Crew
from engagement.domain.interactions.kinds import entry
from engagement.domain.interactions.records import Interaction, Marker, read
from engagement.domain.plans.names import INDEX_TAG, RUN_TAG


class UnavailableError(Exception):
    """A service did not do what it was asked for, and may do so later."""


@dataclass(frozen=True, slots=True)
class Place:
    """The step of a run that a campaign belongs to."""

    run: str
    index: int

    @classmethod
    def of(cls, tags: Mapping[str, str]) -> Place | None:
        """Read a campaign's tags; None for one of somebody else, or one that sends nothing."""
        run, index = tags.get(RUN_TAG, ""), tags.get(INDEX_TAG, "")
        return cls(run, int(index)) if run and index.isdecimal() else None


@dataclass(frozen=True, slots=True)
class Arrival:
    """One record of the stream.

    Parameters
    ----------
    number
        Its sequence number.
    """

    number: str
    data: bytes

    @classmethod
    def parse(cls, record: Mapping[str, Any]) -> Arrival:
        """Read a record of the Kinesis event source."""
        kinesis = record["kinesis"]
        try:
            data = base64.b64decode(kinesis.get("data", ""), validate=True)
        except (TypeError, ValueError):
            data = b""
        return cls(kinesis["sequenceNumber"], data)


class Table(Protocol):
    """Where interactions are kept; each call raises UnavailableError if it may have been in vain."""

    def add(self, run: str, endpoint_id: str, entries: Iterable[str]) -> None:
        """Add what an endpoint did in a run to what is known already."""

    def mark(self, marker: Marker) -> None:
        """Keep a marker."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a batch.

    Parameters
    ----------
    failed
        Sequence number of the first record that could not be recorded; empty if there is none. Lambda hands over the
        batch again from there.
    recorded, skipped
        Records before that: those that are in the table, and those that say nothing for it.
    """

    failed: str
    recorded: int
    skipped: int


@dataclass(frozen=True, slots=True)
class _Change:
    """What a batch says of one endpoint in one run, and the places of the records that say so."""

    entries: set[str] = field(default_factory=set)
    positions: set[int] = field(default_factory=set)


_Changes = dict[tuple[str, str], _Change]
"""By run and endpoint."""


def record(
    arrivals: Sequence[Arrival],
    application_id: str,
    place_of: Callable[[str], Place | None],
    table: Table,
    crew: Crew,
) -> Outcome:
    """Record a batch of one shard.

    Parameters
    ----------
    place_of
        The place of a campaign, by its ID; raises UnavailableError.

    Returns
    -------
    Outcome
        Recording the same records again, in any order and any batches, changes nothing.
    """
    said = [read(arrival.data, application_id) for arrival in arrivals]
    changes, failed = _changes(said, place_of, crew)
    written = crew(lambda one: _done(lambda: table.add(*one[0], one[1].entries)), changes.items())
    for change, done in zip(changes.values(), written, strict=True):
        failed |= set() if done else change.positions
    first = min(failed, default=len(arrivals))
    for position, marker in enumerate(said[:first]):
        # It says that everything before it has been recorded, so it comes last, and never behind a failure.
        if isinstance(marker, Marker) and not _done(lambda marker=marker: table.mark(marker)):  # type: ignore[misc]
            first = position
            break
    recorded = {position for change in changes.values() for position in change.positions if position < first}
    markers = sum(isinstance(one, Marker) for one in said[:first])
    return Outcome(
        failed=arrivals[first].number if first < len(arrivals) else "",
        recorded=len(recorded),
        skipped=first - markers - len(recorded),
    )


def _changes(
    said: Sequence[Interaction | Marker | None], place_of: Callable[[str], Place | None], crew: Crew
) -> tuple[_Changes, set[int]]:
    """What there is to write, and the positions of records whose campaign could not be looked up."""
    interactions = {position: one for position, one in enumerate(said) if isinstance(one, Interaction)}
    campaigns = list(dict.fromkeys(one.campaign_id for one in interactions.values()))
    places = dict(zip(campaigns, crew(lambda campaign: _found(place_of, campaign), campaigns), strict=True))
    changes: _Changes = {}
    lost = set()
    for position, one in interactions.items():
        place = places[one.campaign_id]
        if isinstance(place, UnavailableError):
            lost.add(position)
        elif place is not None:
            change = changes.setdefault((place.run, one.endpoint_id), _Change())
            change.entries.update(entry(place.index, did) for did in one.did)
            change.positions.add(position)
    return changes, lost


def _found(place_of: Callable[[str], Place | None], campaign_id: str) -> Place | UnavailableError | None:
    try:
        return place_of(campaign_id)
    except UnavailableError as error:
        return error


def _done(work: Callable[[], None]) -> bool:
    try:
        work()
    except UnavailableError:
        return False
    return True
