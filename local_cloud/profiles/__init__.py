"""An emulator of Amazon Connect Customer Profiles that is strict: what it accepts, its documentation allows.

Each rule names where it is written down. A rule marked "(reading)" is not published: it is the stricter of the possible
meanings.
"""

from __future__ import annotations

from local_cloud.profiles.emulator import Profiles
from local_cloud.profiles.neighbours import Neighbours
from local_cloud.profiles.settings import Settings

__all__ = ["Neighbours", "Profiles", "Settings"]
