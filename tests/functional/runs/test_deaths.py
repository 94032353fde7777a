"""The step function dies between any two of its AWS calls in turn, and is called again, twice at once.

Listings lag 30 seconds behind all the time.
"""

from __future__ import annotations

import pytest

from tests.functional.runs.cloud import Cloud
from tests.functional.runs.connect_cloud import ConnectCloud
from tests.functional.runs.kills import killed_at_every_call
from tests.functional.runs.plans import AUDIENCES

pytestmark = pytest.mark.many_runs


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_whenever_the_step_function_dies_exactly_what_is_planned_is_made_and_nobody_hears_twice(
    either: Cloud, after: bool
) -> None:
    # What is made by Connect has to be started and removed too, each with calls of its own.
    audiences = AUDIENCES[:1] if isinstance(either, ConnectCloud) else AUDIENCES
    either.lag(30)
    for killed in killed_at_every_call(either, after=after, audiences=audiences):
        assert killed.as_planned(), killed
        assert not either.waiting(), killed.number
    assert killed.number > 80, "a run that makes so few calls does not make what it should"
