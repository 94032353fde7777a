"""A plan as a Mermaid flowchart."""

from __future__ import annotations

from engagement.domain.destinations import DestinationName
from engagement.domain.plans import words
from engagement.domain.plans.model import Orchestrator, Plan

_WIDTH = 60


def mermaid(plan: Plan, sends_by: DestinationName) -> str:
    """The steps from top to bottom, and below each step of sends one box for each send."""
    began = "its time" if plan.orchestrator is Orchestrator.SCHEDULE else plan.event
    lines = ["flowchart TD", f'  start(["{_label(began)}"])']
    before = "start"
    for number, step in enumerate(plan.steps):
        node = f"s{number}"
        lines.append(f'  {node}["{_label(step.id)}{_detail(step.wait and words.step(step, sends_by)[0])}"]')
        lines.append(f"  {before} --> {node}")
        for place, line in enumerate([] if step.wait is not None else words.step(step, sends_by)):
            lines.append(f'  {node} -.-> {node}x{place}[/"{_label(line)}"/]')
        before = node
    return "\n".join([*lines, f"  {before} --> finish([end])"])


def _detail(text: object) -> str:
    return f"<br/>{_label(str(text))}" if text else ""


def _label(text: str) -> str:
    """A text that Mermaid shows and never reads as code: all that is not plain is written by its number."""
    short = text if len(text) <= _WIDTH else f"{text[: _WIDTH - 1]}\u2026"
    return "".join(char if char.isalnum() or char in " .,:-_()=/" else f"#{ord(char)};" for char in short)
