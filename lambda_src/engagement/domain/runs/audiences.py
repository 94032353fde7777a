"""Audiences as lists of endpoints: exported to be counted, or to be stamped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from engagement.domain.destination import Call
from engagement.domain.plans.model import Step
from engagement.domain.runs.ports import Clock, Counting, Exporting, Ledger, RefusedError, Stamping, now
from engagement.domain.runs.records import Kind, Made
from engagement.domain.stamps.exports import ExportError, Progress

_COMPLETED = "COMPLETED"
_PAGES_BETWEEN_RECORDS = 20


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
    clock: Clock
    run: str
    index: int
    step_id: str
    attempt: str

    def ready(self, by: Counting, wished: Iterable[Wished]) -> list[Made] | None:
        """Start what is missing and look at the rest; None while one is under way.

        Raises
        ------
        RefusedError
            The service could not export one.
        """
        known = {one.name: one for one in self.ledger.made(self.run) if one.kind is Kind.EXPORT}
        exports = [self._looked_at(by, known.get(wish.name) or self._started(by, wish)) for wish in wished]
        return [one for one in exports if one] if all(one and one.status == _COMPLETED for one in exports) else None

    def put(self, by: Exporting, export: Made, stamping: Stamping, deadline: float) -> bool:
        """Put an export's endpoints on the stamp queue, from where an earlier call ended; False if time ran out."""
        pages = by.endpoints(export.folder, export.done)
        for number, page in enumerate(pages, start=1):
            stamping.put(self.run, self.index, export.name, page.endpoints)
            export = replace(export, done=page.next)
            late = self.clock.time() >= deadline
            if late or number % _PAGES_BETWEEN_RECORDS == 0:
                self.ledger.record(self.run, export)
            if late:
                return False
        self.ledger.record(self.run, export)
        return True

    def _started(self, by: Counting, wish: Wished) -> Made | None:
        """The export, once the service has taken it; None if it has to be asked again."""
        folder = f"{self.run}/{self.index:03}/{wish.name}/{self.attempt}"
        try:
            job_id = by.start(wish.segment_id, folder)
        except ExportError as error:
            if error.call in (Call.UNKNOWN, Call.THROTTLED):
                return None
            raise RefusedError(f"the export of audience {wish.audience}: {error}") from error
        made = Made(
            kind=Kind.EXPORT,
            name=wish.name,
            id=job_id,
            step=self.index,
            step_id=self.step_id,
            made=now(self.clock),
            audience=wish.audience,
            status="CREATED",
            folder=folder,
        )
        self.ledger.record(self.run, made)
        return made

    def _looked_at(self, by: Counting, export: Made | None) -> Made | None:
        if export is None or export.status == _COMPLETED:
            return export
        state = by.state(export.id, export.folder)
        if state.progress is Progress.FAILED:
            raise RefusedError(f"the export of audience {export.audience} has failed")
        if state.progress is Progress.COMPLETED:
            export = replace(export, status=_COMPLETED, attempted=state.endpoints, reached=state.endpoints)
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
