"""Domains of Customer Profiles as a person looks at them: like projects, with a profile for an endpoint."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from local_cloud.profiles import Profiles
from local_cloud.service.moments import iso_8601

_ADDRESSES: Final[Mapping[str, tuple[str, ...]]] = {
    "EMAIL": ("EmailAddress", "PersonalEmailAddress", "BusinessEmailAddress"),
    "SMS": ("PhoneNumber", "MobilePhoneNumber", "HomePhoneNumber", "BusinessPhoneNumber"),
}


def key_of(account: str, region: str, name: str) -> str:
    """Return what names a domain in addresses of the page, where an ARN's slash would end the name."""
    return f"{account}:{region}:{name}"


def domains(profiles: Profiles) -> list[dict[str, Any]]:
    """Return the domains of every account as the page knows projects.

    Parameters
    ----------
    profiles
        The emulator.

    Returns
    -------
    list
        Each with `id`, `name`, `account`, `region`, the number of its `endpoints`, and no `event_stream`.
    """
    return [
        {
            "id": key_of(one["account"], one["region"], one["name"]),
            "name": one["name"],
            "account": one["account"],
            "region": one["region"],
            "endpoints": one["profiles"],
            "event_stream": False,
        }
        for one in profiles.domains()
    ]


def profiles_of(profiles: Profiles, key: str) -> dict[str, dict[str, Any]] | None:
    """Return the profiles of a domain as the page knows endpoints.

    Parameters
    ----------
    profiles
        The emulator.
    key
        As `key_of` returns it.

    Returns
    -------
    dict or None
        By account number, or by the profile's id where it has none; None if there is no such domain.
    """
    arn = next(
        (one["arn"] for one in profiles.domains() if key_of(one["account"], one["region"], one["name"]) == key), ""
    )
    found = profiles.profiles(arn)
    return None if found is None else {shown["Id"]: shown for shown in map(_shown, found)}


def _shown(profile: Mapping[str, Any]) -> dict[str, Any]:
    addresses = {kind: [profile[name] for name in names if profile.get(name)] for kind, names in _ADDRESSES.items()}
    stored = [one["stored"] for one in profile["objects"]]
    return {
        "Id": profile.get("AccountNumber") or profile["ProfileId"],
        "ProfileId": profile["ProfileId"],
        "ChannelType": ", ".join(kind for kind, held in addresses.items() if held),
        "Address": ", ".join(address for held in addresses.values() for address in held),
        "EffectiveDate": iso_8601(datetime.fromtimestamp(max(stored, default=0.0), UTC)),
        "Attributes": profile.get("Attributes", {}),
        "Objects": len(stored),
    }
