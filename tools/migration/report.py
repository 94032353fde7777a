"""What became of what, for people and for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from tools.migration.conversion import Conversion
from tools.migration.findings import Entry, Finding

_KINDS = {"endpoints": "Endpoints", "segment": "Segments", "template": "Templates", "journey": "Journeys"}


def as_json(conversion: Conversion) -> dict[str, Any]:
    """The report for programs.

    Parameters
    ----------
    conversion
        The result.

    Returns
    -------
    dict
        A JSON object.
    """
    inputs = [{"outcome": entry.outcome, **asdict(entry)} for entry in conversion.entries]
    attributes = [
        {"kind": one.kind, "name": one.name, "profile": list(one.columns), "joined": one.joined, "values": one.width}
        for one in conversion.names.all()
    ]
    options = {"key": conversion.options.key, "lists": conversion.options.lists}
    return {"options": options, "counts": _counts(conversion), "attributes": attributes, "inputs": inputs}


def as_markdown(conversion: Conversion) -> str:
    """The report for people, as Markdown."""
    lines = ["# Moving to Amazon Connect: what became of what", "", *_summary(conversion), ""]
    for kind, title in _KINDS.items():
        entries = [entry for entry in conversion.entries if entry.kind == kind]
        if entries:
            lines += [f"## {title}", ""]
            for entry in entries:
                lines += _entry(entry)
    return "\n".join(lines)


def summary(conversion: Conversion) -> str:
    """A few lines for the terminal."""
    return "\n".join(line.removeprefix("- ") for line in _summary(conversion))


def _counts(conversion: Conversion) -> dict[str, Any]:
    outcomes: dict[str, Counter[str]] = {kind: Counter() for kind in _KINDS}
    for entry in conversion.entries:
        outcomes[entry.kind][entry.outcome] += 1
    profiles = conversion.profiles
    return {
        "inputs": {kind: dict(counter) for kind, counter in outcomes.items() if counter},
        "profiles": len(profiles.requests),
        "endpoints": sum(len(person.endpoints) for person in conversion.people.all),
        "silent_addresses": len(profiles.silent),
        "lost_values": len(profiles.losses),
    }


def _summary(conversion: Conversion) -> Iterator[str]:
    counts = _counts(conversion)
    if counts["endpoints"]:
        yield f"- {counts['endpoints']:,} endpoints became {counts['profiles']:,} profiles"
        yield f"- {counts['silent_addresses']:,} addresses are in no profile, since nobody may write to them"
        yield f"- {counts['lost_values']:,} values are lost"
    for kind, outcomes in counts["inputs"].items():
        if kind != "endpoints":
            said = ", ".join(f"{count} {_SAID[outcome]}" for outcome, count in sorted(outcomes.items()))
            yield f"- {_KINDS[kind].lower()}: {said}"
    own = [one.target for one in conversion.names.all() if one.kind == "user" and not one.is_list]
    if own:
        yield f"- for destination.connect.profile_attributes: {', '.join(sorted(own))}"


_SAID = {"carries over": "as they were", "changes": "with changes", "lost": "lost"}


def _entry(entry: Entry) -> Iterator[str]:
    yield f"### {_plain(entry.name)}: {entry.outcome}"
    yield ""
    written = ", ".join(f"`{output}`" for output in entry.outputs) or "nothing"
    identifier = f", Id `{entry.id}`" if entry.id else ""
    yield f"From `{entry.source}`{identifier}; written: {written}."
    yield ""
    if entry.findings:
        yield from ("| | where | what |", "| --- | --- | --- |")
        yield from (_row(finding) for finding in entry.findings)
        yield ""


def _row(finding: Finding) -> str:
    times = f"{finding.count:,} times: " if finding.count > 1 else ""
    return f"| {finding.outcome} | {_plain(finding.place)} | {_plain(times + finding.text)} |"


def _plain(text: str) -> str:
    """A text that stays in its cell."""
    return " ".join(text.split()).replace("|", "\\|")
