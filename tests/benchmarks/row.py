"""A line of the table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """A number beside its target.

    Parameters
    ----------
    what
        What was measured.
    measured, target
        Both as they are printed.
    met
        Whether the target is reached.
    conditions
        What it was measured with.
    """

    what: str
    measured: str
    target: str
    met: bool
    conditions: str
