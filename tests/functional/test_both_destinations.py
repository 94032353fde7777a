from __future__ import annotations

from typing import Any

import pytest

from engagement.adapters import clients
from engagement.domain import outlets
from engagement.domain.message import Message
from tests import gateway
from tests.emf import totals
from tests.environment import CONNECT, PIXEL
from tests.functional.conftest import Consumer
from tests.functional.functions import credentials, load
from tests.functional.test_pixel import CALL, call

both = pytest.mark.parametrize("destinations", [("pinpoint", "connect")], ids=str, indirect=True)
COLUMNS = ("EventsSent", "EventsDeduplicated", "EventsRejected", "EventsRequeued", "EventsReturned")
NUMBERS = range(25)
IDS = [f"request-{number}=" for number in NUMBERS]


@pytest.fixture(autouse=True)
def short_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is put back comes after a second here; on AWS both are half a minute."""
    monkeypatch.setattr(outlets, "REST_SECONDS", 0.5)


def calls() -> list[str]:
    return [call(number) for number in NUMBERS]


@both
def test_both_get_everything_once(consumer: Consumer, capsys: pytest.CaptureFixture[str]) -> None:
    # WHEN
    returned = consumer.receive(*calls(), call(0), gateway.body(CALL | {"event": "undefined"}))

    # THEN
    assert returned == set()
    pinpoint, connect = (
        sorted(there.events(), key=lambda event: event.event_id) for there in consumer.destinations.values()
    )
    assert pinpoint == connect
    assert [event.event_id for event in pinpoint] == sorted(IDS)

    # AND the books are kept for each, and for both together
    sums = totals(capsys.readouterr().out)
    for name in ("@pinpoint", "@connect"):
        assert sums[f"EventsReceived{name}"] == 27 == sum(sums[f"{column}{name}"] for column in COLUMNS)
        assert (sums[f"EventsSent{name}"], sums[f"EventsDeduplicated{name}"], sums[f"EventsRejected{name}"]) == (
            25,
            1,
            1,
        )
    assert sums["EventsReceived"] == 54
    assert (sums["PutEventsRequests"], sums["PutObjectsRequests"]) == (1, 3)
    assert sums["EventsRejected/missing_event"] == 2
    assert len(consumer.rejects()) == 1


@both
@pytest.mark.parametrize("dead", ["pinpoint", "connect"])
@pytest.mark.parametrize(
    ("kind", "options"),
    [("error", {}), ("throttle", {}), ("cut", {}), ("item", {"event_id": "*", "status": 500})],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_one_that_is_dead_neither_stops_nor_repeats_the_other(
    consumer: Consumer, dead: str, kind: str, options: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    # GIVEN
    bad = consumer.destinations[dead]
    (good,) = (there for name, there in consumer.destinations.items() if name != dead)
    consumer.faults.put([bad.fault(kind, times=None, **options)])
    array = gateway.post([{"event": "page.view", "endpoint_id": "a", "event_id": f"a-{n}"} for n in range(3)])
    everything = sorted([*IDS, "a-0", "a-1", "a-2"])

    # WHEN
    returned = consumer.receive(*calls(), array)

    # THEN nothing is returned whole, since the other one has it
    assert returned == set()
    assert sorted(good.asked()) == everything
    sums = totals(capsys.readouterr().out)
    assert {column: sums[f"{column}@{dead}"] for column in COLUMNS if sums[f"{column}@{dead}"]} == {
        "EventsRequeued": len(everything)
    }
    assert bad.events() == []

    # AND when it is well again it gets what it has not, and the other nothing any more
    consumer.faults.clear()
    assert consumer.receive_until_empty() == set()
    assert sorted(event.event_id for event in bad.events()) == everything
    assert sorted(good.asked()) == everything


@both
def test_what_waits_for_one_names_it_in_the_queue_and_stays_there_while_it_is_down(consumer: Consumer) -> None:
    connect = consumer.destinations["connect"]
    connect.vanish()
    consumer.receive(call(1))

    (waiting,) = consumer.wait_for(1)
    (one,) = Message.parse(waiting, 1).calls
    assert one.destinations == ("connect",)

    # WHEN it comes again, and nothing of it can be done
    assert len(consumer.receive(waiting)) == 1
    assert consumer.destinations["pinpoint"].asked() == ["request-1="]
    assert consumer.texts(consumer.dlq_url) == []


@both
def test_what_one_refuses_is_rejected_for_it_alone_and_a_replay_goes_there_alone(consumer: Consumer) -> None:
    # GIVEN
    pinpoint, connect = consumer.destinations.values()
    consumer.faults.put([connect.fault("item", event_id="request-2=", status=400, times=1)])

    # WHEN
    assert consumer.receive(*calls()) == set()

    # THEN
    (reject,) = consumer.drain(consumer.rejects_url)
    said = {name: value["StringValue"] for name, value in reject["MessageAttributes"].items()}
    assert said == {
        "reason": "refused_by_destination",
        "detail": "connect refuses this event",
        "destination": "connect",
    }
    assert sorted(pinpoint.asked()) == sorted(IDS)

    # WHEN it is replayed
    assert consumer.receive(reject["Body"]) == set()

    # THEN
    assert sorted(event.event_id for event in connect.events()) == sorted(IDS)
    assert sorted(pinpoint.asked()) == sorted(IDS)


@both
def test_a_reject_that_cannot_be_written_comes_back_for_that_one(consumer: Consumer) -> None:
    pinpoint, connect = consumer.destinations.values()
    consumer.faults.put([pinpoint.fault("item", event_id="request-2=", status=400, times=None)])
    consumer.sqs.delete_queue(QueueUrl=consumer.rejects_url)

    assert consumer.receive(*calls()) == set()

    (waiting,) = consumer.wait_for(1)
    assert Message.parse(waiting, 1).calls[0].destinations == ("pinpoint",)
    assert sorted(connect.asked()) == sorted(IDS)


@pytest.mark.parametrize(
    ("variables", "other"), [({}, "customer_profiles"), (CONNECT, "pinpoint")], ids=["pinpoint", "connect"]
)
def test_a_destination_that_is_none_costs_no_client(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], other: str
) -> None:
    def refuse() -> None:
        raise AssertionError(f"a client of {other} is made")

    credentials(monkeypatch)
    monkeypatch.setattr(clients, other, refuse)
    environment = PIXEL | variables | {"POWERTOOLS_SERVICE_NAME": "pixel", "POWERTOOLS_METRICS_NAMESPACE": "Test"}

    module = load(monkeypatch, "engagement.handlers.pixel", environment)

    assert len(module.OUTLETS) == 1
