"""Kinds of interactions, and what the table holds of them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Did(StrEnum):
    """What an endpoint did, or what became of its message."""

    DELIVERED = "delivered"
    OPENED = "opened"
    CLICKED = "clicked"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    OPTED_OUT = "opted_out"
    UNSUBSCRIBED = "unsubscribed"


UNWILLING = frozenset({Did.BOUNCED, Did.COMPLAINED, Did.OPTED_OUT, Did.UNSUBSCRIBED})
"""Whoever did one of these in a step hears nothing that refers to the step."""


def entry(index: int, did: Did) -> str:
    """What the table holds of one interaction: the index of its step, and what was done."""
    return f"{index}.{did}"


def tally(entries: Mapping[str, int]) -> dict[int, dict[Did, int]]:
    """Counts of entries, by step and kind; an entry that a newer release wrote is left out."""
    counts: dict[int, dict[Did, int]] = {}
    for text, count in entries.items():
        index, _, did = text.partition(".")
        if index.isdecimal() and did in set(Did):
            counts.setdefault(int(index), {})[Did(did)] = count
    return counts
