"""How many of the account's active campaigns a run needs at once."""

from __future__ import annotations

from engagement.domain.plans import limits
from engagement.domain.plans.model import Plan, Step
from engagement.domain.plans.settings import PlanSettings


def needed(step: Step) -> int:
    """Campaigns of a step; those of the steps before it have ended when it begins."""
    return len(step.sends) + (len(step.stamp.audiences) if step.stamp else 0)


def most_needed(plan: Plan) -> int:
    """The largest number of campaigns that a run of the plan has active at once."""
    return max(map(needed, plan.steps))


def room(settings: PlanSettings, others: int) -> int:
    """How many active campaigns all runs together may have, beside those of others in this project."""
    return limits.ACTIVE_CAMPAIGNS - settings.reserved_active_campaigns - others
