from __future__ import annotations

from typing import cast

import pytest

from tests import gateway
from tests.emf import totals
from tests.functional.conftest import Consumer
from tests.functional.destinations import Connect
from tests.functional.test_pixel import CALL, call

pytestmark = pytest.mark.parametrize("destinations", [("connect",)], ids=str, indirect=True)


def connect(consumer: Consumer) -> Connect:
    return cast("Connect", consumer.destination)


def test_the_public_route_makes_no_profile_and_the_trusted_one_may(consumer: Consumer) -> None:
    # WHEN
    returned = consumer.receive(
        gateway.body(CALL | {"endpoint_id": "stranger"}),
        gateway.trusted(CALL | {"endpoint_id": "customer", "usat_plan": "gold"}, "iam", "server"),
    )

    # THEN
    assert returned == set()
    assert {entry["request"]["ObjectTypeName"] for entry in consumer.destination.requests()} == {
        "shop-public-events",
        "shop-trusted-events",
    }
    assert consumer.user_attributes("customer") == {"plan": "gold"}
    assert connect(consumer).profile("customer")["AccountNumber"] == "customer"
    with pytest.raises(ValueError, match="not enough values"):
        connect(consumer).profile("stranger")


@pytest.mark.environment(USER_ATTRIBUTES_ANONYMOUS='["*"]')
def test_a_user_attribute_without_a_place_in_profiles_stays_in_the_object(
    consumer: Consumer, capsys: pytest.CaptureFixture[str]
) -> None:
    consumer.destination.know("e-1")

    consumer.receive(call(1, usat_plan="gold", usat_shoe="44"))

    assert consumer.user_attributes("e-1") == {"plan": "gold"}
    assert '"shoe":"44"' in consumer.destination.requests()[0]["request"]["Items"][0]["Object"]
    assert totals(capsys.readouterr().out)["ValuesDropped/user_attribute_not_mapped"] == 1


@pytest.mark.environment(USER_ATTRIBUTES_ANONYMOUS='["*"]')
def test_an_event_that_is_larger_than_an_object_may_be_is_rejected_alone(consumer: Consumer) -> None:
    # GIVEN 45 KB of what grows most as JSON
    large = {f"usat_{number}": "\x01" * 100 for number in range(450)}

    returned = consumer.receive(gateway.post(CALL | large), call(2))

    assert returned == set()
    assert [reason for reason, _ in consumer.rejects()] == ["event_too_large"]
    assert [event.endpoint_id for event in consumer.events()] == ["e-2"]


def test_an_event_that_comes_twice_is_one_object(consumer: Consumer) -> None:
    consumer.destination.know("e-1")
    consumer.fail("cut", processed=True, times=1)

    consumer.receive(call(1, event_id="mine", usat_plan="gold"))

    assert consumer.destination.asked() == ["mine", "mine"]
    consumer.user_attributes("e-1")
    (profile,) = connect(consumer).stored()
    assert len(profile["objects"]) == 1
