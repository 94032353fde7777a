"""Making segments and campaigns, each exactly once, at the pace that the account's rates allow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engagement.domain.crew import Crew
from engagement.domain.pacing import SAFETY, Pause
from engagement.domain.plans.compiler import PlannedStep
from engagement.domain.runs.ports import (
    Clock,
    Found,
    Ledger,
    RefusedError,
    Service,
    ThrottledError,
    UnknownOutcomeError,
    now,
)
from engagement.domain.runs.records import Kind, Made

_BOOKED_TOGETHER = 5
"""Calls that are booked at once, so that the ledger is not asked for each."""
_SEGMENTS_TOGETHER = 10


@dataclass(frozen=True, slots=True)
class Wanted:
    """Something to make.

    Parameters
    ----------
    request
        Makes the request body from the IDs of the run's segments by name.
    needs
        Names of the segments that must exist before.
    """

    kind: Kind
    name: str
    needs: tuple[str, ...]
    request: Callable[[Mapping[str, str]], Mapping[str, Any]]
    audience: str = ""
    channel: str = ""
    starts: datetime | None = None


@dataclass(slots=True)
class Result:
    """What came of it.

    Parameters
    ----------
    made
        IDs by name, of everything that exists now.
    created
        How many were made in this attempt.
    unsettled
        The outcome of a request is not known.
    refusal
        Why the service will never make one of them; empty if there is no such thing.
    late
        The time was over before everything was asked for.
    """

    made: dict[str, str] = field(default_factory=dict)
    created: int = 0
    unsettled: bool = False
    refusal: str = ""
    late: bool = False


def wanted(step: PlannedStep) -> list[Wanted]:
    """What a planned step makes, segments first and each behind what it builds on."""
    segments = [Wanted(Kind.SEGMENT, one.name, one.sources, one.request) for one in step.segments]
    campaigns = [
        Wanted(
            kind=Kind.CAMPAIGN,
            name=one.name,
            needs=(one.segment,),
            request=lambda ids, one=one: one.request(ids[one.segment]),  # type: ignore[misc]
            audience=one.audience,
            channel=one.channel.value,
            starts=one.starts,
        )
        for one in step.campaigns
    ]
    return [*segments, *campaigns]


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes things for one step of a run.

    Parameters
    ----------
    rates
        Requests per second that this environment may send, by kind.
    index, step_id
        The step.
    """

    ledger: Ledger
    service: Service
    clock: Clock
    crew: Crew
    rates: Mapping[Kind, float]
    run: str
    index: int
    step_id: str

    def settle(self, things: Sequence[Wanted], made: Mapping[str, str]) -> dict[str, str]:
        """Look for what was made without being recorded, record it, and remove what was made twice.

        Returns
        -------
        dict
            IDs by name, with those that were found.
        """
        known = dict(made)
        for kind in dict.fromkeys(one.kind for one in things):
            named = {one.name: one for one in things if one.kind is kind}
            for found in self.service.found(kind, self.run):
                if found.name not in named:
                    continue
                if found.name not in known:
                    known[found.name] = found.id
                    self.record(named[found.name], found)
                elif found.id != known[found.name]:
                    self.service.delete(kind, found.id)
        return known

    def make(self, things: Sequence[Wanted], made: Mapping[str, str], deadline: float) -> Result:
        """Make what is not made yet.

        Parameters
        ----------
        things
            In an order in which they can be made.
        made
            IDs by name of what exists.
        deadline
            Seconds since 1970 after which no request begins.
        """
        result = Result(dict(made))
        for wave in _waves([one for one in things if one.name not in made], made):
            ready = [one for one in wave if all(name in result.made for name in one.needs)]
            result.late |= self.clock.time() >= deadline
            if result.late or result.refusal:
                break
            slots = _Slots(self, ready, deadline)
            attempt = _Attempt(self, dict(result.made), deadline)
            # Whoever is next must not wait for somebody whose slot is later.
            booked = sorted(((one, slots.book(one.kind)) for one in ready), key=lambda pair: pair[1])
            outcomes = self.crew(attempt, booked)
            for (one, _), outcome in zip(booked, outcomes, strict=True):
                _count(result, one, outcome)
        return result

    def record(self, thing: Wanted, found: Found) -> None:
        """Write into the ledger that it exists."""
        self.ledger.record(
            self.run,
            Made(
                kind=thing.kind,
                name=thing.name,
                id=found.id,
                step=self.index,
                step_id=self.step_id,
                made=found.made,
                audience=thing.audience,
                channel=thing.channel,
                starts=found.starts or thing.starts,
            ),
        )

    def rate(self, kind: Kind) -> float:
        """Requests per second, a little below what is allowed."""
        return self.rates[kind] * SAFETY


@dataclass(slots=True)
class _Attempt:
    """Makes one thing after the other; once one is refused, no further request begins."""

    maker: Maker
    ids: Mapping[str, str]
    deadline: float
    refused: bool = False

    def __call__(self, booked: tuple[Wanted, float]) -> str | Exception | None:
        """The new ID, what went wrong, or None if there was no time for it."""
        thing, slot = booked
        clock = self.maker.clock
        pause = Pause()
        request = thing.request(self.ids)
        while slot < self.deadline and not self.refused:
            clock.sleep(max(0.0, slot - clock.time()))
            try:
                identifier = self.maker.service.create(thing.kind, request)
            except ThrottledError:
                pause.lengthen()
                # Booked again, so that those who were refused together do not come back together.
                rate = self.maker.rate(thing.kind)
                again = clock.time() + pause.seconds
                slot = self.maker.ledger.slots(_operation(thing.kind), rate, 1, again, self.deadline)
            except UnknownOutcomeError as error:
                return error
            except RefusedError as error:
                self.refused = True
                return error
            else:
                made = Found(thing.name, identifier, now(clock), thing.starts)
                self.maker.record(thing, made)
                return identifier
        return None


def _count(result: Result, thing: Wanted, outcome: str | Exception | None) -> None:
    if isinstance(outcome, str):
        result.made[thing.name] = outcome
        result.created += 1
    elif isinstance(outcome, RefusedError):
        result.refusal = result.refusal or f"{thing.kind.value} {thing.name}: {outcome}"
    elif outcome is None:
        result.late = True
    else:
        result.unsettled = True


class _Slots:
    """Moments at which requests may go out, booked in the ledger a few at a time."""

    def __init__(self, maker: Maker, ready: Sequence[Wanted], deadline: float) -> None:
        self._maker = maker
        self._deadline = deadline
        self._open = Counter(one.kind for one in ready)
        self._booked: dict[Kind, list[float]] = {}

    def book(self, kind: Kind) -> float:
        """The moment of the next request of a kind."""
        left = self._booked.setdefault(kind, [])
        if not left:
            count = min(_BOOKED_TOGETHER, self._open[kind])
            self._open[kind] -= count
            rate = self._maker.rate(kind)
            now = self._maker.clock.time()
            first = self._maker.ledger.slots(_operation(kind), rate, count, now, self._deadline)
            left += [first + number / rate for number in range(count)]
        return left.pop(0)


def _operation(kind: Kind) -> str:
    """The operation that makes one, as the ledger's pace knows it."""
    return f"Create{kind.value.capitalize()}"


def _waves(things: Iterable[Wanted], made: Mapping[str, str]) -> list[list[Wanted]]:
    """Parts that can be made at once, each behind those that it needs.

    Segments come a few at a time, so that the first campaigns need not wait for the last segment: the two have rates of
    their own.
    """
    places = dict.fromkeys(made, -1)
    waves: list[list[Wanted]] = []
    segments: Counter[int] = Counter()
    for one in things:
        place = 1 + max((places[name] for name in one.needs), default=-1)
        if one.kind is Kind.SEGMENT:
            while segments[place] == _SEGMENTS_TOGETHER:
                place += 1
            segments[place] += 1
        places[one.name] = place
        while len(waves) <= place:
            waves.append([])
        waves[place].append(one)
    return waves
