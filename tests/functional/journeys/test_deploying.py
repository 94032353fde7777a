"""Journeys follow plans: whatever is refused, cancelled by hand, or cut off is mended, and said."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.functional.functions import Context
from tests.functional.journeys.conftest import LIVE_AFTER, Journeys
from tests.functional.journeys.test_journey_runs import cancel, journey_release, note, told
from tests.functional.journeys.theatre import Theatre
from tests.functional.runs.cloud import Cloud
from tests.functional.runs.plans import event, put_customers

DAY = 86_400.0


def metric(text: str, name: str) -> bool:
    """Whether a metric above 0 was written."""
    return f'"{name}":[1.0]' in text.replace(" ", "")


def test_a_journey_has_the_shape_of_its_plan(cloud: Cloud, journeys: Journeys) -> None:
    journeys.live(journey_release())

    [one] = cloud.pinpoint.journeys()
    shape = one["journey"]
    assert shape["State"] == "ACTIVE"
    assert {name: sorted(activity) for name, activity in shape["Activities"].items()} == {
        "step001": ["CUSTOM", "Description"],
        "step002": ["Description", "Wait"],
        "step003": ["CUSTOM", "Description"],
    }
    assert shape["Activities"]["step002"]["Wait"]["WaitTime"] == {"WaitFor": "P2D"}
    assert [shape["Activities"][name]["Description"] for name in sorted(shape["Activities"])] == [
        "announce",
        "pause",
        "remind",
    ]


def test_looking_again_changes_nothing(cloud: Cloud, journeys: Journeys) -> None:
    journeys.live(note())
    before = len(cloud.created("CreateJourney")), journeys.states()

    for _ in range(3):
        assert journeys.deploy(note()) == {"ok": True, "errors": []}
        cloud.pass_time(3600)

    assert (len(cloud.created("CreateJourney")), journeys.states()) == before


def test_a_journey_that_was_cancelled_by_hand_is_made_again_and_said(
    cloud: Cloud, journeys: Journeys, capsys: pytest.CaptureFixture[str]
) -> None:
    put_customers(cloud)
    journeys.live(note())
    cancel(journeys)
    capsys.readouterr()

    assert journeys.deploy() == {"ok": True, "errors": []}

    assert metric(capsys.readouterr().out, "JourneysMended")
    assert sorted(journeys.states().values()) == ["ACTIVE", "CANCELLED"]
    theatre = Theatre(cloud)
    theatre.event(1, event("note", number=1))
    theatre.play()
    assert cloud.messages() == told(range(1, 2))
    [run] = theatre.ended
    assert not journeys.record(run).lost


def test_a_start_that_is_refused_is_said_and_made_up_for_and_events_go_the_earlier_way(
    cloud: Cloud, journeys: Journeys, capsys: pytest.CaptureFixture[str]
) -> None:
    put_customers(cloud)
    journeys.live(note())
    cloud.pinpoint.configure({"active_event_journeys": 1})

    answer = journeys.deploy(note(text="Fresh {{event.number}}"))

    assert not answer["ok"]
    assert answer["errors"][0].startswith("note.json $.orchestrator: ")
    assert metric(capsys.readouterr().out, "JourneysRefused")
    cloud.run(event("note", "first", number=1))
    cloud.pinpoint.configure({"active_event_journeys": 20})
    assert journeys.deploy() == {"ok": True, "errors": []}
    cloud.pass_time(LIVE_AFTER)
    cloud.run(event("note", "second", number=2))
    assert cloud.messages() == told(range(1, 2)) + told(range(2, 3), "Fresh")


def test_a_refused_journey_is_no_matter_if_the_plan_allows_the_state_machine(cloud: Cloud, journeys: Journeys) -> None:
    put_customers(cloud)
    cloud.pinpoint.configure({"active_event_journeys": 0})

    assert not journeys.deploy(note() | {"otherwise": "state_machine"})["ok"]

    ended = cloud.run(event("note", number=1))
    assert (ended["next"], journeys.record(ended["run"]).journey) == ("completed", "")
    assert cloud.messages() == told(range(1, 2))


def test_throttled_calls_are_left_to_the_next_look(cloud: Cloud, journeys: Journeys) -> None:
    cloud.faults.put([{"target": "pinpoint.CreateJourney", "kind": "throttle"}])
    assert journeys.deploy(note()) == {"ok": True, "errors": []}
    assert journeys.states() == {}

    cloud.faults.put([])
    cloud.pass_time(3600)
    journeys.deploy()

    assert list(journeys.states().values()) == ["ACTIVE"]


def test_a_journey_is_renewed_before_it_is_too_old(cloud: Cloud, journeys: Journeys) -> None:
    journeys.live(note())
    for _ in range(2):
        cloud.pass_time(499 * DAY / 2)
        journeys.deploy()
    assert len(journeys.active()) == 1

    cloud.pass_time(2 * DAY)
    journeys.deploy()

    assert len(journeys.active()) == 2, "both, until the new one is live and the old one empty"
    for _ in range(3):
        cloud.pass_time(3600)
        journeys.deploy()
    assert len(journeys.active()) == 1


def test_at_destroy_what_was_made_for_plans_goes_and_nothing_else(cloud: Cloud, journeys: Journeys) -> None:
    journeys.live(note())
    journeys.deploy(note(text="Fresh {{event.number}}"))
    drawn = cloud._own.create_journey(
        ApplicationId=cloud.application_id, WriteJourneyRequest={"Name": "drawn", "State": "DRAFT"}
    )
    cloud._own.create_segment(ApplicationId=cloud.application_id, WriteSegmentRequest={"Name": "own", "Dimensions": {}})

    assert journeys.keeper.handler(delete(), Context()) == {"ok": True, "errors": []}

    assert list(journeys.states()) == ["drawn"]
    assert journeys.deploy() == {"ok": True, "errors": []}, "events of the bucket still come"
    assert list(journeys.states()) == ["drawn"]
    assert drawn["JourneyResponse"]["State"] == "DRAFT"
    assert list(cloud.segments()) == ["own"]


def test_destroy_refuses_while_runs_are_under_way_unless_told(cloud: Cloud, journeys: Journeys) -> None:
    put_customers(cloud)
    journeys.live(note())
    cloud.announce(event("note", number=1))
    run = cloud.start_payload()["run"]

    with pytest.raises(journeys.keeper.RunsUnderWayError, match=f"run {run} is under way.*force_destroy"):
        journeys.keeper.handler(delete(), Context())
    assert len(journeys.active()) == 1

    assert journeys.keeper.handler(delete(force=True), Context())["ok"]
    assert journeys.states() == {}


def delete(**values: Any) -> dict[str, Any]:
    """What Terraform sends when the invocation is destroyed."""
    return {"deploy": [], "tf": {"action": "delete", "prev_input": {}}, **values}


def test_two_calls_at_once_make_one_journey(cloud: Cloud, journeys: Journeys) -> None:
    cloud.put_plan(note())

    with ThreadPoolExecutor(2) as pool:
        answers = [answer.result() for answer in [pool.submit(journeys.deploy) for _ in range(2)]]

    assert answers == [{"ok": True, "errors": []}] * 2
    assert list(journeys.states().values()) == ["ACTIVE"]


def test_after_a_destroy_an_apply_makes_journeys_again(cloud: Cloud, journeys: Journeys) -> None:
    journeys.live(note())
    journeys.keeper.handler(delete(), Context())
    cloud.pass_time(3600)

    assert journeys.keeper.handler({"deploy": ["note"]}, Context()) == {"ok": True, "errors": []}

    assert list(journeys.states().values()) == ["ACTIVE"]
