"""Runs whose steps a journey calls for: what they send, and what becomes of them if it does not."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tests.functional.functions import Context
from tests.functional.journeys.conftest import FUNCTION, Journeys
from tests.functional.journeys.theatre import Theatre
from tests.functional.runs.cloud import Cloud
from tests.functional.runs.plans import event, expected_messages, release, send, stop

TWO_TRIES = 600.0
"""How late segments may see a company endpoint, in seconds: until the event is sent for the second time."""


def journey_release(**changes: Any) -> dict[str, Any]:
    """The release, with a journey as its orchestrator."""
    return release() | {"orchestrator": "journey"} | changes


@pytest.mark.usefixtures("customers")
def test_a_journey_sends_what_the_state_machine_sends(cloud: Cloud, journeys: Journeys) -> None:
    journeys.live(journey_release())

    ended = cloud.run(event())

    assert ended["next"] == "completed"
    assert cloud.messages() == expected_messages()
    record = journeys.record(ended["run"])
    assert record.journey
    assert not record.lost
    assert not cloud.segments().keys() - {f"{cloud.table}-entry"}


def note(plan: str = "note", text: str = "News {{event.number}}") -> dict[str, Any]:
    """A plan that tells one audience, and tells it again after an hour."""
    again = {"id": "again", "send": [send("gold", "EMAIL", f"{text}, again")]}
    return {
        "event": plan,
        "orchestrator": "journey",
        "audiences": {"gold": {"where": {"user.plan": ["gold"]}}},
        "steps": [{"id": "tell", "send": [send("gold", "EMAIL", text)]}, {"id": "pause", "wait": "PT1H"}, again],
    }


def told(numbers: range, text: str = "News") -> Counter[tuple[str, str]]:
    """What the note's customer hears."""
    return Counter(("gold-mail", f"{text} {number}{when}") for number in numbers for when in ("", ", again"))


def lost(journeys: Journeys, theatre: Theatre) -> dict[str, str]:
    """Why runs went on without their journey."""
    return {run: reason for run in theatre.ended if (reason := journeys.record(run).lost)}


@pytest.mark.usefixtures("customers")
def test_a_second_event_during_the_wait_of_the_first_has_a_run_of_its_own(cloud: Cloud, journeys: Journeys) -> None:
    journeys.live(note())
    theatre = Theatre(cloud)
    for number in range(2):
        theatre.event(number * 1200.0, event("note", f"note-{number}", number=number))

    theatre.play()

    assert list(theatre.ended.values()) == ["completed"] * 2
    assert lost(journeys, theatre) == {}
    assert cloud.messages() == told(range(2))


@pytest.mark.usefixtures("customers")
@pytest.mark.parametrize("lag", [30.0, 90.0, 400.0, 2_000.0])
def test_company_endpoints_that_segments_see_late_cost_time_and_nothing_else(
    cloud: Cloud, journeys: Journeys, lag: float
) -> None:
    journeys.live(note())
    cloud.pass_time(lag)
    cloud.pinpoint.configure({"segment_lag_seconds": lag})

    ended = cloud.run(event("note", number=1))

    assert ended["next"] == "completed"
    assert cloud.messages() == told(range(1, 2))
    calls = len(cloud.functions.calls)
    # An event that comes too early is sent once more; whoever is never seen does without the journey.
    assert (calls, bool(journeys.record(ended["run"]).lost)) == ((2, False) if lag < TWO_TRIES else (0, True))


@pytest.mark.usefixtures("customers")
def test_a_journey_that_is_cancelled_during_the_wait_is_done_without(
    cloud: Cloud, journeys: Journeys, capsys: pytest.CaptureFixture[str]
) -> None:
    journeys.live(note())
    theatre = Theatre(cloud)
    theatre.event(0, event("note", number=1))
    theatre.at(1800, lambda: cancel(journeys))

    theatre.play()

    [run] = theatre.ended
    assert theatre.ended[run] == "completed"
    assert journeys.record(run).lost == "the journey did not call for step again"
    assert cloud.messages() == told(range(1, 2))
    assert '"JourneysLost":[1.0]' in capsys.readouterr().out.replace(" ", "")


@pytest.mark.usefixtures("customers")
def test_a_journey_that_calls_late_changes_nothing(cloud: Cloud, journeys: Journeys) -> None:
    journeys.live(note())
    cloud.functions.handlers[FUNCTION] = lambda _: {}
    ended = cloud.run(event("note", number=1))
    assert journeys.record(ended["run"]).lost == "the journey did not call for step tell"
    heard = cloud.messages()

    for call in cloud.functions.calls:
        journeys.function.handler(dict(call), Context())

    assert cloud.walk({**ended, "step": 0, "phase": "begin"})["next"] == "completed"
    assert cloud.messages() == heard == told(range(1, 2))


@pytest.mark.usefixtures("customers")
def test_events_wait_until_their_journey_is_made_and_none_is_lost(cloud: Cloud, journeys: Journeys) -> None:
    cloud.put_plan(note())
    theatre = Theatre(cloud)
    for number in range(3):
        theatre.event(number * 10.0, event("note", f"note-{number}", number=number))
    theatre.at(300, lambda: journeys.deploy() and None)

    theatre.play()

    assert list(theatre.ended.values()) == ["completed"] * 3
    assert lost(journeys, theatre) == {}
    assert cloud.messages() == told(range(3))


@pytest.mark.usefixtures("customers")
def test_a_plan_that_no_journey_can_carry_is_walked_by_the_state_machine_if_it_says_so(
    cloud: Cloud, journeys: Journeys
) -> None:
    plan = note() | {"otherwise": "state_machine"}
    plan["steps"][1]["wait"] = "PT10M"
    assert journeys.deploy(plan)["ok"]

    ended = cloud.run(event("note", number=1))

    assert (ended["next"], journeys.record(ended["run"]).journey) == ("completed", "")
    assert cloud.messages() == told(range(1, 2))
    assert journeys.states() == {}


@pytest.mark.usefixtures("customers")
def test_a_run_that_ends_however_leaves_no_company_endpoint(cloud: Cloud, journeys: Journeys) -> None:
    journeys.live(note())
    theatre = Theatre(cloud)
    theatre.event(0, event("note", "stopped", number=1))
    theatre.at(900, lambda: cloud.announce(stop(cloud.start_payload()["run"])) and None)
    theatre.event(1000, event("note", "completed", number=2))

    theatre.play()

    assert sorted(theatre.ended.values()) == ["completed", "stopped"]
    left = cloud.pinpoint.endpoints(cloud.application_id) or {}
    assert not [name for name in left if name.startswith("company-")]
    journeys.cloud.s3.delete_object(Bucket="plans", Key="defaults/note.json")
    journeys.deploy()
    cloud.pass_time(3600)
    journeys.deploy()
    assert journeys.active() == [], "nobody is in it any more"


@pytest.mark.usefixtures("customers")
def test_a_rehearsal_needs_no_journey(cloud: Cloud, journeys: Journeys) -> None:
    cloud.put_plan(note())

    cloud.announce(event("note", number=1, dry_run=True))

    assert len(cloud.executions()) == 1
    assert journeys.record(cloud.start_payload()["run"]).journey == ""


def cancel(journeys: Journeys) -> None:
    """Somebody cancels all journeys in the console."""
    for one in journeys.cloud.pinpoint.journeys():
        journeys.cloud._own.update_journey_state(
            ApplicationId=journeys.cloud.application_id,
            JourneyId=one["journey"]["Id"],
            JourneyStateRequest={"State": "CANCELLED"},
        )


@pytest.mark.usefixtures("customers")
def test_a_plan_that_begins_with_a_wait_enters_its_journey_afterwards(cloud: Cloud, journeys: Journeys) -> None:
    plan = note()
    journeys.live(plan | {"steps": [{"id": "first", "wait": "P1D"}, *plan["steps"]]})
    began = cloud.clock.time()

    ended = cloud.run(event("note", number=1))

    assert (ended["next"], journeys.record(ended["run"]).lost) == ("completed", "")
    assert cloud.messages() == told(range(1, 2))
    assert cloud.clock.time() - began < 2 * 86_400, "the journey does not wait once more"
