"""A plan of which only one step is done, for a journey that was drawn by hand."""

from __future__ import annotations

from dataclasses import replace

from engagement.domain.plans.faults import Fault, PlanError
from engagement.domain.plans.model import Plan


def narrowed(plan: Plan, step_id: str) -> Plan:
    """The plan with that step alone; whole without an ID.

    Raises
    ------
    PlanError
        It has no such step, or one that cannot be done alone.
    """
    if not step_id:
        return plan
    step = plan.step(step_id)
    if step is None:
        remedy = f"Write one of {', '.join(step.id for step in plan.steps)} into the journey's data"
        raise PlanError([Fault(("steps",), f'there is no step "{step_id}"', remedy)])
    if step.wait is not None:
        raise PlanError([Fault(step.where, "a wait has nothing to do", "Draw a wait into the journey instead")])
    for send in step.sends:
        for condition in send.conditions:
            rule = "a step that a drawn journey calls for is a run of its own and knows of no other step"
            raise PlanError([Fault(condition.where, rule, "Split the journey instead, or let the plan run")])
    return replace(plan, steps=(step,))
