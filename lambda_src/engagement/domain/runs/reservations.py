"""How many of the account's active campaigns a run needs at once."""

from __future__ import annotations

from engagement.domain.plans.model import Plan, Step
from engagement.domain.plans.settings import PlanSettings


def needed(step: Step, settings: PlanSettings) -> int:
    """Campaigns of a step; those of the steps before it have ended when it begins."""
    stamps = len(step.stamp.audiences) if step.stamp and settings.sends_by == "pinpoint" else 0
    return len(step.sends) + stamps


def most_needed(plan: Plan, settings: PlanSettings) -> int:
    """The largest number of campaigns that a run of the plan has active at once."""
    return max(needed(step, settings) for step in plan.steps)


def room(settings: PlanSettings, others: int) -> int:
    """How many active campaigns all runs together may have, beside those of others in this project."""
    return settings.active_campaigns - others
