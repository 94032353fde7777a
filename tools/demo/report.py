"""What a person wants to see at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tools.demo.traffic import SentCall

WIDTH = 64


def table(sent: Sequence[SentCall]) -> str:
    """Each call with the gateway's answer and what became of it."""
    rows = [("call", "answer", "what became of it")]
    rows += [(one.call.what, _answer(one), _short(_outcome(one))) for one in sent]
    return columns(rows)


def totals(sent: Sequence[SentCall]) -> str:
    """Sent, accepted, arrived and refused, with reasons."""
    queued = sum(one.status == 200 for one in sent)
    outcomes = Counter(one.outcome.partition(":")[0] for one in sent if one.outcome)
    reasons = Counter(one.outcome for one in sent if one.outcome.startswith("rejected"))
    lines = [
        f"sent {len(sent)}, accepted by the gateway {queued}, refused by the gateway {len(sent) - queued}",
        f"arrived in Pinpoint {outcomes['arrived']}, in the rejects queue {outcomes['rejected']}",
    ]
    lines += [f"  {count} x {reason.removeprefix('rejected: ')}" for reason, count in sorted(reasons.items())]
    if missing := queued - outcomes.total():
        lines.append(f"still on their way {missing}")
    return "\n".join(lines)


def endpoints(found: Mapping[str, Any]) -> str:
    """Endpoints as Pinpoint holds them."""
    rows = [("endpoint", "status", "user attributes")]
    rows += [
        (
            _short(endpoint_id),
            str(endpoint.get("EndpointStatus", "")),
            _short(
                ", ".join(
                    f"{name}={'|'.join(values)}"
                    for name, values in sorted((endpoint.get("User") or {}).get("UserAttributes", {}).items())
                )
                or "-"
            ),
        )
        for endpoint_id, endpoint in sorted(found.items())
    ]
    return columns(rows)


def _answer(one: SentCall) -> str:
    return f"{one.status} {one.answer if one.status == 200 else 'JSON'}"


def _outcome(one: SentCall) -> str:
    return one.answer if one.status != 200 else one.outcome or "still on its way"


def _short(text: str) -> str:
    return text if len(text) <= WIDTH else f"{text[: WIDTH - 3]}..."


def columns(rows: Iterable[tuple[str, ...]]) -> str:
    """A table; the first row names the columns."""
    listed = list(rows)
    widths = [max(len(row[column]) for row in listed) for column in range(len(listed[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in listed]
    return "\n".join([lines[0], "  ".join("-" * width for width in widths), *lines[1:]])
