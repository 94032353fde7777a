"""Stamps for the customers who pass a journey that a person has drawn."""

from __future__ import annotations

from engagement.domain.plans.faults import Fault, PlanError
from engagement.domain.plans.model import Plan
from engagement.domain.plans.names import Names
from engagement.domain.plans.placeholders import names
from engagement.domain.stamps.stamping import Values


def stamp_of(plan: Plan, step_id: str) -> Values:
    """What a step writes to whoever passes.

    Raises
    ------
    PlanError
        There is no such step, it does not stamp, or it needs an event's values, which customers do not carry.
    """
    step = plan.step(step_id)
    if step is None or step.stamp is None:
        where = ("steps",) if step is None else step.where
        rule = f'step "{step_id}" does not stamp, and nothing else can be done for customers who pass a journey'
        raise PlanError([Fault(where, rule, "Send with the journey's own blocks, or let a company endpoint enter")])
    for name, values in step.stamp.values.items():
        if any(name for value in values for name in names(value)):
            rule = "customers who pass a journey carry no event"
            raise PlanError([Fault((*step.stamp.where, "set", name), rule, "Write the value itself")])
    return step.stamp.values


def stamp_run(plan: str, step_id: str, journey: str) -> str:
    """What stands for a run where a journey stamps."""
    return Names(plan, f"stamp:{plan}:{step_id}:{journey}").run
