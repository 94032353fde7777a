"""Endpoints and profiles as a person looks for them: a page of the list, and one with its history."""

from __future__ import annotations

import json
from typing import Any, Final

from local_cloud.asgi import NotFoundError
from local_cloud.console.arrivals import Arrivals
from local_cloud.console.domains import profiles_of
from local_cloud.pinpoint import Pinpoint
from local_cloud.profiles import Profiles

_MOST_LISTED: Final = 50
_MOST_CHANGES: Final = 50


def listed(pinpoint: Pinpoint, profiles: Profiles, application_id: str, text: str) -> dict[str, Any]:
    """Return the endpoints that hold a text, the last changed ones first.

    Parameters
    ----------
    pinpoint, profiles
        The emulators.
    application_id
        Whose endpoints: the application, or the key of a domain.
    text
        What to look for in ids, addresses and attributes, in upper or lower case; empty for all.

    Returns
    -------
    dict
        The first 50 `endpoints`, and the number that was `found`.

    Raises
    ------
    NotFoundError
        If there is no such application.
    """
    wanted = text.casefold()
    found = [
        document
        for document in _documents(pinpoint, profiles, application_id).values()
        if not wanted or wanted in json.dumps(document, ensure_ascii=False).casefold()
    ]
    found.sort(key=lambda document: document["EffectiveDate"], reverse=True)
    return {"found": len(found), "endpoints": found[:_MOST_LISTED]}


def described(
    pinpoint: Pinpoint, profiles: Profiles, arrivals: Arrivals, application_id: str, endpoint_id: str
) -> dict[str, Any]:
    """Return one endpoint with its history.

    Parameters
    ----------
    pinpoint, profiles
        The emulators.
    arrivals
        What the emulator was sent.
    application_id, endpoint_id
        The endpoint.

    Returns
    -------
    dict
        The `endpoint`, its last `events` and its last `changes`, newest first.

    Raises
    ------
    NotFoundError
        If there is no such endpoint.
    """
    endpoint = _documents(pinpoint, profiles, application_id).get(endpoint_id)
    if endpoint is None:
        raise NotFoundError
    arrivals.update()
    changes = [
        change for change in pinpoint.endpoint_changes(application_id) or [] if change["endpoint_id"] == endpoint_id
    ]
    return {
        "endpoint": endpoint,
        "events": arrivals.history(application_id, endpoint_id),
        "changes": changes[: -_MOST_CHANGES - 1 : -1],
    }


def _documents(pinpoint: Pinpoint, profiles: Profiles, application_id: str) -> dict[str, dict[str, Any]]:
    documents = pinpoint.endpoints(application_id)
    if documents is None:
        documents = profiles_of(profiles, application_id)
    if documents is None:
        raise NotFoundError
    return documents
