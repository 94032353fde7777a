"""What Amazon Pinpoint hands to the function that a journey's custom activity names.

No page of AWS prints this payload: whatever is not needed may be missing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engagement.domain.documents import json_object
from engagement.domain.journeys.versions import COMPANY_PREFIX
from engagement.domain.stamps.batches import Endpoints, kept

_OWN = re.compile(rf"{COMPANY_PREFIX}([0-9a-f]{{40}})")
_EVENT_ID = "event_id"


class JourneyCallError(ValueError):
    """The call means nothing here; the text names the field, the rule and the remedy."""


@dataclass(frozen=True, slots=True)
class Company:
    """A company endpoint that a person has made, in a journey that a person has drawn.

    Parameters
    ----------
    occurrence
        What tells this time from others: the user attribute `event_id`, else when the endpoint was last changed.
    values
        Its attributes and those of its user, the first value of each.
    """

    endpoint: str
    occurrence: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class JourneyCall:
    """A journey calls for a step.

    Parameters
    ----------
    runs
        Runs whose own company endpoints stand there.
    companies
        Other company endpoints.
    customers
        Everybody else, as a stamp must keep them.
    """

    plan: str
    step: str
    journey: str
    runs: tuple[str, ...]
    companies: tuple[Company, ...]
    customers: Endpoints


def read(event: Mapping[str, Any]) -> JourneyCall:
    """Read a call.

    Raises
    ------
    JourneyCallError
        It names no step of a plan, or is no journey's.
    """
    plan, step = _data(event.get("Data"))
    journey, endpoints = event.get("JourneyId"), event.get("Endpoints")
    if not isinstance(journey, str) or not journey:
        raise JourneyCallError("JourneyId must be a text; only journeys can call for a step")
    if not isinstance(endpoints, dict) or not all(isinstance(endpoint, dict) for endpoint in endpoints.values()):
        raise JourneyCallError("Endpoints must be a map of endpoints; only journeys can call for a step")
    company = {name for name in endpoints if name.startswith(COMPANY_PREFIX)}
    own = {name: match[1] for name in company if (match := _OWN.fullmatch(name))}
    return JourneyCall(
        plan,
        step,
        journey,
        tuple(own.values()),
        tuple(_company(name, endpoints[name]) for name in sorted(company - own.keys())),
        {name: kept(endpoint) for name, endpoint in endpoints.items() if name not in company},
    )


def _data(data: object) -> tuple[str, str]:
    document = json_object(data) or {}
    plan, step = document.get("plan"), document.get("step")
    if not isinstance(plan, str) or not isinstance(step, str):
        raise JourneyCallError('Data must be {"plan": "<event>", "step": "<id>"}; write that into the journey\'s block')
    return plan, step


def _company(name: str, endpoint: Mapping[str, Any]) -> Company:
    user = endpoint.get("User") or {}
    given = {**(endpoint.get("Attributes") or {}), **(user.get("UserAttributes") or {})}
    values = {key: str(texts[0]) for key, texts in given.items() if isinstance(texts, list) and texts}
    occurrence = values.get(_EVENT_ID) or endpoint.get("EffectiveDate")
    if not isinstance(occurrence, str) or not occurrence:
        rule = f"{name} carries nothing that tells one company event from the next"
        raise JourneyCallError(f"Endpoints: {rule}. Give its user the attribute {_EVENT_ID}")
    return Company(name, occurrence, {key: value for key, value in values.items() if key != _EVENT_ID})
