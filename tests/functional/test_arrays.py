from __future__ import annotations

import json

import pytest

from engagement.domain.message import Message
from tests import gateway
from tests.emf import totals
from tests.functional.conftest import Consumer, each_destination

pytestmark = each_destination

COLUMNS = ("EventsSent", "EventsDeduplicated", "EventsRejected", "EventsRequeued", "EventsReturned")


def array(size: int, **parameters: str) -> list[dict[str, str]]:
    return [{"event": "page.view", "endpoint_id": "e-1", "evat_n": str(n)} | parameters for n in range(size)]


def books(output: str) -> dict[str, int]:
    sums = totals(output)
    assert sums["EventsReceived"] == sum(sums[name] for name in COLUMNS)
    return {name: sums[name] for name in COLUMNS if sums[name]}


def test_an_array_of_a_hundred_events_for_one_endpoint_arrives_as_a_hundred(
    consumer: Consumer, capsys: pytest.CaptureFixture[str]
) -> None:
    returned = consumer.receive(gateway.post(array(100)))

    assert returned == set()
    assert sorted(event.attributes["n"] for event in consumer.events()) == sorted(map(str, range(100)))
    assert len({event.event_id for event in consumer.events()}) == 100
    assert books(capsys.readouterr().out) == {"EventsSent": 100}


def test_of_a_partly_done_array_only_the_open_event_comes_back(
    consumer: Consumer, capsys: pytest.CaptureFixture[str]
) -> None:
    # GIVEN one event that the service cannot take in this invocation
    open_id = f"{gateway.REQUEST_ID}-7"
    consumer.fail("item", event_id=open_id, status=500, times=None)

    # WHEN
    returned = consumer.receive(gateway.post(array(10)))

    # THEN the message is acknowledged, and a message with that event alone is in its place
    assert returned == set()
    assert books(capsys.readouterr().out) == {"EventsSent": 9, "EventsRequeued": 1}
    consumer.faults.clear()
    capsys.readouterr()
    assert consumer.receive_until_empty() == set()

    # AND in the end each event has arrived once, under the id that it always had
    ids = [event.event_id for event in consumer.events()]
    assert sorted(ids) == sorted(f"{gateway.REQUEST_ID}-{n}" for n in range(10))
    assert books(capsys.readouterr().out) == {"EventsSent": 1}


def test_an_array_with_nothing_done_is_returned_as_it_is(
    consumer: Consumer, capsys: pytest.CaptureFixture[str]
) -> None:
    consumer.fail("error", times=None)

    assert len(consumer.receive(gateway.post(array(10)))) == 1
    assert books(capsys.readouterr().out) == {"EventsReturned": 10}


def test_a_refused_event_of_an_array_goes_alone(consumer: Consumer, capsys: pytest.CaptureFixture[str]) -> None:
    bad = {"event": "undefined", "endpoint_id": "e-1"}

    assert consumer.receive(gateway.post([*array(2), bad])) == set()

    ((reason, body),) = consumer.rejects()
    assert reason == "missing_event"
    assert [dict(call.parameters) for call in Message.parse(body, 1).calls] == [bad]
    assert books(capsys.readouterr().out) == {"EventsSent": 2, "EventsRejected": 1}


def test_events_that_used_up_their_receives_go_to_the_dead_letter_queue(consumer: Consumer) -> None:
    # GIVEN open events that two receives have been spent on, and three are allowed
    consumer.fail("item", event_id="*-1", status=500, times=None)
    message = Message.parse(gateway.post(array(2)), 2)
    worn = message.only({0: "absent", 1: "absent"}, attempt=2).text()

    assert consumer.receive(worn) == set()

    (dead,) = consumer.texts(consumer.dlq_url)
    message = Message.parse(dead, 2)
    assert [call.index for call in message.calls] == [1]
    assert message.attempt == 0, "a redrive gives it its receives anew"


def test_events_that_cannot_be_put_back_keep_their_message(
    consumer: Consumer, capsys: pytest.CaptureFixture[str]
) -> None:
    # GIVEN an ingest queue that takes no message of this size any more
    consumer.fail("item", event_id="*-1", status=500, times=None)
    body = gateway.post(array(2, evat_long="x" * 2_000))
    consumer.sqs.send_message(QueueUrl=consumer.ingest_url, MessageBody=body)
    consumer.sqs.set_queue_attributes(QueueUrl=consumer.ingest_url, Attributes={"MaximumMessageSize": "1024"})

    assert len(consumer.receive()) == 1
    assert books(capsys.readouterr().out) == {"EventsSent": 1, "EventsReturned": 1}


@pytest.mark.environment(GLOBAL_PRIVACY_CONTROL="drop")
def test_what_a_browser_asked_to_forget_is_counted_and_kept_nowhere(
    consumer: Consumer, capsys: pytest.CaptureFixture[str]
) -> None:
    consumer.receive(gateway.body({"event": "page.view", "endpoint_id": "e-1"}, privacy="1"))

    output = capsys.readouterr().out
    assert books(output) == {"EventsRejected": 1}
    assert totals(output)["EventsRejected/privacy_signal"] == 1
    assert consumer.rejects() == []
    assert consumer.events() == []


def test_a_message_with_too_many_events_is_kept_whole(consumer: Consumer) -> None:
    body = gateway.post(array(101), "text")

    consumer.receive(body)

    ((reason, kept),) = consumer.rejects()
    assert (reason, json.loads(kept)) == ("too_many_events", json.loads(body))
