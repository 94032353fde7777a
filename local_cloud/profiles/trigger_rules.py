"""The rules of event triggers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from local_cloud.profiles.criteria import check_criterion
from local_cloud.profiles.object_type_rules import SOURCE
from local_cloud.service.messages import ServiceError

Document = Mapping[str, Any]

_CAMPAIGN: Final = re.compile(r"arn:aws[a-z-]*:connect-campaigns:[a-z0-9-]+:\d{12}:campaign/[a-zA-Z0-9-]+")


def check_conditions(conditions: list[Document], object_type: Document) -> None:
    """Check what an event must be like.

    Parameters
    ----------
    conditions
        `EventTriggerConditions`.
    object_type
        The type of the objects.

    Raises
    ------
    ServiceError
        400 with the rule.
    """
    for number, condition in enumerate(conditions):
        for place, dimension in enumerate(condition["EventTriggerDimensions"]):
            where = f"EventTriggerConditions[{number}].EventTriggerDimensions[{place}]"
            for attribute in dimension["ObjectAttributes"]:
                _check_attribute(where, attribute, object_type)


def _check_attribute(where: str, attribute: Document, object_type: Document) -> None:
    # Connect admin guide, event triggers: one of them per entry.
    if ("FieldName" in attribute) == ("Source" in attribute):
        raise ServiceError(400, f"{where} must have either FieldName or Source")
    name = attribute.get("FieldName")
    if name is not None and name not in object_type["Fields"]:
        raise ServiceError(400, f"{where}.FieldName: {name} is not a field of {object_type['ObjectTypeName']}")
    if name is None and not SOURCE.fullmatch(attribute["Source"]):
        raise ServiceError(400, f"{where}.Source must be like _source.name")
    check_criterion(where, attribute["ComparisonOperator"], attribute["Values"])


def check_limits(limits: Document) -> None:
    """Check how often a trigger may come; 400 with the rule."""
    if limits.get("EventExpiration", 0) < 0:
        raise ServiceError(400, "EventTriggerLimits.EventExpiration must not be negative")
    for number, period in enumerate(limits.get("Periods", [])):
        if ("MaxInvocationsPerProfile" in period) == bool(period.get("Unlimited")):
            where = f"EventTriggerLimits.Periods[{number}]"
            raise ServiceError(400, f"{where} must have either MaxInvocationsPerProfile or Unlimited")


def is_campaign(uri: str) -> bool:
    """Tell whether a URI is the ARN of a campaign."""
    return _CAMPAIGN.fullmatch(uri) is not None
