"""Runs for people."""

from __future__ import annotations

import json
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from engagement.domain.interactions.kinds import Did
from engagement.domain.runs.records import Kind, Made, RunRecord, RunStatus, StepRecord, StepStatus
from tools.run.ledger import History

SHORT_ID = 12
_REASON_LENGTH = 100
_ALWAYS = (Did.DELIVERED, Did.OPENED, Did.CLICKED, Did.BOUNCED)


def table(records: Sequence[RunRecord]) -> str:
    """Runs, a line each."""
    rows = [
        (record.run[:SHORT_ID], _moment(record.began), _plain(record.plan), _status(record), _first_line(record))
        for record in records
    ]
    return "\n".join(_columns([("RUN", "BEGAN", "PLAN", "STATUS", ""), *rows]))


def report(history: History) -> str:
    """A run: what was made and when, how far each step is, and why it is not further.

    Parameters
    ----------
    history
        What the ledger holds of it.
    """
    record = history.run
    lines = [*_head(record), *_faults(record)]
    outline = json.loads(record.outline)
    if outline:
        lines += ["", *(line for index, step in enumerate(outline) for line in _step(history, index, step))]
    return "\n".join(lines)


def _head(record: RunRecord) -> Iterator[str]:
    version = f", version {record.plan_version}" if record.plan_version else ""
    facts = {
        "run": record.run,
        "plan": f"{_plain(record.plan)} ({record.plan_key}{version})" if record.plan_key else _plain(record.plan),
        "key": _plain(record.key),
        "status": _status(record),
        "began": _moment(record.began),
        "ended": _moment(record.ended) if record.ended else "",
        "journey": _plain(record.journey),
        "lost": f"went on without its journey: {_plain(record.lost)}" if record.lost else "",
        "reserved": f"{record.reserved} active campaigns" if record.reserved else "",
    }
    yield from (f"{name:<9} {value}" for name, value in facts.items() if value)
    yield from (f"{'value':<9} {_plain(name)} = {_plain(value)}" for name, value in record.values.items())
    for number, line in enumerate(record.reason.splitlines()):
        yield f"{'' if number else 'reason':<9} {_plain(line)}"


def _faults(record: RunRecord) -> Iterator[str]:
    if record.faults:
        yield ""
    yield from (f"  {_plain(fault)}" for fault in record.faults)


def _step(history: History, index: int, outlined: dict[str, Any]) -> Iterator[str]:
    state = next((step for step in history.steps if step.index == index), None)
    yield f"{index + 1}. {_plain(outlined['id'])} ({outlined['kind']}): {_progress(history, index, state)}"
    yield from (f"     {_plain(line)}" for line in outlined["details"])
    if state is None:
        return
    if state.counts:
        counts = (f"{_plain(name)} {count:,}" for name, count in sorted(state.counts.items()))
        yield f"     counted endpoints: {', '.join(counts)}"
    if state.heard:
        yield f"     known of what recipients did: {_plain(state.heard)}"
    if state.failure:
        yield f"     failure: {_plain(state.failure)}"
    made = [one for one in history.made if one.step == index]
    yield from (f"     {line}" for line in _made(made))
    if history.interactions is not None and any(one.kind is Kind.CAMPAIGN for one in made):
        yield f"     recipients: {_did(history.interactions.get(index, {}))}"


def _did(counts: Mapping[Did, int]) -> str:
    """How many did what; the first four always, the others if somebody did."""
    return ", ".join(
        f"{counts.get(did, 0):,} {did.replace('_', ' ')}" for did in Did if did in _ALWAYS or counts.get(did)
    )


def _progress(history: History, index: int, state: StepRecord | None) -> str:
    if state is None:
        return "not begun"
    words = [state.status.value, f"began {_moment(state.began)}"]
    if state.ended:
        words.append(f"ended {_moment(state.ended)}")
    elif state.until and history.run.status is RunStatus.RUNNING:
        words.append(f"{'until' if state.status is StepStatus.WAITING else 'looked at again'} {_moment(state.until)}")
    if state.unsettled:
        words.append("an answer was lost, so what exists is looked for first")
    if index in history.open_batches:
        words.append(f"{history.open_batches[index]:,} batches of up to 100 endpoints wait for the stamper")
    return ", ".join(words)


def _made(made: Iterable[Made]) -> Iterator[str]:
    kinds = Counter(one.kind for one in made)
    if kinds[Kind.SEGMENT]:
        yield f"segments made: {kinds[Kind.SEGMENT]}"
    campaigns = sorted(
        (one for one in made if one.kind is Kind.CAMPAIGN), key=lambda one: (one.starts or one.made, one.name)
    )
    rows = [
        (
            _plain(one.audience),
            one.channel,
            one.status or "made",
            _moment(one.starts) if one.starts else "",
            f"{one.reached:,} of {one.attempted:,}",
            one.id,
        )
        for one in campaigns
    ]
    if rows:
        yield from _columns([("AUDIENCE", "CHANNEL", "STATE", "STARTS", "REACHED", "CAMPAIGN"), *rows])
    for one in made:
        if one.kind is Kind.EXPORT:
            yield f"export of {_plain(one.audience)}: {one.status}, {one.reached:,} endpoints"


def _status(record: RunRecord) -> str:
    stopping = ", stopping" if record.stopping and record.status is RunStatus.RUNNING else ""
    return f"{record.status.value}{stopping}{' (dry run)' if record.dry_run else ''}"


def _first_line(record: RunRecord) -> str:
    """Why a run has not gone as planned, as far as a line of a table has room."""
    reasons = [*record.faults, *record.reason.splitlines()]
    return _plain(textwrap.shorten(reasons[0], _REASON_LENGTH, placeholder=" ...")) if reasons else ""


def _columns(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}Z"


def _plain(text: str) -> str:
    """A text from outside, so that a terminal shows it and does not obey it."""
    return "".join(char if char.isprintable() else " " for char in text)
