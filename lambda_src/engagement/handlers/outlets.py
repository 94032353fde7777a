"""The destinations of the pixel consumer, as its settings name them."""

from __future__ import annotations

from engagement.adapters import clients
from engagement.adapters.pinpoint.events import Pinpoint
from engagement.domain.outlets import Outlet
from engagement.domain.pacing import Pace
from engagement.settings.pixel import PixelSettings


def outlets(settings: PixelSettings, now: float) -> list[Outlet]:
    """An outlet for each destination; what is not one costs no client."""
    found = []
    if settings.pinpoint_application_id:
        pinpoint = Pinpoint(clients.pinpoint(), settings.pinpoint_application_id)
        found.append(Outlet(pinpoint, Pace.share(settings.put_events_rate, settings.maximum_concurrency, now)))
    if settings.profiles_domain:
        # A fiftieth of a start's CPU, which a pixel without Amazon Connect need not pay.
        from engagement.adapters.connect.profiles import ObjectTypes, Profiles  # noqa: PLC0415

        types = ObjectTypes(settings.public_object_type, settings.trusted_object_type)
        profiles = Profiles(clients.customer_profiles(), settings.profiles_domain, types)
        found.append(Outlet(profiles, Pace.share(settings.put_objects_rate, settings.maximum_concurrency, now)))
    return found
