"""Keeping plans: each is checked when it changes, and those that a schedule starts get their schedule."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Protocol

from engagement.domain.plans import reading, rules
from engagement.domain.plans.faults import Fault, PlanError
from engagement.domain.plans.model import Orchestrator, Plan
from engagement.domain.plans.moments import instant
from engagement.domain.plans.settings import PlanSettings
from engagement.domain.runs.announcement import PLANNED
from engagement.domain.runs.ports import StoredPlan

_AT_ONCE = timedelta(minutes=1)
_RECENT = timedelta(days=1)
"""A plan that starts now starts once it is written, not whenever it is looked at again."""
_HASH_LENGTH = 16
_SUFFIX = ".json"


@dataclass(frozen=True, slots=True)
class Planned:
    """One start that has to be made.

    Parameters
    ----------
    name
        Of the schedule: the same for the same start.
    at
        When it happens.
    message
        What is written to the queue of company events then.
    """

    name: str
    at: datetime
    message: str


class Schedules(Protocol):
    """The schedules of this environment."""

    def put(self, planned: Planned) -> None:
        """Make a schedule; one of that name is the same start."""

    def names(self) -> Iterable[str]:
        """Names of those that wait for their moment."""

    def delete(self, name: str) -> None:
        """Remove a schedule; one that is gone is fine."""


class Store(Protocol):
    """The bucket of plans."""

    def names(self) -> Iterable[str]:
        """Events that have a plan."""

    def current(self, plan: str) -> StoredPlan | None:
        """The plan of an event as it is now; None if there is none."""


def check(files: Mapping[str, str], settings: PlanSettings) -> list[str]:
    """Every fault of a set of plans that will be in force together.

    Parameters
    ----------
    files
        JSON texts by file name, such as `feature_release.json`.

    Returns
    -------
    list
        Texts of the form `file path: rule. remedy.`
    """
    return _read(files, settings)[1]


def _read(files: Mapping[str, str], settings: PlanSettings) -> tuple[dict[str, Plan], list[str]]:
    """The plans without faults of their own, by file name, and every fault as of `check`."""
    plans: dict[str, Plan] = {}
    faults: dict[str, list[Fault]] = {}
    for name, text in files.items():
        try:
            plans[name] = read_plan(name.removesuffix(_SUFFIX), text, settings)
        except PlanError as error:
            faults[name] = list(error.faults)
    for name, shared in rules.shared_stamps(plans).items():
        faults.setdefault(name, []).extend(shared)
    return plans, [f"{name} {fault}" for name in files for fault in faults.get(name, [])]


@dataclass(frozen=True, slots=True)
class Kept:
    """The plans as they are now.

    Parameters
    ----------
    errors
        Every fault, as of `check`: such a plan starts nothing as long as it is faulty.
    journeys
        The plans that journeys carry, by event.
    """

    errors: list[str]
    journeys: Mapping[str, tuple[StoredPlan, Plan]]


def keep(store: Store, schedules: Schedules, settings: PlanSettings, now: datetime) -> Kept:
    """Look at every plan, and make the schedules what the plans say."""
    stored = {f"{name}{_SUFFIX}": found for name in store.names() if (found := store.current(name))}
    plans, errors = _read({file: found.text for file, found in stored.items()}, settings)
    starts = [planned for file, plan in plans.items() if (planned := _start(plan, stored[file], now))]
    for planned in starts:
        schedules.put(planned)
    for name in set(schedules.names()) - {planned.name for planned in starts}:
        schedules.delete(name)
    return Kept(
        errors,
        {
            plan.event: (stored[file], plan)
            for file, plan in plans.items()
            if rules.orchestrator(plan, settings) is Orchestrator.JOURNEY
        },
    )


def _start(plan: Plan, stored: StoredPlan, now: datetime) -> Planned | None:
    """When a plan starts by itself; None if it does not, or not any more."""
    name = plan.event
    if plan.orchestrator is not Orchestrator.SCHEDULE or plan.schedule is None:
        return None
    if plan.schedule.moment is not None:
        at, time = plan.schedule.moment, instant(plan.schedule.moment)
        past = at <= now
    else:
        at, time = max(stored.written, now) + _AT_ONCE, f"now {stored.version}"
        past = now - stored.written > _RECENT
    if past:
        return None
    digest = sha256(f"{name} {time}".encode()).hexdigest()[:_HASH_LENGTH]
    message = {"detail-type": PLANNED, "detail": {"event": name, "time": time}}
    return Planned(f"plan-{digest}", at, json.dumps(message))


def read_plan(name: str, text: str, settings: PlanSettings) -> Plan:
    """The plan of the event `name`, as its file holds it.

    Raises
    ------
    PlanError
        It has faults, or is the plan of another event.
    """
    plan = reading.parse(reading.load(text), settings)
    if plan.event != name:
        remedy = f"Name it {plan.event}.json, or change event"
        raise PlanError([Fault(("event",), f"the file is named {name}.json", remedy)])
    return plan
