from __future__ import annotations

from tests import gateway
from tests.functional.conftest import Consumer
from tests.functional.test_pixel import CALL, call


def test_an_event_without_an_update_carries_nothing_of_the_endpoint(consumer: Consumer) -> None:
    consumer.receive(call(usat_other="x"))

    assert [
        item["Endpoint"] for entry in consumer.destination.requests() for item in entry["request"]["BatchItem"].values()
    ] == [{}]


def test_two_spellings_of_an_endpoint_id_share_their_item_and_their_update(consumer: Consumer) -> None:
    returned = consumer.receive(
        gateway.body(CALL | {"endpoint_id": "Anna", "usat_plan": "free", "usat_city": "Bonn"}, request_id="one"),
        gateway.body(CALL | {"endpoint_id": "anna", "usat_plan": "gold"}, request_id="two"),
    )

    assert returned == set()
    (entry,) = consumer.destination.requests()
    (item,) = entry["request"]["BatchItem"].values()
    assert item["Endpoint"]["User"]["UserAttributes"] == {"plan": ["gold"], "city": ["Bonn"]}
    assert set(item["Events"]) == {"one", "two"}


def test_an_update_that_is_refused_goes_to_the_rejects_and_the_event_counts(consumer: Consumer) -> None:
    consumer.fail("item", part="endpoint", status=400, times=1)

    consumer.receive(call(1, usat_plan="gold"))

    assert len(consumer.events()) == 1
    assert [reason for reason, _ in consumer.rejects()] == ["update_refused"]


def test_an_event_that_makes_requests_fail_costs_no_other_its_way(consumer: Consumer) -> None:
    consumer.fail("reject_call", times=None, match={"endpoint_id": "e-13"})

    returned = consumer.receive(*(call(number) for number in range(100)))

    assert returned == set()
    assert [reason for reason, _ in consumer.rejects()] == ["refused_by_destination"]
    assert len(consumer.events()) == 99
