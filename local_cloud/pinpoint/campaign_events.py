"""Events that start event-based campaigns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from local_cloud.pinpoint.applications import Application
from local_cloud.pinpoint.dimensions import event_matches


def trigger(application: Application, endpoint_id: str, event: Mapping[str, Any]) -> None:
    """Note which campaigns an event starts for its endpoint.

    Parameters
    ----------
    application
        Who took the event.
    endpoint_id
        Whose event it is.
    event
        An event that was accepted.
    """
    for campaign in application.campaigns.listening():
        if event_matches(campaign["Schedule"]["EventFilter"]["Dimensions"], event):
            application.triggers.append((campaign["Id"], endpoint_id))
