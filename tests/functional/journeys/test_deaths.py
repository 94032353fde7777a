"""The keeper of plans, and the step function on a run's way into its journey, die between any two AWS calls."""

from __future__ import annotations

import contextlib
from collections import Counter

import pytest

from tests.functional.journeys.conftest import LIVE_AFTER, Journeys
from tests.functional.journeys.test_journey_runs import journey_release, note
from tests.functional.runs.cloud import Cloud
from tests.functional.runs.deaths import Death
from tests.functional.runs.plans import event, put_customers

pytestmark = pytest.mark.many_runs


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_whenever_the_step_function_dies_its_journey_calls_and_everybody_hears_once(
    cloud: Cloud, journeys: Journeys, *, after: bool
) -> None:
    put_customers(cloud)
    plan = note()
    journeys.live(plan | {"steps": plan["steps"][:1]})
    announced = []
    for number in cloud.deaths.numbers(after=after):
        announced.append(number)
        cloud.announce(event("note", f"{after}-{number}", number=number))
        payload = cloud.start_payload()
        cloud.deaths.order(number, after=after)
        ended = cloud.walk(payload)
        cloud.deaths.forget()
        assert (ended["next"], journeys.record(ended["run"]).lost) == ("completed", ""), number
    assert number > 40, "a run that makes so few calls does not make what it should"
    assert cloud.messages() == Counter({("gold-mail", f"News {each}"): 1 for each in announced})


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_whenever_the_keeper_dies_the_next_look_leads_to_one_journey_for_each_plan(
    cloud: Cloud, journeys: Journeys, *, after: bool
) -> None:
    for number in cloud.deaths.numbers(after=after):
        plans = [note(f"note{number}"), journey_release(event=f"release{number}")]
        for plan in plans:
            cloud.put_plan(plan)
        cloud.deaths.order(number, after=after)
        with contextlib.suppress(Death):
            journeys.deploy()
        cloud.deaths.forget()
        journeys.deploy()
        cloud.pass_time(LIVE_AFTER)
        journeys.deploy()
        active = Counter(name.partition("-")[0] for name in journeys.active())
        assert active == {plan["event"]: 1 for plan in plans}, number
        for plan in plans:
            cloud.s3.delete_object(Bucket="plans", Key=f"defaults/{plan['event']}.json")
        for _ in range(3):
            journeys.deploy()
            cloud.pass_time(3600)
        assert journeys.active() == [], number
    assert number > 15, "a keeper that makes so few calls does not make what it should"
