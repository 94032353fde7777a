"""Journeys with threads, and across a restart."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from typing import Any

from local_cloud.pinpoint import Neighbours, Pinpoint, Settings
from local_cloud.pinpoint.server import PinpointServer
from tests.local_cloud.aws import wait_for
from tests.local_cloud.pinpoint.conftest import client_of, new_app
from tests.local_cloud.pinpoint.journey_project import COMPANY, JourneyProject, custom, start, start_segment
from tests.local_cloud.pinpoint.project import EVERYBODY, LocalFunctions

FAST = Settings(put_events_rate=0, update_endpoint_rate=0, get_endpoint_rate=0, other_rate=0, time_factor=100_000)


def request(**members: Any) -> Any:
    return {
        "Name": "journey",
        "State": "ACTIVE",
        "StartActivity": "first",
        "StartCondition": start(),
        "Activities": {"first": custom("last"), "last": custom(function="quick")},
        "Limits": {"EndpointReentryCap": 0},
        **members,
    }


def test_events_and_calls_go_on_while_a_function_runs() -> None:
    functions, go_on = LocalFunctions(), threading.Event()
    functions.known = {
        "step": lambda event: "slow" in event["Endpoints"] and go_on.wait(timeout=120) and None,
        "quick": lambda _: None,
    }
    pinpoint = Pinpoint(settings=FAST, neighbours=Neighbours(functions))
    with PinpointServer(pinpoint=pinpoint) as server:
        app = new_app(client_of(server), server)
        for name in ("slow", "quick"):
            app.update(name, ChannelType="CUSTOM", Address=name)
        made = app.client.create_journey(ApplicationId=app.id, WriteJourneyRequest=request())
        journey = made["JourneyResponse"]["Id"]

        def view() -> dict[str, Any]:
            return next(one for one in pinpoint.journeys() if one["journey"]["Id"] == journey)

        def runs() -> bool:
            answer = app.client.get_journey_runs(ApplicationId=app.id, JourneyId=journey)
            return answer["JourneyRunsResponse"]["Item"][0]["Status"] == "RUNNING"

        wait_for("the journey to begin", runs)
        happened = {"1": {"EventType": "company", "Timestamp": "2026-03-04T05:06:07Z"}}
        app.put_events({"slow": {"Endpoint": {}, "Events": happened}})
        wait_for("the slow call", lambda: functions.calls)
        app.put_events({"quick": {"Endpoint": {}, "Events": happened}})
        wait_for("the quick one", lambda: view()["ended"] == 1)
        assert view()["standing"] == {"first": ["slow"]}
        go_on.set()
        wait_for("the slow one", lambda: view()["ended"] == 2)


def test_functions_are_called_for_several_batches_at_once() -> None:
    functions, together = LocalFunctions(), threading.Barrier(3)
    functions.known = {"step": lambda _: together.wait(timeout=120) and None, "quick": lambda _: None}
    pinpoint = Pinpoint(settings=FAST, neighbours=Neighbours(functions))
    pinpoint.configure({"function_concurrency": 3})
    with PinpointServer(pinpoint=pinpoint) as server:
        app = new_app(client_of(server), server)
        for number in range(120):
            app.update(f"e{number}", ChannelType="CUSTOM", Address=f"e{number}")
        segment: Any = {"Name": "s", "Dimensions": EVERYBODY}
        made = app.client.create_segment(ApplicationId=app.id, WriteSegmentRequest=segment)
        entry = start_segment(made["SegmentResponse"]["Id"])
        app.client.create_journey(ApplicationId=app.id, WriteJourneyRequest=request(StartCondition=entry))

        wait_for("everybody to be through", lambda: pinpoint.journeys()[0]["ended"] == 120)
    assert [len(event["Endpoints"]) for _, event, _ in functions.calls].count(50) == 4


def test_participants_go_on_after_a_restart(journeys: JourneyProject) -> None:
    journeys.member("ada")
    journey = journeys.journey(Limits={"EndpointReentryCap": 1})
    journeys.put("ada")

    journeys.pinpoint.restore(json.loads(json.dumps(journeys.pinpoint.snapshot())))
    journeys.put("ada")
    journeys.later(hours=1)
    journeys.put("ada")

    assert journeys.called() == [("first", ["ada"]), ("last", ["ada"])]
    assert journeys.metrics(journey)["ACTIVE_ENDPOINT_REJECTED"] == 1
    assert journeys.metrics(journey)["REENTRY_CAP_EXCEEDED"] == 1


def test_a_call_that_was_cut_off_is_not_made_again(journeys: JourneyProject) -> None:
    taken: list[dict[str, Any]] = []
    journeys.step(lambda _: taken.append(json.loads(json.dumps(journeys.pinpoint.snapshot()))))
    for name in ("ada", "bob"):
        journeys.member(name)
    waits = journeys.journey()
    journeys.put("ada")
    ends = journeys.journey(StartCondition=start("other"), Activities={"first": custom()})
    journeys.put("bob", "other")

    first, second = taken
    journeys.step(lambda _: None)
    journeys.pinpoint.restore(first)
    journeys.later()
    assert (journeys.called()[2:], journeys.view(waits)["standing"]) == ([], {"pause": ["ada"]})
    journeys.later(hours=1)
    assert journeys.called()[2:] == [("last", ["ada"])]
    journeys.pinpoint.restore(second)
    journeys.later()
    assert (journeys.view(ends)["ended"], journeys.view(ends)["standing"]) == (1, {})


def test_a_wait_that_was_over_is_over_after_a_restart(journeys: JourneyProject) -> None:
    journeys.member("ada")
    journeys.journey()
    journeys.put("ada")
    journeys.now += timedelta(hours=1)
    assert len(journeys.pinpoint.work.due()) == 1

    journeys.pinpoint.restore(journeys.pinpoint.snapshot())
    journeys.later()

    assert journeys.called() == [("first", ["ada"]), ("last", ["ada"])]


def test_a_segment_that_was_being_looked_at_is_looked_at_again(journeys: JourneyProject) -> None:
    journeys.member("ada", Attributes={"engagement_role": ["company"]})
    journey = journeys.write(StartCondition=start_segment(journeys.segment(Dimensions=COMPANY)))["Id"]
    journeys.now += timedelta(minutes=5)
    assert len(journeys.pinpoint.work.due()) == 1

    journeys.pinpoint.restore(journeys.pinpoint.snapshot())
    journeys.later()

    assert (journeys.called(), journeys.state(journey)) == ([("first", ["ada"])], "CLOSED")
