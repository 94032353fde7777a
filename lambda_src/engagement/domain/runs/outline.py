"""A plan's steps for people who look at a run: kept with it, since the plan may change."""

from __future__ import annotations

import json

from engagement.domain.plans import words
from engagement.domain.plans.model import Plan, Step

_MOST_DETAILS = 10
_DETAIL_LENGTH = 160


def outline(plan: Plan) -> str:
    """The steps as JSON: a list of objects with `id`, `kind` (stamp, send or wait) and `details`, a list of texts."""
    return json.dumps([{"id": step.id, "kind": _kind(step), "details": _details(step)} for step in plan.steps])


def _details(step: Step) -> list[str]:
    """What people want to know at a glance; an item of the ledger has its limit."""
    lines = [line[:_DETAIL_LENGTH] for line in words.step(step)]
    more = len(lines) - _MOST_DETAILS
    return lines if more <= 0 else [*lines[:_MOST_DETAILS], f"and {more} more"]


def _kind(step: Step) -> str:
    if step.stamp is not None:
        return "stamp"
    return "send" if step.wait is None else "wait"
