"""The step function dies before and after each of its AWS calls in turn, and is called again, twice at once.

Listings lag 30 seconds behind all the time.
"""

from __future__ import annotations

import itertools
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.functional.runs.cloud import Cloud, Payload
from tests.functional.runs.deaths import Death
from tests.functional.runs.plans import event, expected_messages, put_customers, release


def delivered(cloud: Cloud, payload: Payload) -> Payload:
    """One delivery as long as all is well, two at the same time after a death."""
    return twice_at_once(cloud, payload) if cloud.deaths.died else cloud.advance(payload)


def twice_at_once(cloud: Cloud, payload: Payload) -> Payload:
    """Two deliveries of one payload at the same time; the answer of the one that got further."""

    def invoke() -> Payload | None:
        try:
            return cloud.advance(payload)
        except Death:
            return None

    with ThreadPoolExecutor(2) as pool:
        answers = [answer.result() for answer in [pool.submit(invoke), pool.submit(invoke)]]
    alive = [answer for answer in answers if answer is not None]
    if not alive:
        raise Death
    return max(alive, key=lambda answer: (answer["step"], answer["phase"] != payload["phase"]))


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_whenever_the_step_function_dies_exactly_what_is_planned_is_made_and_nobody_hears_twice(
    cloud: Cloud, after: bool
) -> None:
    cloud.faults.put(
        [{"target": f"pinpoint.Get{kind}s", "kind": "lag", "seconds": 30} for kind in ("Campaign", "Segment")]
    )
    put_customers(cloud)
    cloud.put_plan(release())
    for number in itertools.count():
        cloud.forget_what_was_made()
        cloud.announce(event(event_id=f"{after}-{number}"))
        payload = cloud.start_payload()
        cloud.deaths.order(number, after=after)

        answer = cloud.walk(payload, lambda payload: delivered(cloud, payload))

        assert answer["next"] == "completed", number
        assert cloud.messages() == expected_messages(), number
        names = Counter(campaign["name"] for campaign in cloud.campaigns())
        assert len(names) == 12, number
        assert set(names.values()) == {1}, number
        assert not cloud.segments(), number
        if not cloud.deaths.died:
            break
    assert number > 80, "a run that makes so few calls does not make what it should"
