"""A run as a timeline, and the messages as the customers read them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from textwrap import wrap
from typing import Any

from tools.demo.customers import Customer
from tools.demo.release import Told
from tools.demo.report import columns

WIDTH = 80


def run(described: Mapping[str, Any]) -> str:
    """The run with each of its steps: when it began and ended, what it did, and whom its campaigns reached."""
    began, ended = (datetime.fromisoformat(described[name]) for name in ("began", "ended"))
    took = f"in {(ended - began).total_seconds():.0f} s"
    rows = [("began", "ended", "step", "what happened")]
    for step in described["steps"]:
        first, *others = _happened(step)
        rows.append((_clock(step["began"]), _clock(step["ended"]), step["id"], first))
        rows += [("", "", "", line) for line in others]
    return f"Plan {described['plan']}, run {described['run']}: {described['status']} {took}\n\n{columns(rows)}"


def messages(told: Sequence[tuple[Customer, Sequence[Told]]]) -> str:
    """What each customer reads."""
    return "\n".join(["What each customer reads", *(line for one in told for line in _of_customer(*one))])


def _happened(step: Mapping[str, Any]) -> list[str]:
    campaigns = [made for made in step["made"] if made["kind"] == "campaign"]
    lines = step["details"] + [
        f"campaign: {made['audience']} by {made['channel']}, reached {made['reached']} of {made['attempted']}"
        for made in campaigns
    ]
    return [part for line in lines for part in wrap(line, WIDTH, subsequent_indent="  ")]


def _of_customer(customer: Customer, told: Sequence[Told]) -> Iterator[str]:
    yield f"{customer.name} ({', '.join(filter(None, (customer.plan, customer.note)))})"
    for one in told:
        yield f"  {_clock(one.time)}  {one.channel:5}  {one.title or one.body}"
        if one.title:
            yield f"  {'':8}  {'':5}  {one.body}"
    if not told:
        yield "  nothing"


def _clock(moment: str) -> str:
    return datetime.fromisoformat(moment).astimezone().strftime("%H:%M:%S")
