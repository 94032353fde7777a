"""Runs of plans: a list of them, and one with the state of each step."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from local_cloud.asgi import NotFoundError
from local_cloud.console.ledgers import Item, Ledger, flag, ledgers, number, pairs, text, texts

_MOST_RUNS: Final = 100
_RUNNING: Final = "running"
_NOT_BEGUN: Final = "not_begun"
_COMPLETED: Final = "completed"


def listed() -> list[dict[str, Any]]:
    """Return the newest runs of every ledger.

    Returns
    -------
    list
        At most 100, newest first, each with `run`, `ledger` (ARN of its table), `account`, `region`, `plan`, `key`,
        `status`, `reason`, `dry_run`, `stopping`, `began` and `ended` (ISO 8601, `ended` empty while it runs).
    """
    found = [_summary(ledger, item) for ledger in ledgers() for item in ledger.newest(_MOST_RUNS)]
    return sorted(found, key=lambda run: str(run["began"]), reverse=True)[:_MOST_RUNS]


def described(run: str, arn: str) -> dict[str, Any]:
    """Return one run.

    Parameters
    ----------
    run
        Its id.
    arn
        The table of its ledger; empty for the first that knows the run.

    Returns
    -------
    dict
        What the list says, and its event's `values`, its `faults`, its `journey`, why it went on without it (`lost`),
        its `only_step`, and the `steps` of its plan in order: `id`, `kind`, `details`, `state`, `began`, `ended`,
        `until`, what was recorded before it went by what recipients did (`heard`), endpoints by audience as `counts`,
        `unstamped` endpoints, what recipients `did`, and `made`: segments, campaigns and exports.

    Raises
    ------
    NotFoundError
        If no ledger has it.
    """
    for ledger in ledgers():
        item = ledger.run(run)
        if item and arn in ("", ledger.arn):
            return {
                **_summary(ledger, item),
                "values": pairs(item, "values"),
                "faults": texts(item, "faults"),
                **{name: text(item, name) for name in ("journey", "lost", "only_step")},
                "steps": _steps(ledger, run, item),
            }
    raise NotFoundError


def _summary(ledger: Ledger, item: Item) -> dict[str, Any]:
    return {
        "run": text(item, "run"),
        "ledger": ledger.arn,
        "account": ledger.account,
        "region": ledger.region,
        **{name: text(item, name) for name in ("plan", "key", "status", "reason", "began", "ended")},
        **{name: flag(item, name) for name in ("dry_run", "stopping")},
    }


def _steps(ledger: Ledger, run: str, item: Item) -> list[dict[str, Any]]:
    """The steps as the run's outline has them, with what is known of those that have begun."""
    begun = {number(step, "index"): step for step in ledger.parts(run, "step")}
    made, did = ledger.parts(run, "made"), ledger.did(run)
    return [
        {
            **planned,
            "state": _state(text(item, "status"), begun.get(index)),
            **{name: text(begun.get(index, {}), name) for name in ("began", "ended", "until", "heard")},
            "counts": pairs(begun.get(index, {}), "counts"),
            "unstamped": ledger.unstamped(run, index),
            "did": did.get(index, {}),
            "made": [_made(one) for one in made if number(one, "step") == index],
        }
        for index, planned in enumerate(_outline(item))
    ]


def _outline(item: Item) -> list[Mapping[str, Any]]:
    return [
        {"id": str(step["id"]), "kind": str(step["kind"]), "details": [str(line) for line in step["details"]]}
        for step in json.loads(text(item, "outline") or "[]")
    ]


def _state(run: str, step: Item | None) -> str:
    """How far a step is; one that was under way when its run ended has ended like it."""
    if step is None:
        return _NOT_BEGUN
    status = text(step, "status")
    return status if run == _RUNNING or status == _COMPLETED else run


def _made(one: Item) -> dict[str, Any]:
    return {
        **{name: text(one, name) for name in ("kind", "name", "id", "audience", "channel", "made", "starts", "status")},
        **{name: number(one, name) for name in ("attempted", "reached")},
    }
