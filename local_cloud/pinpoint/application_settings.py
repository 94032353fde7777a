"""Operations on the settings of an application: campaign hook, limits, quiet time."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from local_cloud.pinpoint.applications import Applications, Call, Handler
from local_cloud.service.messages import ServiceError

# What the answer shows of the request; the rest is written only.
_SHOWN: Final = ("CampaignHook", "Limits", "QuietTime", "JourneyLimits")

# Service model: ranges of the limits. 0 stands for "not set": a client that cannot leave a number out sends it.
_RANGES: Final[Mapping[str, tuple[int, int]]] = {
    "Daily": (0, 100),
    "Total": (0, 100),
    "MaximumDuration": (60, 2**31 - 1),
    "MessagesPerSecond": (1, 20_000),
    "Session": (0, 2**31 - 1),
    "DailyCap": (0, 100),
    "TotalCap": (0, 100),
    "Cap": (0, 100),
    "Days": (0, 30),
}
_TIME: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d|")


def initial(application_id: str, now: str) -> dict[str, Any]:
    """Return the settings of a new application.

    Parameters
    ----------
    application_id
        The application.
    now
        Time of its creation.

    Returns
    -------
    dict
        Every block is there, although empty: clients read into them without asking.
    """
    return {"ApplicationId": application_id, "LastModifiedDate": now, "CampaignHook": {}, "Limits": {}, "QuietTime": {}}


def _get(applications: Applications, call: Call) -> dict[str, Any]:
    return applications.of(call).settings


def _update(applications: Applications, call: Call) -> dict[str, Any]:
    application = applications.of(call)
    given = {name: call.body[name] for name in _SHOWN if name in call.body}
    journey = given.get("JourneyLimits", {})
    check_ranges(given.get("Limits", {}))
    check_ranges({name: value for name, value in journey.items() if name != "TimeframeCap"})
    check_ranges(journey.get("TimeframeCap", {}))
    check_times(given.get("QuietTime", {}))
    # A block that is not sent stays (reading): clients send only the blocks that changed.
    application.settings = {**application.settings, **given, "LastModifiedDate": call.now}
    return application.settings


def check_ranges(limits: Mapping[str, int]) -> None:
    """Check the numbers of limits.

    Parameters
    ----------
    limits
        Limits of an application or a campaign.

    Raises
    ------
    ServiceError
        400 if one is out of its range.
    """
    for name, value in limits.items():
        smallest, largest = _RANGES[name]
        if value != 0 and not smallest <= value <= largest:
            raise ServiceError(400, f"{name} must be between {smallest} and {largest}")


def check_times(quiet_time: Mapping[str, str]) -> None:
    """Check the times of day of a quiet time.

    Parameters
    ----------
    quiet_time
        `QuietTime` of an application or a schedule.

    Raises
    ------
    ServiceError
        400 if one is not like `02:30`; empty ones are none.
    """
    for name, value in quiet_time.items():
        if not _TIME.fullmatch(value):
            raise ServiceError(400, f"QuietTime.{name} must be a time like 02:30")


HANDLERS: Final[Mapping[str, Handler]] = {"GetApplicationSettings": _get, "UpdateApplicationSettings": _update}
