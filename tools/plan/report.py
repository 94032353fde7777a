"""What a plan does: who gets what, when, and how long the service takes to be told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from engagement.domain.destinations import DestinationName
from engagement.domain.plans import limits, rules, texts, words
from engagement.domain.plans.compiler import PlannedStep, Run, compile_plan
from engagement.domain.plans.connect import limits as connect_limits
from engagement.domain.plans.model import Orchestrator, Plan
from engagement.domain.plans.placeholders import names
from engagement.domain.plans.settings import PlanSettings
from tools.plan import diagram
from tools.plan.differences import differences, section_of, sections

_STAMPED = 10_000


def report(plan: Plan, settings: PlanSettings, now: datetime) -> str:
    """A plan in plain English, with its diagram.

    Parameters
    ----------
    plan
        A plan without faults.
    settings
        What plans may reach.
    now
        When it would begin.

    Raises
    ------
    PlanError
        It could not begin now: a start has passed.
    """
    asked = dict.fromkeys(name for text in texts.of_plan(plan) for name in names(text.text))
    steps = compile_plan(plan, Run("plan-show", dict.fromkeys(asked, "x")), settings, now)
    sections = [
        f"# {plan.event}",
        f"{_start(plan, settings)}{_needs(list(asked))}",
        "## Who\n\n" + "\n".join(f"- {name}: {words.audience(its)}" for name, its in plan.audiences.items()),
        "## What happens\n\n" + "\n".join(_steps(plan, settings.sends_by)),
        *_connect(plan, settings),
        "## How long it takes\n\n" + "\n".join(_times(steps, settings)),
        f"```mermaid\n{diagram.mermaid(plan, settings.sends_by)}\n```",
    ]
    return "\n\n".join(sections)


def _start(plan: Plan, settings: PlanSettings) -> str:
    if plan.orchestrator is Orchestrator.SCHEDULE and plan.schedule is not None:
        return f"Starts {words.start(plan.schedule)}, without an event."
    if rules.orchestrator(plan, settings) is Orchestrator.JOURNEY:
        walker = "a journey calls for the steps"
    else:
        walker = "a state machine walks the steps"
    why = "".join(f" No journey can: {fault.rule}." for fault in rules.journey_faults(plan, settings))
    return f"Starts when the event {plan.event} comes; {walker}.{why}"


def _connect(plan: Plan, settings: PlanSettings) -> Iterator[str]:
    if settings.sends_by == "connect" and settings.connect is not None:
        parts = sections(plan)
        told = (f"- {parts[section_of(one.where, parts)]}: {one.text}" for one in differences(plan, settings.connect))
        yield "## On Amazon Connect\n\n" + "\n".join(told)


def _needs(asked: list[str]) -> str:
    return f" The event must have: {', '.join(asked)}." if asked else ""


def _steps(plan: Plan, sends_by: DestinationName) -> Iterator[str]:
    after = timedelta(0)
    for number, step in enumerate(plan.steps, 1):
        begins = f"after {words.duration(after)}" if after else "at once"
        yield f"{number}. {step.id} ({begins})"
        yield from (f"   - {line}" for line in words.step(step, sends_by))
        after += step.wait or timedelta(0)


def _times(steps: tuple[PlannedStep, ...], settings: PlanSettings) -> Iterator[str]:
    rates = _RATES[settings.sends_by]
    made: set[str] = set()
    for step in steps:
        segments = {segment.name for segment in step.segments} - made
        made |= segments
        if step.campaigns or segments:
            yield f"- {step.id}: {rates.making(len(segments), len(step.campaigns))}"
        if step.stamp is not None:
            floor = ceil(_STAMPED / rates.updates)
            yield f"- {step.id}: each {_STAMPED:,} {rates.members} are stamped in {floor} seconds or more"
    yield f"- in all: {rates.making(len(made), sum(len(step.campaigns) for step in steps))}"
    yield f"- every campaign starts {words.duration(settings.start_lead)} after its step begins, or later"
    yield (
        f"- rates of the whole {rates.shared}: {_count(rates.segments, 'segment')} and "
        f"{_count(rates.campaigns, 'campaign')} made a second, {rates.updates} "
        f"{rates.members} stamped; at most {rates.active} campaigns active"
    )


@dataclass(frozen=True, slots=True)
class _Rates:
    """What a destination lets its customers do in a second."""

    segments: int
    campaigns: int
    updates: int
    active: int
    members: str
    shared: str

    def making(self, segments: int, campaigns: int) -> str:
        """Counts, and the time below which the rates do not let anybody go."""
        seconds = max(segments / self.segments, campaigns / self.campaigns)
        counts = f"{_count(segments, 'new segment')} and {_count(campaigns, 'campaign')}"
        return f"{counts}, made in {ceil(seconds * 10) / 10} seconds or more"


_RATES: Mapping[DestinationName, _Rates] = {
    DestinationName.PINPOINT: _Rates(
        limits.SEGMENT_CREATES_PER_SECOND,
        limits.CAMPAIGN_CREATES_PER_SECOND,
        limits.ENDPOINT_UPDATES_PER_SECOND,
        limits.ACTIVE_CAMPAIGNS,
        "endpoints",
        "account",
    ),
    DestinationName.CONNECT: _Rates(
        connect_limits.SEGMENT_CREATES_PER_SECOND,
        connect_limits.CAMPAIGN_CREATES_PER_SECOND,
        connect_limits.ENDPOINT_UPDATES_PER_SECOND,
        connect_limits.ACTIVE_CAMPAIGNS,
        "profiles",
        "instance",
    ),
}


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
