"""When a campaign may reach people: open hours and restricted periods. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo

from local_cloud.outbound.errors import invalid

Document = Mapping[str, Any]

_DAYS: Final = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")


def check_hours(config: Document) -> None:
    """Check `communicationTimeConfig`.

    Parameters
    ----------
    config
        The configuration, in the shape of the service model.

    Raises
    ------
    ServiceError
        400 with the rule.
    """
    zone = config["localTimeZoneConfig"].get("defaultTimeZone", "")
    if not zone:
        # Where a recipient is cannot be told from an address here.
        raise invalid("localTimeZoneConfig.defaultTimeZone must be given: detection alone is not emulated")
    if not _is_zone(zone):
        raise invalid(f"localTimeZoneConfig.defaultTimeZone {zone} is not a time zone of the IANA")
    for channel, window in config.items():
        if channel != "localTimeZoneConfig":
            _check_window(channel, window)


def is_open(config: Document, channel: str, moment: datetime) -> bool:
    """Tell whether people may be reached at a moment.

    Parameters
    ----------
    config
        `communicationTimeConfig`; empty for none.
    channel
        `email` or `sms`.
    moment
        When.

    Returns
    -------
    bool
        A channel without configuration is always open, and so is one whose open hours name no day (reading).
    """
    window = config.get(channel)
    if window is None:
        return True
    local = moment.astimezone(ZoneInfo(config["localTimeZoneConfig"]["defaultTimeZone"]))
    if any(_day(one, "startDate") <= local.date() <= _day(one, "endDate") for one in _periods(window)):
        return False
    hours = window["openHours"].get("dailyHours", {})
    return not hours or any(
        _time(one, "startTime") <= local.time() < _time(one, "endTime") for one in hours.get(_DAYS[local.weekday()], [])
    )


def _check_window(channel: str, window: Document) -> None:
    where = f"communicationTimeConfig.{channel}"
    try:
        hours = [one for day in window["openHours"].get("dailyHours", {}).values() for one in day]
        times_in_order = all(_time(one, "startTime") < _time(one, "endTime") for one in hours)
        days_in_order = all(_day(one, "startDate") <= _day(one, "endDate") for one in _periods(window))
    except ValueError as error:
        raise invalid(f"{where}: {error}") from error
    if not times_in_order:
        raise invalid(f"{where}.openHours.dailyHours: endTime must be later than startTime")
    if not days_in_order:
        raise invalid(f"{where}.restrictedPeriods: endDate must not be earlier than startDate")


def _periods(window: Document) -> list[Document]:
    found: list[Document] = window.get("restrictedPeriods", {}).get("restrictedPeriodList", [])
    return found


def _day(period: Document, name: str) -> date:
    return date.fromisoformat(period[name])


def _time(hours: Document, name: str) -> time:
    return time.fromisoformat(hours[name].removeprefix("T"))


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        return False
    return True
