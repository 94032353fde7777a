"""Endpoints as Pinpoint exports them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

Values = Mapping[str, tuple[str, ...]]

# Members of the service model's EndpointResponse that mean nothing outside of Pinpoint.
_OF_PINPOINT: Final = frozenset({"ApplicationId", "CohortId", "CreationDate", "RequestId"})
_TEXTS: Final = ("Address", "ChannelType", "EffectiveDate", "EndpointStatus", "Id", "OptOut")
_KNOWN: Final = frozenset({*_TEXTS, *_OF_PINPOINT, "Attributes", "Demographic", "Location", "Metrics", "User"})
PLACES: Final = ("City", "Country", "PostalCode", "Region", "Latitude", "Longitude")

# An endpoint that stands for company events, not for a customer (domain/plans/segments.py).
_ROLE: Final = ("engagement_role", "company")


class EndpointError(Exception):
    """A line that is no endpoint: the rule and the remedy."""

    def __init__(self, rule: str, remedy: str) -> None:
        super().__init__(rule)
        self.rule = rule
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One endpoint.

    Parameters
    ----------
    unknown
        Members of the line that Pinpoint's model does not have.
    """

    id: str
    channel: str = ""
    address: str = ""
    user_id: str = ""
    attributes: Values = field(default_factory=dict)
    user_attributes: Values = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    demographic: Mapping[str, str] = field(default_factory=dict)
    location: Mapping[str, str] = field(default_factory=dict)
    effective_date: str = ""
    opt_out: str = ""
    status: str = ""
    unknown: tuple[str, ...] = ()

    @property
    def has_opted_out(self) -> bool:
        """Whether its owner wants no messages; what the model does not know counts as a wish for none."""
        return self.opt_out.upper() not in ("", "NONE")

    @property
    def is_inactive(self) -> bool:
        """Whether Pinpoint had stopped sending to it."""
        return self.status.upper() not in ("", "ACTIVE")

    @property
    def stands_for_company(self) -> bool:
        """Whether it stands for company events."""
        name, role = _ROLE
        return role in (*self.attributes.get(name, ()), *self.user_attributes.get(name, ()))


def endpoint(document: Mapping[str, Any]) -> Endpoint:
    """Read one line of an export.

    Parameters
    ----------
    document
        `EndpointResponse` in the shape of the service model.

    Returns
    -------
    Endpoint
        The endpoint.

    Raises
    ------
    EndpointError
        It has not that shape.
    """
    texts = {name: _text(name, document.get(name)) for name in _TEXTS}
    if not texts["Id"]:
        raise EndpointError("Id is missing", "Export the endpoints with CreateExportJob, whose files have it")
    user = _object("User", document.get("User"))
    demographic = _object("Demographic", document.get("Demographic"))
    location = _object("Location", document.get("Location"))
    unknown = [name for name in document if name not in _KNOWN]
    unknown += [f"User.{name}" for name in user if name not in ("UserId", "UserAttributes")]
    unknown += [f"Location.{name}" for name in location if name not in PLACES]
    return Endpoint(
        id=texts["Id"],
        channel=texts["ChannelType"],
        address=texts["Address"].strip(),
        user_id=_text("User.UserId", user.get("UserId")),
        attributes=_lists("Attributes", document.get("Attributes")),
        user_attributes=_lists("User.UserAttributes", user.get("UserAttributes")),
        metrics=_numbers("Metrics", document.get("Metrics")),
        demographic={name: _text(f"Demographic.{name}", value) for name, value in demographic.items() if value},
        location={name: _place(name, location[name]) for name in PLACES if location.get(name) not in (None, "")},
        effective_date=texts["EffectiveDate"],
        opt_out=texts["OptOut"],
        status=texts["EndpointStatus"],
        unknown=tuple(unknown),
    )


def number(value: float) -> str:
    """A number as profiles hold it: as text, whole ones without a point."""
    return str(int(value)) if value.is_integer() else repr(value)


def _text(name: str, value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise EndpointError(f"{name} must be a text", "Export it again, or mend the line")
    return value


def _object(name: str, value: object) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise EndpointError(f"{name} must be an object", "Export it again, or mend the line")
    return value


def _lists(name: str, value: object) -> Values:
    found = {}
    for key, items in _object(name, value).items():
        values = [] if items is None else items
        if not isinstance(values, list) or not all(isinstance(item, str) for item in values):
            raise EndpointError(f"{name}.{key} must be a list of texts", "Export it again, or mend the line")
        found[key] = tuple(dict.fromkeys(values))
    return found


def _numbers(name: str, value: object) -> Mapping[str, float]:
    numbers = _object(name, value)
    for key, item in numbers.items():
        _finite(f"{name}.{key}", item)
    return {key: float(item) for key, item in numbers.items()}


def _place(name: str, value: object) -> str:
    if name in ("Latitude", "Longitude"):
        return number(_finite(f"Location.{name}", value))
    return _text(f"Location.{name}", value)


def _finite(name: str, value: object) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value):  # type: ignore[arg-type]
        raise EndpointError(f"{name} must be a number", "Export it again, or mend the line")
    return float(value)  # type: ignore[arg-type]
