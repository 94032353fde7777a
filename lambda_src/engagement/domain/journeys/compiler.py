"""A plan as a journey of Amazon Pinpoint: an activity for each step, one after the other."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from engagement.domain.journeys.versions import COMPANY_PREFIX, Version
from engagement.domain.plans.model import Plan, Step
from engagement.domain.plans.names import plain
from engagement.domain.plans.pinpoint.segments import COMPANY_ROLE, ROLE_ATTRIBUTE

VERSION_ATTRIBUTE = "plan_version"
"""Event attribute on which each version's entry filters."""

_NAME_LENGTH = 100
_DAY, _HOUR, _MINUTE = 86_400, 3_600, 60


def journey_name(version: Version) -> str:
    """Name of a version's journey: letters, digits, `_` and `-`, at most 150 characters."""
    return f"{plain(version.plan)[:_NAME_LENGTH]}-{version.name}"


def journey_request(plan: Plan, version: Version, segment_id: str, function_arn: str) -> dict[str, Any]:
    """The `WriteJourneyRequest` of a version, as a draft.

    Parameters
    ----------
    plan
        One that a journey can carry.
    segment_id
        The segment of company endpoints: nobody else can enter.
    function_arn
        The function that each step's activity calls.
    """
    names = [f"step{number:03}" for number, _ in enumerate(plan.steps, 1)]
    following = [*names[1:], None]
    # What comes before the first call is waited for by the state machine: a run enters its journey for that call.
    first = next(number for number, step in enumerate(plan.steps) if step.wait is None)
    return {
        "Name": journey_name(version),
        "State": "DRAFT",
        "StartActivity": names[first],
        "StartCondition": {
            "Description": f"The company event {plan.event}",
            "EventStartCondition": {"EventFilter": _entry(version), "SegmentId": segment_id},
        },
        "Activities": {
            name: _activity(plan, step, after, function_arn)
            for name, step, after in list(zip(names, plan.steps, following, strict=True))[first:]
        },
        # A cap would stop events after that many; each run has an endpoint of its own.
        "Limits": {"EndpointReentryCap": 0},
        "LocalTime": False,
    }


def segment_request(name: str) -> dict[str, Any]:
    """The `WriteSegmentRequest` of the segment of company endpoints."""
    role = {ROLE_ATTRIBUTE: {"AttributeType": "INCLUSIVE", "Values": [COMPANY_ROLE]}}
    return {"Name": name, "Dimensions": {"Attributes": role}}


def event_type(plan: str) -> str:
    """Type of the event that enters a plan's journeys."""
    return f"{COMPANY_PREFIX}{plan}"


def _entry(version: Version) -> dict[str, Any]:
    return {
        "FilterType": "ENDPOINT",
        "Dimensions": {
            "EventType": {"DimensionType": "INCLUSIVE", "Values": [event_type(version.plan)]},
            "Attributes": {VERSION_ATTRIBUTE: {"AttributeType": "INCLUSIVE", "Values": [version.name]}},
        },
    }


def _activity(plan: Plan, step: Step, following: str | None, function_arn: str) -> dict[str, Any]:
    after = {"NextActivity": following} if following else {}
    if step.wait is not None:
        return {"Description": step.id, "Wait": {"WaitTime": {"WaitFor": _iso(step.wait)}, **after}}
    data = json.dumps({"plan": plan.event, "step": step.id})
    custom = {"DeliveryUri": function_arn, "EndpointTypes": ["CUSTOM"], "MessageConfig": {"Data": data}, **after}
    return {"Description": step.id, "CUSTOM": custom}


def _iso(length: timedelta) -> str:
    """A duration in its largest unit, as people read it in Pinpoint."""
    seconds = int(length.total_seconds())
    if seconds % _DAY == 0:
        return f"P{seconds // _DAY}D"
    if seconds % _HOUR == 0:
        return f"PT{seconds // _HOUR}H"
    return f"PT{-(-seconds // _MINUTE)}M"
