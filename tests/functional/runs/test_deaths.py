"""The step function dies before and after each of its AWS calls in turn, and is called again, twice at once.

Listings lag 30 seconds behind all the time.
"""

from __future__ import annotations

import pytest

from tests.functional.runs.cloud import Cloud
from tests.functional.runs.kills import CAMPAIGNS, killed_at_every_call
from tests.functional.runs.plans import expected_messages


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_whenever_the_step_function_dies_exactly_what_is_planned_is_made_and_nobody_hears_twice(
    cloud: Cloud, after: bool
) -> None:
    cloud.faults.put(
        [{"target": f"pinpoint.Get{kind}s", "kind": "lag", "seconds": 30} for kind in ("Campaign", "Segment")]
    )
    for killed in killed_at_every_call(cloud, after=after):
        assert killed.ended == "completed", killed.number
        assert killed.messages == expected_messages(), killed.number
        assert len(killed.campaigns) == killed.campaigns.total() == CAMPAIGNS, killed.number
        assert not killed.segments, killed.number
    assert killed.number > 80, "a run that makes so few calls does not make what it should"
