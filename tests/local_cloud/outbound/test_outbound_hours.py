"""Open hours and restricted periods, whatever the zone and the moment."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_cloud.outbound.hours import check_hours, is_open
from local_cloud.outbound.limits import is_reached_enough
from local_cloud.service.messages import ServiceError
from local_cloud.service.moments import iso_8601

DAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
zones = st.sampled_from(["UTC", "Europe/Berlin", "America/Los_Angeles", "Asia/Kolkata", "Pacific/Auckland"])
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 hypothesis adds the zone
minutes = st.times().map(lambda moment: moment.replace(second=0, microsecond=0))


def config(zone: str, **window: Any) -> dict[str, Any]:
    return {"localTimeZoneConfig": {"defaultTimeZone": zone}, "email": {"openHours": {}, **window}}


@given(zone=zones, moment=moments, start=minutes, end=minutes, day=st.sampled_from(DAYS))
def test_people_are_reached_only_within_the_hours_of_their_day(
    zone: str, moment: datetime, start: time, end: time, day: str
) -> None:
    hours = [{"startTime": f"T{start:%H:%M}", "endTime": f"T{end:%H:%M}"}]
    wanted = config(zone, openHours={"dailyHours": {day: hours}})
    local = moment.astimezone(ZoneInfo(zone))

    assert is_open(wanted, "email", moment) == (DAYS[local.weekday()] == day and start <= local.time() < end)
    assert is_open(wanted, "sms", moment)


@given(zone=zones, moment=moments, start=st.dates(date(2026, 1, 1), date(2026, 12, 31)), days=st.integers(0, 30))
def test_nobody_is_reached_in_a_restricted_period(zone: str, moment: datetime, start: date, days: int) -> None:
    period = {"startDate": start.isoformat(), "endDate": (start + timedelta(days)).isoformat()}
    wanted = config(zone, restrictedPeriods={"restrictedPeriodList": [period]})
    check_hours(wanted)

    local = moment.astimezone(ZoneInfo(zone)).date()
    assert is_open(wanted, "email", moment) == (not start <= local <= start + timedelta(days))


@pytest.mark.parametrize(
    "window",
    [
        {"openHours": {"dailyHours": {"MONDAY": [{"startTime": "T10:00", "endTime": "T10:00"}]}}},
        {"openHours": {"dailyHours": {"MONDAY": [{"startTime": "T25:00", "endTime": "T26:00"}]}}},
        {"restrictedPeriods": {"restrictedPeriodList": [{"startDate": "2026-01-02", "endDate": "2026-01-01"}]}},
        {"restrictedPeriods": {"restrictedPeriodList": [{"startDate": "2026-02-30", "endDate": "2026-03-01"}]}},
    ],
)
def test_hours_that_mean_nothing_are_refused(window: dict[str, Any]) -> None:
    with pytest.raises(ServiceError, match=r"communicationTimeConfig\.email"):
        check_hours(config("UTC", **window))


@given(
    ages=st.lists(st.integers(1, 40 * 24), max_size=8),
    most=st.integers(1, 5),
    days=st.integers(1, 30),
    factor=st.sampled_from([1.0, 24.0]),
)
def test_a_limit_counts_what_was_sent_within_its_days(ages: list[int], most: int, days: int, factor: float) -> None:
    limit = {"maxCountPerRecipient": most, "frequency": days, "unit": "DAY"}
    limits = {"allChannelSubtypes": {"communicationLimitsList": [limit]}}
    reached = [iso_8601(NOON - timedelta(hours=age)) for age in ages]
    enough = sum(age < days * 24 / factor for age in ages) >= most

    assert is_reached_enough(reached, limits, {}, NOON, factor) == enough
    assert is_reached_enough(reached, {}, limits, NOON, factor) == enough
    assert not is_reached_enough(reached, {"instanceLimitsHandling": "OPT_OUT"}, limits, NOON, factor)
