"""Where events and messages go, as the functions that need it read it."""

from __future__ import annotations

from collections.abc import Mapping

from engagement.domain.destinations import DestinationName
from engagement.settings.reading import Variable

DESTINATIONS: Mapping[str, Variable] = {
    "pinpoint_application_id": (str.strip, "ID of the Pinpoint project, or empty"),
    "profiles_domain": (str.strip, "name of the domain of Customer Profiles, or empty"),
    "connect_instance_id": (str, "ID of the Connect instance, or empty"),
}
"""Variables that are empty where something is not a destination, by the names of their fields."""


def destinations(application_id: str, domain: str) -> tuple[DestinationName, ...]:
    """The destinations that these name."""
    named: dict[DestinationName, str] = {DestinationName.PINPOINT: application_id, DestinationName.CONNECT: domain}
    return tuple(name for name, here in named.items() if here)
