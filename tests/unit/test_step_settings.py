from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from engagement.domain.destinations import DestinationName
from engagement.domain.runs.records import Kind
from engagement.settings.runs import StepSettings
from tests.environment import PLAN_SETTINGS, STEP


def settings(sends_by: DestinationName, **changes: str) -> StepSettings:
    plans = {**json.loads(PLAN_SETTINGS), "sends_by": sends_by, "connect": {}}
    return StepSettings.parse({**STEP, "PLAN_SETTINGS": json.dumps(plans), **changes})


@pytest.mark.parametrize(
    ("sends_by", "given", "pinpoint", "connect"),
    [("pinpoint", "25", 25, 1), ("connect", "2", 2, 2)],
    ids=["Connect has runs left", "Connect has a higher quota"],
)
def test_a_rate_that_is_meant_for_another_destination_is_not_used_where_it_is_too_high(
    sends_by: DestinationName, given: str, pinpoint: float, connect: float
) -> None:
    read = settings(sends_by, CAMPAIGN_CREATES_PER_SECOND=given)

    assert read.rates("pinpoint") == {Kind.SEGMENT: 25, Kind.CAMPAIGN: pinpoint}
    assert read.rates("connect") == {Kind.SEGMENT: 5, Kind.CAMPAIGN: connect}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, ("pinpoint",)),
        ({"PROFILES_DOMAIN": "shop"}, ("pinpoint", "connect")),
        ({"PINPOINT_APPLICATION_ID": "", "PROFILES_DOMAIN": "shop"}, ("connect",)),
    ],
)
def test_stamps_go_wherever_there_is_a_destination(given: Mapping[str, str], expected: tuple[str, ...]) -> None:
    assert settings("pinpoint", **given).destinations == expected
