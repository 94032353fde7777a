"""Each kind of fault, as a client sees it."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError

from local_cloud.faults import Faults
from local_cloud.pinpoint import Pinpoint, Request
from local_cloud.pinpoint.server import PinpointServer
from tests.local_cloud.aws import wait_for
from tests.local_cloud.pinpoint.conftest import App, batch_of, client_of, event, new_app, status_of

BATCH = {
    "ada": {"Endpoint": {"Attributes": {"a": ["1"]}}, "Events": {"a1": event(), "a2": event(EventType="buy")}},
    "bob": {"Endpoint": {"Attributes": {"a": ["1"]}}, "Events": {"b1": event()}},
}


def inject(app: App, *rules: dict[str, Any]) -> None:
    app.server.pinpoint.faults.put([{"target": "pinpoint.PutEvents", **rule} for rule in rules])


def endpoints(app: App) -> set[str]:
    return set(app.server.pinpoint.endpoints(app.id) or {})


def codes(results: dict[str, Any]) -> dict[str, int]:
    """Status of every part by its id."""
    found = {name: item["EndpointItemResponse"]["StatusCode"] for name, item in results.items()}
    for item in results.values():
        found |= {name: one["StatusCode"] for name, one in item["EventsItemResponse"].items()}
    return found


def test_throttle_answers_429_without_effect_as_often_as_asked(app: App) -> None:
    inject(app, {"kind": "throttle", "times": 2})

    for _ in range(2):
        assert status_of(lambda: app.put_events(BATCH)) == (429, "TooManyRequestsException")
    assert endpoints(app) == set()
    assert codes(app.put_events(BATCH)) == dict.fromkeys(["ada", "bob", "a1", "a2", "b1"], 202)
    assert [(call["status"], call["processed"], call["fault"]) for call in app.journal()] == [
        (429, False, "throttle"),
        (429, False, "throttle"),
        (202, True, None),
    ]


@pytest.mark.parametrize(
    ("status", "name"),
    [(500, "InternalServerErrorException"), (403, "ForbiddenException"), (503, "ServiceUnavailable")],
)
@pytest.mark.parametrize("processed", [False, True])
def test_error_fails_the_call_before_or_after_it_took_effect(
    app: App, status: int, name: str, *, processed: bool
) -> None:
    inject(app, {"kind": "error", "status": status, "processed": processed, "times": 1})

    assert status_of(lambda: app.put_events(BATCH)) == (status, name)

    assert endpoints(app) == ({"ada", "bob"} if processed else set())
    call = app.journal()[-1]
    assert (call["status"], call["processed"], call["fault"]) == (status, processed, "error")
    assert ("Results" in call["response"]) is processed


def test_item_fails_the_events_that_match_and_no_others(app: App) -> None:
    inject(app, {"kind": "item", "status": 429, "match": {"endpoint_id": "a*", "event_type": "b*"}})

    assert codes(app.put_events(BATCH)) == {"ada": 202, "bob": 202, "a1": 202, "a2": 429, "b1": 202}


def test_item_fails_an_endpoint_and_keeps_its_events(app: App) -> None:
    inject(app, {"kind": "item", "status": 500, "part": "endpoint", "match": {"event_id": "a1"}, "times": 1})

    assert codes(app.put_events(BATCH)) == {"ada": 500, "bob": 202, "a1": 202, "a2": 202, "b1": 202}
    assert endpoints(app) == {"bob"}
    assert codes(app.put_events(BATCH))["ada"] == 202


def test_item_rules_for_both_parts_count_their_own_items(app: App) -> None:
    inject(
        app,
        {"kind": "item", "status": 400, "times": 1},
        {"kind": "item", "status": 429, "times": 1},
        {"kind": "item", "status": 500, "part": "endpoint", "times": 1},
    )

    assert codes(app.put_events(BATCH)) == {"ada": 500, "bob": 202, "a1": 400, "a2": 429, "b1": 202}


def test_item_matches_an_application(app: App) -> None:
    inject(app, {"kind": "item", "match": {"application_id": app.id}})
    other = new_app(app.client, app.server)

    assert codes(app.put_events(BATCH))["b1"] == 500
    assert codes(other.put_events(BATCH))["b1"] == 202


def test_reject_call_refuses_a_whole_request_for_one_item(app: App) -> None:
    inject(app, {"kind": "reject_call", "match": {"event_id": "b1"}})

    assert status_of(lambda: app.put_events(BATCH)) == (400, "BadRequestException")
    assert endpoints(app) == set()
    assert codes(app.put_events({"ada": BATCH["ada"]})) == {"ada": 202, "a1": 202, "a2": 202}


def test_slow_delays_the_answer_and_combines_with_another_fault(app: App) -> None:
    inject(app, {"kind": "slow", "seconds": 0.3, "times": 1}, {"kind": "throttle", "times": 1})

    start = time.monotonic()
    assert status_of(lambda: app.put_events(BATCH))[0] == 429
    assert time.monotonic() - start >= 0.3
    app.put_events(BATCH)
    assert app.journal()[-1]["fault"] is None


def test_slow_is_a_timeout_for_an_impatient_client_but_took_effect(app: App) -> None:
    inject(app, {"kind": "slow", "seconds": 30, "times": 1})
    impatient = client_of(app.server, read_timeout=0.2)

    with pytest.raises(ReadTimeoutError):
        impatient.put_events(ApplicationId=app.id, EventsRequest={"BatchItem": BATCH})  # type: ignore[dict-item]

    wait_for("the call", app.journal)
    assert endpoints(app) == {"ada", "bob"}


@pytest.mark.parametrize("processed", [False, True])
def test_cut_closes_the_connection_without_an_answer(app: App, *, processed: bool) -> None:
    inject(app, {"kind": "cut", "processed": processed, "times": 1})

    with pytest.raises(ConnectionClosedError):
        app.put_events(BATCH)

    assert endpoints(app) == ({"ada", "bob"} if processed else set())
    call = app.journal()[-1]
    assert (call["status"], call["processed"], call["fault"]) == (0, processed, "cut")
    assert call["request"] == {"BatchItem": BATCH}
    assert (call["response"] is not None) is processed
    assert codes(app.put_events(BATCH))["ada"] == 202


@pytest.mark.parametrize("processed", [False, True])
def test_hang_is_a_timeout_for_the_client(app: App, *, processed: bool) -> None:
    inject(app, {"kind": "hang", "seconds": 30, "processed": processed, "times": 1})
    impatient = client_of(app.server, read_timeout=0.2)

    with pytest.raises(ReadTimeoutError):
        impatient.put_events(ApplicationId=app.id, EventsRequest={"BatchItem": BATCH})  # type: ignore[dict-item]

    wait_for("the call", app.journal)
    assert endpoints(app) == ({"ada", "bob"} if processed else set())
    assert app.put_events(BATCH)


def test_hang_ends_with_a_closed_connection_for_a_patient_client(app: App) -> None:
    inject(app, {"kind": "hang", "seconds": 0.2, "times": 1})

    start = time.monotonic()
    with pytest.raises(ConnectionClosedError):
        app.put_events(BATCH)
    assert time.monotonic() - start >= 0.2


def test_the_sdk_tries_a_cut_call_again_so_that_it_takes_effect_twice(app: App) -> None:
    inject(app, {"kind": "cut", "processed": True, "times": 1})
    stubborn = client_of(app.server, retries={"mode": "standard", "total_max_attempts": 2})

    stubborn.put_events(ApplicationId=app.id, EventsRequest={"BatchItem": BATCH})  # type: ignore[dict-item]

    assert [call["processed"] for call in app.journal()] == [True, True]


def test_other_operations_are_not_affected(app: App) -> None:
    inject(app, {"kind": "throttle"}, {"kind": "cut"}, {"kind": "slow", "seconds": 9})

    app.update("ada", Attributes={"a": ["1"]})

    assert app.get("ada")["Attributes"] == {"a": ["1"]}


def test_a_stopping_server_does_not_wait_for_the_silence_it_keeps() -> None:
    faults = Faults([{"target": "pinpoint.PutEvents", "kind": "hang", "seconds": 3600}])
    failures: list[Exception] = []
    with PinpointServer(Pinpoint(faults=faults)) as server:
        app = new_app(client_of(server), server)

        def call() -> None:
            try:
                app.put_events(batch_of(1))
            except ConnectionClosedError as error:
                failures.append(error)

        thread = threading.Thread(target=call)
        thread.start()
        while not app.journal():
            time.sleep(0.01)
        start = time.monotonic()
    thread.join()

    assert time.monotonic() - start < 300
    assert len(failures) == 1


def test_the_emulator_itself_never_waits() -> None:
    faults = Faults(
        [
            {"target": "pinpoint.PutEvents", "kind": "slow", "seconds": 100},
            {"target": "pinpoint.PutEvents", "kind": "hang", "seconds": 50},
        ]
    )

    answer = Pinpoint(faults=faults).handle(Request("POST", "/v1/apps/a/events"))

    assert (answer.connection, answer.delay_seconds, answer.status, answer.body) == ("hang", 150, 0, b"")
