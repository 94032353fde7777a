"""The step function dies between any two AWS calls of a step that goes by what recipients did."""

from __future__ import annotations

import pytest

from tests.functional.interactions.recording import Recording, said
from tests.functional.interactions.test_steps import REMINDED, begun, early, reminded, reminding, steps

pytestmark = pytest.mark.many_runs


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_whenever_the_step_function_dies_the_reminder_goes_to_the_same_people_once(
    recorded: Recording, after: bool
) -> None:
    cloud = recorded.cloud
    for number in cloud.deaths.numbers(after=after):
        cloud.forget_what_was_made()
        payload = begun(recorded, reminding("PT10M"), event_id=str(number))
        campaign = recorded.campaign_of("announce")
        recorded.stream(*early(campaign), said("_email.open", "late-opener", campaign))
        waiting = cloud.invoke(payload)
        cloud.wait_until(waiting["until"])
        payload = cloud.invoke(waiting)
        cloud.deaths.order(number, after=after)

        assert cloud.walk(payload)["next"] == "completed", number
        # Whoever looks at the run lives on.
        cloud.deaths.forget()
        assert reminded(recorded) == REMINDED, number
        assert cloud.messages()["sleeper", "Reminder"] == 1, number
        assert steps(recorded)[2].heard.startswith("everything up to"), number
    assert number > 20, "a step that makes so few calls does not make what it should"
