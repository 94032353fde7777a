"""What one endpoint may hold, and how an update changes it. Pure functions."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from typing import Any, Final

from local_cloud.service.messages import ServiceError
from local_cloud.service.moments import is_iso_8601
from local_cloud.service.text import is_longer, size

# Pinpoint quotas, endpoints: name 50 characters, value 100 characters, 50 values per attribute, 15 KB per endpoint.
NAME_CHARACTERS: Final = 50
VALUE_CHARACTERS: Final = 100
VALUES_PER_ATTRIBUTE: Final = 50
# Decimal kilobytes, the smaller reading.
ENDPOINT_BYTES: Final = 15_000

_STATUSES: Final = frozenset({"ACTIVE", "INACTIVE"})
_OPT_OUTS: Final = frozenset({"ALL", "NONE"})
_REPLACED: Final = ("Address", "ChannelType", "OptOut")
_MERGED: Final = ("Attributes", "Metrics", "Demographic", "Location")

Document = Mapping[str, Any]


def endpoint_key(endpoint_id: str) -> str:
    """Return what identifies an endpoint.

    Service model: the endpoint id is case insensitive and cannot contain `$`, `{` or `}`.

    Parameters
    ----------
    endpoint_id
        Id as the caller spells it.

    Returns
    -------
    str
        The same for every spelling.

    Raises
    ------
    ServiceError
        400 if the id is empty or holds one of those characters.
    """
    _refuse_forbidden(endpoint_id, "endpoint id")
    return endpoint_id.lower()


def user_id_of(document: Document) -> str | None:
    """Return the user id of an endpoint or of a change of one."""
    user_id: str | None = document.get("User", {}).get("UserId")
    return user_id


def user_attributes_of(document: Document) -> dict[str, list[str]]:
    """Return the user attributes of an endpoint or of a change of one."""
    attributes: dict[str, list[str]] = document.get("User", {}).get("UserAttributes", {})
    return attributes


def custom_names(change: Document) -> set[str]:
    """Return the custom names of a change, each with its kind: the 250 names of an application are counted by them.

    Parameters
    ----------
    change
        What the caller sent.

    Returns
    -------
    set of str
        Such as `Attributes.plan`. A name whose list is empty is cleared, not used.
    """
    names = {
        f"{kind}.{name}"
        for kind in ("Attributes", "Metrics")
        for name, value in change.get(kind, {}).items()
        if value != []
    }
    return names | {f"UserAttributes.{name}" for name, values in user_attributes_of(change).items() if values}


def check_change(change: Document) -> None:
    """Check what does not depend on the endpoint's past.

    Parameters
    ----------
    change
        What the caller sent; it has the shape of the service model.

    Raises
    ------
    ServiceError
        400 with the rule.
    """
    # Service model: valid values of EndpointStatus and OptOut, which it does not list as enumerations.
    if change.get("EndpointStatus", "ACTIVE") not in _STATUSES:
        raise ServiceError(400, "EndpointStatus must be ACTIVE or INACTIVE")
    if change.get("OptOut", "NONE") not in _OPT_OUTS:
        raise ServiceError(400, "OptOut must be ALL or NONE")
    if "EffectiveDate" in change and not is_iso_8601(change["EffectiveDate"]):
        raise ServiceError(400, "EffectiveDate must be a date and time in ISO 8601")
    user_id = user_id_of(change)
    if user_id is not None:
        # API reference, users: the identifier can't contain `$`, `{` or `}`.
        _refuse_forbidden(user_id, "user id")
    _check_names(change.get("Metrics", {}))
    for attributes in (change.get("Attributes", {}), user_attributes_of(change)):
        _check_names(attributes)
        for name, values in attributes.items():
            _check_values(name, values)


def merge(
    old: Document, change: Document, user_attributes: Mapping[str, list[str]], now: str, request_id: str
) -> dict[str, Any]:
    """Apply a change to an endpoint.

    Service model, UpdateEndpoint: given values of a custom attribute replace the values it had. What is not named
    stays (reading).

    Parameters
    ----------
    old
        The endpoint so far, with at least `Id`, `ApplicationId` and `CreationDate`.
    change
        What the caller sent.
    user_attributes
        The user attributes that hold from now on.
    now, request_id
        Time and id of the request.

    Returns
    -------
    dict
        The new endpoint; `old` is left as it is.
    """
    # Service model: an update sets the status to ACTIVE, unless it says otherwise (reading).
    new: dict[str, Any] = {
        "OptOut": "NONE",
        **old,
        **{name: change[name] for name in _REPLACED if name in change},
        "EndpointStatus": change.get("EndpointStatus", "ACTIVE"),
        "EffectiveDate": change.get("EffectiveDate", now),
        "RequestId": change.get("RequestId", request_id),
        "CohortId": str(zlib.crc32(old["Id"].encode(errors="surrogatepass")) % 100),
    }
    for name in _MERGED:
        if name in change:
            new[name] = merge_names(old.get(name, {}), change[name])
    user_id = user_id_of(change) or user_id_of(old)
    return with_user(new, user_id, user_attributes)


def merge_names(old: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Replace the given names; an empty list removes its name (reading).

    Parameters
    ----------
    old, given
        Values by name.

    Returns
    -------
    dict
        The union, where `given` wins.
    """
    return {name: value for name, value in {**old, **given}.items() if value != []}


def with_user(document: Document, user_id: str | None, attributes: Mapping[str, list[str]]) -> dict[str, Any]:
    """Return a copy of an endpoint that belongs to this user.

    Parameters
    ----------
    document
        The endpoint.
    user_id
        The user, None for none.
    attributes
        The user attributes.

    Returns
    -------
    dict
        The copy; without `User` if there is nothing to say.
    """
    user = {**({"UserId": user_id} if user_id else {}), **({"UserAttributes": dict(attributes)} if attributes else {})}
    rest = {name: value for name, value in document.items() if name != "User"}
    return {**rest, "User": user} if user else rest


def check_size(document: Document) -> None:
    """Refuse an endpoint that is too large.

    Parameters
    ----------
    document
        The endpoint after the change.

    Raises
    ------
    ServiceError
        400 above 15 KB.
    """
    if size(document) > ENDPOINT_BYTES:
        raise ServiceError(400, f"an endpoint can hold at most {ENDPOINT_BYTES} bytes")


def _refuse_forbidden(identifier: str, what: str) -> None:
    if not identifier or any(character in identifier for character in "${}"):
        raise ServiceError(400, f"the {what} must not be empty or contain $, {{ or }}")


def _check_names(names: Iterable[str]) -> None:
    for name in names:
        if not name or is_longer(name, NAME_CHARACTERS):
            raise ServiceError(
                400, f"the name of an attribute or metric must have 1 to {NAME_CHARACTERS} characters: {name}"
            )


def _check_values(name: str, values: list[str]) -> None:
    if len(values) > VALUES_PER_ATTRIBUTE:
        raise ServiceError(400, f"an attribute can have at most {VALUES_PER_ATTRIBUTE} values: {name}")
    if any(is_longer(value, VALUE_CHARACTERS) for value in values):
        raise ServiceError(400, f"a value of an attribute can have at most {VALUE_CHARACTERS} characters: {name}")
