"""Many runs at once in the journeys of one plan."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.functional.journeys.conftest import LIVE_AFTER, Journeys
from tests.functional.journeys.test_journey_runs import lost, note, told
from tests.functional.journeys.theatre import Theatre
from tests.functional.runs.cloud import Cloud
from tests.functional.runs.plans import event

pytestmark = pytest.mark.many_runs


@pytest.mark.usefixtures("customers")
def test_101_events_one_after_the_other_are_101_runs(cloud: Cloud, journeys: Journeys) -> None:
    journeys.live(note())
    theatre = Theatre(cloud)
    for number in range(101):
        theatre.event(number * 30.0, event("note", f"note-{number}", number=number))

    theatre.play()

    assert Counter(theatre.ended.values()) == {"completed": 101}
    assert lost(journeys, theatre) == {}
    assert cloud.messages() == told(range(101))


@pytest.mark.usefixtures("customers")
def test_a_plan_is_replaced_while_events_come_every_second_and_runs_wait(cloud: Cloud, journeys: Journeys) -> None:
    journeys.live(note())
    theatre = Theatre(cloud)
    replaced_at = 5.5
    around_the_switch = int(replaced_at + LIVE_AFTER)
    seconds = [*range(12), *range(around_the_switch - 6, around_the_switch + 8)]
    for number, second in enumerate(seconds):
        theatre.event(float(second), event("note", f"note-{number}", number=number))
    theatre.at(replaced_at, lambda: journeys.deploy(note(text="Fresh {{event.number}}")) and None)
    for hour in range(1, 7):
        theatre.at(hour * 3600.0, lambda: journeys.deploy() and None)

    theatre.play()

    assert Counter(theatre.ended.values()) == {"completed": len(seconds)}
    assert lost(journeys, theatre) == {}
    heard = cloud.messages()
    first = next(number for number, _ in enumerate(seconds) if ("gold-mail", f"Fresh {number}") in heard)
    assert seconds[first] >= replaced_at + LIVE_AFTER, "a version lets nobody in before it is live"
    assert heard == told(range(first)) + told(range(first, len(seconds)), "Fresh")
    assert sorted(journeys.states().values()) == ["ACTIVE", "CANCELLED"]
