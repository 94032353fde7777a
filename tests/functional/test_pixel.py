from __future__ import annotations

import json
from typing import Any

import pytest

from engagement.domain.message import Message
from tests import gateway
from tests.emf import documents, totals
from tests.functional.conftest import Consumer, each_destination
from tests.functional.destinations import Arrived

pytestmark = each_destination

CALL = {"event": "page.view", "endpoint_id": "e-1"}
SECRET = "jane@example.com"


def call(number: int = 0, **parameters: str) -> str:
    return gateway.body(CALL | {"endpoint_id": f"e-{number}"} | parameters, request_id=f"request-{number}=")


def test_a_call_arrives_with_everything_it_said(consumer: Consumer) -> None:
    # GIVEN
    consumer.destination.know("e-1")

    # WHEN
    returned = consumer.receive(
        gateway.body(CALL | {"evat_page": 'O\'Brien & Söhne "A+B" 100% 😀', "evme_value": "12.5", "usat_plan": "gold"})
    )

    # THEN
    assert returned == set()
    assert consumer.events() == [
        Arrived(
            endpoint_id="e-1",
            event_id=gateway.REQUEST_ID,
            event_type="page.view",
            occurred_at="2026-09-21T14:13:20.000Z",
            attributes={"page": 'O\'Brien & Söhne "A+B" 100% 😀'},
            metrics={"value": 12.5},
        )
    ]
    assert consumer.user_attributes("e-1") == {"plan": "gold"}


def test_a_batch_needs_as_few_requests_as_there_can_be(consumer: Consumer) -> None:
    consumer.receive(*(call(number) for number in range(250)))

    assert len(consumer.destination.requests()) == -(-250 // consumer.destination.most_events)
    assert len(consumer.events()) == 250


def test_a_batch_of_every_kind_is_accounted_for(consumer: Consumer, capsys: pytest.CaptureFixture[str]) -> None:
    # GIVEN good, repeated, refused and unreadable messages, and one event that the destination itself refuses
    consumer.fail("item", event_id="request-2=", status=400, times=1)
    repeated = gateway.body(CALL | {"event_id": "same"})

    # WHEN
    returned = consumer.receive(
        call(1, evat_mail=SECRET, gtmcb="5", other="x"),
        call(2),
        repeated,
        repeated,
        gateway.body({"event": "undefined", "endpoint_id": SECRET, "token": "kid.1.s3cr3t"}),
        gateway.body(CALL | {"event": "_email.open"}),
        f"not a message {SECRET}",
    )

    # THEN each is in one column, and each refusal has its reason beside the untouched body
    output = capsys.readouterr().out
    assert returned == set()
    sums = totals(output)
    metric = {"PutEvents": "PutEvents", "BatchPutProfileObject": "PutObjects"}[consumer.destination.operation]
    assert {name: sums[name] for name in sums if "/" not in name} == {
        "EventsReceived": 7,
        "EventsSent": 2,
        "EventsDeduplicated": 1,
        "EventsRejected": 4,
        "EventsRequeued": 0,
        "EventsReturned": 0,
        f"{metric}Requests": 1,
        f"{metric}Throttled": 0,
    }
    rejects = dict(consumer.rejects())
    assert rejects.keys() == {"refused_by_destination", "missing_event", "event_reserved", "malformed_message"}
    assert said(rejects["refused_by_destination"]) == said(call(2))
    assert {name for name in sums if name.startswith("EventsRejected/")} == {
        f"EventsRejected/{reason}" for reason in rejects
    }
    assert sums["ValuesDropped/cache_buster"] == sums["ValuesDropped/unknown_parameter"] == 1

    # AND nobody's data is in logs or metrics, no credential in a queue
    assert SECRET not in output
    assert "e-1" not in output
    assert not any("s3cr3t" in body for body in rejects.values())


def said(body: str) -> list[dict[str, str | None]]:
    return [dict(call.parameters) for call in Message.parse(body, 100).calls]


def test_metrics_are_published_for_a_quiet_batch_too(consumer: Consumer, capsys: pytest.CaptureFixture[str]) -> None:
    consumer.receive(call())

    (document,) = documents(capsys.readouterr().out)
    assert document["service"] == "pixel"
    assert document["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "CustomerEngagement"


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("throttle", {}),
        ("error", {}),
        ("cut", {}),
        ("item", {"event_id": "*", "status": 429}),
        ("item", {"event_id": "*", "status": 500}),
        ("slow", {"seconds": 0.3}),
    ],
    ids=str,
)
def test_a_passing_fault_is_waited_out_without_a_repeat(consumer: Consumer, kind: str, options: dict[str, Any]) -> None:
    consumer.fail(kind, **options)

    returned = consumer.receive(*(call(number) for number in range(120)))

    assert returned == set()
    assert sorted(event.event_id for event in consumer.events()) == sorted(f"request-{n}=" for n in range(120))


@pytest.mark.parametrize("kind", ["error", "cut"])
def test_an_event_is_repeated_under_its_id_only_when_the_outcome_was_unknown(consumer: Consumer, kind: str) -> None:
    consumer.fail(kind, processed=True, times=1)

    consumer.receive(call(1, event_id="mine"))

    assert consumer.destination.asked() == ["mine", "mine"]


def test_no_answer_within_the_time_returns_the_message(consumer: Consumer) -> None:
    # GIVEN a service that hangs longer than the client waits, and an invocation with time for one request
    consumer.fail("hang", seconds=6.0, times=None)

    # WHEN
    returned = consumer.receive(call(1), seconds=12.0)

    # THEN
    assert len(returned) == 1
    assert consumer.events() == []


@pytest.mark.environment(RETURN_DELAY_SECONDS="600")
def test_an_outage_returns_everything_and_postpones_it(consumer: Consumer, capsys: pytest.CaptureFixture[str]) -> None:
    consumer.fail("error", times=None)

    returned = consumer.receive(*(call(number) for number in range(15)))

    # THEN all come back later, each hidden for at least the first delay
    assert len(returned) == 15
    assert consumer.sqs.receive_message(QueueUrl=consumer.ingest_url).get("Messages", []) == []
    attributes = consumer.sqs.get_queue_attributes(
        QueueUrl=consumer.ingest_url, AttributeNames=["ApproximateNumberOfMessagesNotVisible"]
    )
    assert attributes["Attributes"]["ApproximateNumberOfMessagesNotVisible"] == "15"
    (line,) = [json.loads(text) for text in capsys.readouterr().out.splitlines() if "messages returned" in text]
    assert (line["messages"], line["not_postponed"]) == (15, 0)


def test_a_destination_that_is_gone_gets_everything_later(consumer: Consumer) -> None:
    consumer.destination.vanish()

    assert len(consumer.receive(call(1), call(2))) == 2
    assert consumer.rejects() == []


def test_one_poisonous_event_costs_no_other_its_way(consumer: Consumer) -> None:
    consumer.fail("item", event_id="request-13=", status=400, times=None)

    returned = consumer.receive(*(call(number) for number in range(100)))

    assert returned == set()
    assert [reason for reason, _ in consumer.rejects()] == ["refused_by_destination"]
    assert len(consumer.events()) == 99


def test_a_rejection_that_cannot_be_written_returns_the_message(consumer: Consumer) -> None:
    consumer.sqs.delete_queue(QueueUrl=consumer.rejects_url)

    returned = consumer.receive(gateway.body({"event": "x"}), call(1))

    assert len(returned) == 1
    assert len(consumer.events()) == 1


def test_large_rejections_are_all_written(consumer: Consumer) -> None:
    # GIVEN more bytes than one call to SQS takes
    for number in range(6):
        consumer.receive(
            *(gateway.body({"event": "x", "evat_x": "y" * 60_000 + f"{number}{part}"}) for part in range(2))
        )

    assert len(consumer.rejects()) == 12
