"""Moments and durations as plans write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from engagement.domain.plans.model import Start
from engagement.domain.plans.moments import duration, instant, moment


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PT90M", timedelta(minutes=90)),
        ("P1W2DT3H4M5S", timedelta(days=9, hours=3, minutes=4, seconds=5)),
        ("P0D", timedelta(0)),
    ],
)
def test_durations(text: str, expected: timedelta) -> None:
    assert duration(text) == expected


@pytest.mark.parametrize("text", ["P1M", "P1Y", "1D", "P1.5D", "-P1D", "P\u0661D", "PT1H "])
def test_text_that_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match=text):
        duration(text)


def test_moments_are_in_utc() -> None:
    assert moment("2027-01-31T09:00Z") == datetime(2027, 1, 31, 9, tzinfo=UTC)
    assert instant(moment("2027-01-31T09:00Z")) == "2027-01-31T09:00:00Z"


@pytest.mark.parametrize("text", ["2027-02-29T00:00Z", "2027-01-01T24:01Z", "2027-01-01", "2027-01-01T00:00+01:00"])
def test_text_that_is_no_moment(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        moment(text)


def test_a_start_is_now_a_delay_or_a_moment() -> None:
    assert Start.parse("now") == Start(timedelta(0))
    assert Start.parse("PT2H") == Start(timedelta(hours=2))
    assert Start.parse("2027-01-31T09:00Z").moment == datetime(2027, 1, 31, 9, tzinfo=UTC)
