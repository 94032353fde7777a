"""What becomes of each thing that was saved from Pinpoint."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Outcome = Literal["carries over", "changes", "lost"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that changes or is lost.

    Parameters
    ----------
    outcome
        Whether it changes or is lost.
    place
        Where in the document, or which kind of value.
    text
        What becomes of it, and what to do.
    count
        How often; places of endpoints are counted, not listed.
    """

    outcome: Outcome
    place: str
    text: str
    count: int = 1


def changes(place: str, text: str) -> Finding:
    """Something that works differently."""
    return Finding("changes", place, text)


def lost(place: str, text: str) -> Finding:
    """Something that has no twin."""
    return Finding("lost", place, text)


@dataclass(frozen=True, slots=True)
class Entry:
    """What became of one input.

    Parameters
    ----------
    kind, name, source
        `segment`, `template`, `journey` or `endpoints`, its name, and the file that it came from.
    outputs
        Files that were written for it; none if it is lost as a whole.
    findings
        What changes, and what is lost.
    id
        Its Id in Pinpoint, which tells segments or journeys of one name in one file apart; empty if it has none.
    """

    kind: str
    name: str
    source: str
    outputs: tuple[str, ...]
    findings: tuple[Finding, ...] = ()
    id: str = ""

    @property
    def outcome(self) -> Outcome:
        """What became of it as a whole."""
        if not self.outputs:
            return "lost"
        return "changes" if self.findings else "carries over"
