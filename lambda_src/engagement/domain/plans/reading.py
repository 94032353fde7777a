"""From a document to a plan, or to everything that is wrong with it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection
from typing import Any

from engagement.domain.plans import audience, limits, rules
from engagement.domain.plans.faults import Fault, Path, PlanError, in_order
from engagement.domain.plans.model import Document, Orchestrator, Plan, Send, Stamp, Start, Step
from engagement.domain.plans.moments import duration
from engagement.domain.plans.schema import faults_of
from engagement.domain.plans.settings import PlanSettings


def load(text: str) -> object:
    """Read a plan's JSON text.

    Raises
    ------
    PlanError
        It is too long, it is not JSON, or a key is given twice, of which only one would count.
    """
    if len(text) > limits.PLAN_LENGTH:
        rule = f"{len(text):,} characters, where {limits.PLAN_LENGTH:,} are the most"
        raise PlanError([Fault((), rule, "Use stored templates for long messages")])
    faults: list[Fault] = []

    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        twice = sorted(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)
        faults.extend(Fault((), f'the key "{key}" is given twice in one object', "Keep one of them") for key in twice)
        return dict(pairs)

    def number(text: str) -> float:
        raise ValueError(f"{text} is no number of JSON")

    try:
        document: object = json.loads(text, object_pairs_hook=once, parse_constant=number)
    except (ValueError, RecursionError) as error:
        raise PlanError([Fault((), f"not JSON: {error}", "Check commas, brackets and quotation marks")]) from error
    if faults:
        raise PlanError(faults)
    return document


def parse(document: object, settings: PlanSettings) -> Plan:
    """Read and check a plan.

    Parameters
    ----------
    document
        As `json.loads` gives it.
    settings
        What a plan may reach.

    Returns
    -------
    Plan
        It keeps every rule that can be checked without an event and without the project.

    Raises
    ------
    PlanError
        Every fault of the schema, and every fault that the own rules find in the parts that the schema lets pass.
    """
    plan, faults = examine(document, settings)
    if faults or plan is None:
        raise PlanError(faults)
    return plan


def examine(document: object, settings: PlanSettings) -> tuple[Plan | None, tuple[Fault, ...]]:
    """As far as a plan can be read, and everything that is wrong with it; None if there is nothing to read."""
    try:
        faults = faults_of(document)
        plan = _sound(document, faults)
        if plan is not None:
            faults += rules.faults_of(plan, _given_audiences(document), settings)
    except RecursionError:
        return None, (Fault((), "nested too deeply", "Give parts names of their own in audiences"),)
    return plan, in_order(document, faults)


def _given_audiences(document: object) -> Collection[str]:
    """Names of all audiences, also of faulty ones: who refers to one of those makes no fault."""
    audiences = document.get("audiences") if isinstance(document, dict) else None
    return frozenset(audiences) if isinstance(audiences, dict) else frozenset()


def _sound(document: object, faults: list[Fault]) -> Plan | None:
    """What the schema has nothing against; None if that is nothing."""
    if not isinstance(document, dict):
        return None
    sound = _Sound(document, faults)
    plan = sound.at()
    scheduled = "schedule" in document and not sound.is_faulty("orchestrator")
    return Plan(
        event=plan.get("event", ""),
        orchestrator=Orchestrator(plan.get("orchestrator", "state_machine")),
        schedule=Start.parse(plan.get("schedule", "now")) if scheduled else None,
        audiences={
            str(name): audience.parse(sound.at("audiences", name), ("audiences", name))
            for name in sound.places("audiences")
            if sound.at("audiences", name) or not sound.is_faulty("audiences", name)
        },
        steps=tuple(_step(sound, ("steps", index)) for index in sound.places("steps")),
        otherwise=Orchestrator(plan["otherwise"]) if "otherwise" in plan else None,
    )


def _step(sound: _Sound, where: Path) -> Step:
    step = sound.at(*where)
    stamp = sound.at(*where, "stamp")
    sends = [(place, sound.at(*place)) for place in ((*where, "send", index) for index in sound.places(*where, "send"))]
    return Step(
        where=where,
        id=step.get("id", ""),
        stamp=Stamp.parse(stamp, (*where, "stamp")) if {"audiences", "set"} <= stamp.keys() else None,
        sends=tuple(Send.parse(send, place) for place, send in sends if {"audience", "channel"} <= send.keys()),
        wait=duration(step["wait"]) if "wait" in step else None,
    )


class _Sound:
    """The parts of a document in which the schema finds no fault."""

    def __init__(self, document: Document, faults: list[Fault]) -> None:
        self._document = document
        self._faulty = {fault.where[:depth] for fault in faults for depth in range(len(fault.where) + 1)}

    def is_faulty(self, *where: str | int) -> bool:
        """Whether something is wrong with a value, or in it."""
        return where in self._faulty

    def at(self, *where: str | int) -> Document:
        """An object without the keys whose values are at fault; empty if there is no object."""
        value = self._value(where)
        keys = value if isinstance(value, dict) else ()
        return {key: value[key] for key in keys if not self.is_faulty(*where, key)}

    def places(self, *where: str | int) -> list[str | int]:
        """Keys or indexes of a container's elements that are objects, whatever is wrong in them."""
        value = self._value(where)
        pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        return [place for place, element in pairs if isinstance(element, dict)]

    def _value(self, where: Path) -> Any:  # noqa: ANN401 (JSON)
        value: Any = self._document
        for part in where:
            there = isinstance(value, dict) or (isinstance(value, list) and isinstance(part, int))
            value = value[part] if there and (isinstance(part, int) or part in value) else None
        return value
