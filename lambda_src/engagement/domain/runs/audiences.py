"""Audiences as lists of endpoints: exported to be counted, or to be stamped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from engagement.domain.plans.model import Step
from engagement.domain.runs.ports import Clock, Exporting, Ledger, RefusedError, Stamping
from engagement.domain.runs.records import Kind, Made

_FAILED = frozenset({"FAILED", "FAILING"})


@dataclass(frozen=True, slots=True)
class Wished:
    """An audience to export: a name for the export, and the segment that holds the audience."""

    name: str
    audience: str
    segment_id: str


@dataclass(frozen=True, slots=True)
class Exports:
    """Exports of one step of a run.

    An export that is made twice does no harm: each attempt writes to a place of its own, and the recorded one counts.

    Parameters
    ----------
    attempt
        A name that no other call uses.
    """

    ledger: Ledger
    exporting: Exporting
    clock: Clock
    run: str
    index: int
    step_id: str
    attempt: str

    def ready(self, wished: Iterable[Wished]) -> list[Made] | None:
        """Start what is missing and look at the rest; None while one is under way.

        Raises
        ------
        RefusedError
            The service could not export one.
        """
        known = {one.name: one for one in self.ledger.made(self.run) if one.kind is Kind.EXPORT}
        exports = [self._looked_at(known.get(wish.name) or self._started(wish)) for wish in wished]
        return exports if all(one.status == "COMPLETED" for one in exports) else None

    def put(self, export: Made, stamping: Stamping, deadline: float) -> bool:
        """Put an export's endpoints on the stamp queue, from where an earlier call ended; False if time ran out."""
        done = export.reached
        for number, (source, endpoints) in enumerate(self.exporting.batches(export.prefix)):
            if number < done:
                continue
            if self.clock.time() >= deadline:
                self.ledger.record(self.run, replace(export, reached=number))
                return False
            stamping.put(self.run, self.index, source, endpoints)
            done = number + 1
        self.ledger.record(self.run, replace(export, reached=done))
        return True

    def _started(self, wish: Wished) -> Made:
        prefix = f"{self.run}/{self.index:03}/{wish.name}/{self.attempt}/"
        made = Made(
            kind=Kind.EXPORT,
            name=wish.name,
            id=self.exporting.start(wish.segment_id, prefix),
            step=self.index,
            step_id=self.step_id,
            made=datetime.fromtimestamp(self.clock.time(), UTC),
            audience=wish.audience,
            status="CREATED",
            prefix=prefix,
        )
        self.ledger.record(self.run, made)
        return made

    def _looked_at(self, export: Made) -> Made:
        if export.status == "COMPLETED":
            return export
        status = self.exporting.state(export.id)
        if status in _FAILED:
            raise RefusedError(f"the export of audience {export.audience} has failed")
        if status != export.status:
            export = replace(export, status=status)
            self.ledger.record(self.run, export)
        return export


def audiences_of(step: Step) -> list[str]:
    """The audiences that a step sends to or stamps, each once."""
    stamped = step.stamp.audiences if step.stamp else ()
    return list(dict.fromkeys([*(send.audience for send in step.sends), *stamped]))


def too_large(counts: Mapping[str, int], most: int) -> str:
    """Why the audiences are too large together with what to do; empty if they are not, or if any size will do."""
    large = [f"{name} has {count:,}" for name, count in counts.items() if count > most > 0]
    if not large:
        return ""
    return (
        f"audiences larger than maximum_audience ({most:,} endpoints): {', '.join(large)}. "
        "Narrow the audience, or ask the platform team to raise maximum_audience"
    )
