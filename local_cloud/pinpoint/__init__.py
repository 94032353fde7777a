"""An emulator of Amazon Pinpoint that is strict: what it accepts, its documentation and service model allow.

Each rule names where it is written down. A rule marked "(reading)" is not published: it is what public code relies on,
or else the stricter of the possible meanings.
"""

from __future__ import annotations

from local_cloud.pinpoint.emulator import Pinpoint
from local_cloud.pinpoint.neighbours import Neighbours
from local_cloud.pinpoint.settings import Settings
from local_cloud.service.messages import Request, Response
from local_cloud.service.neighbours import NeighbourError, Source
from local_cloud.service.settings import SettingsError

__all__ = [
    "NeighbourError",
    "Neighbours",
    "Pinpoint",
    "Request",
    "Response",
    "Settings",
    "SettingsError",
    "Source",
]
