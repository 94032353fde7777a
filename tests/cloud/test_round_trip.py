"""Arbitrary names and values, from the caller's URL to what Pinpoint accepted."""

from __future__ import annotations

import pytest

from tests.cloud.arbitrary_values import RANGES, VALUES, round_trip
from tests.cloud.deployment import Deployment


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


@pytest.mark.parametrize("name", RANGES)
def test_every_value_arrives_as_it_was_sent(shop: Deployment, name: str) -> None:
    # WHEN thousands of attributes with names and values of one class are sent
    trip = round_trip(shop, name)

    # THEN every call is queued and every value arrives, but for those that mean "no value"
    assert trip.values >= VALUES
    assert trip.statuses == {200: len(trip.sent)}
    assert trip.arrived == trip.expected()


@pytest.mark.parametrize("character", ["x", "ü", "寿", "😀", "\x01"])
def test_a_long_value_is_cut_at_200_and_a_long_name_is_left_out(shop: Deployment, character: str) -> None:
    since = shop.mark()
    sizes = (199, 200, 201, 300)

    for size in sizes:
        value = character * (size // units(character))
        answer = shop.call({"event": "limits", "endpoint_id": "e", "evat_value": value, f"evat_{character * 51}": "x"})
        assert answer.status == 200

    arrived = [event["Attributes"] for _, _, event in shop.wait_for_events(len(sizes), since)]
    assert [attributes.keys() for attributes in arrived] == [{"value", "event_id"}] * len(sizes)
    expected = sorted(min(size, 200) // units(character) * units(character) for size in sizes)
    assert sorted(units(attributes["value"]) for attributes in arrived) == expected


@pytest.mark.parametrize(
    "value",
    [
        "1&DelaySeconds=900&X=",
        "1&MessageAttribute.1.Name=trusted&MessageAttribute.1.Value.StringValue=yes",
        "a, usat_tier=gold",
        "}",
        '"}',
        "%26DelaySeconds%3D900",
        "$input.params()",
        "#if(1)x#end",
        '\\"',
        "1&usat_plan=gold",
    ],
)
def test_an_injection_changes_nothing_but_its_own_value(shop: Deployment, value: str) -> None:
    since = shop.mark()
    endpoint_id = f"injection-{abs(hash(value))}"

    answer = shop.call({"event": "page.view", "endpoint_id": endpoint_id, "evat_a": value, "evat_b": "2"})

    assert answer.status == 200
    ((arrived_at, event_id, event),) = shop.wait_for_events(1, since)
    assert arrived_at == endpoint_id
    assert event["EventType"] == "page.view"
    assert event["Attributes"] == {"a": value, "b": "2", "event_id": event_id}
    assert "User" not in shop.endpoints()[endpoint_id]


def test_invalid_utf_8_arrives_replaced_and_breaks_nothing(shop: Deployment) -> None:
    since = shop.mark()

    answer = shop.call("event=page.view&endpoint_id=e&evat_a=x%FFy&evat_b=2")

    assert answer.status == 200
    ((_, _, event),) = shop.wait_for_events(1, since)
    assert event["Attributes"]["a"] == "x\ufffdy"
    assert event["Attributes"]["b"] == "2"


def test_a_plus_is_a_space_and_the_last_of_two_values_counts(shop: Deployment) -> None:
    since = shop.mark()

    assert shop.call("event=page.view&endpoint_id=e&evat_a=x+y&evat_b=1&evat_b=2").status == 200

    ((_, _, event),) = shop.wait_for_events(1, since)
    assert (event["Attributes"]["a"], event["Attributes"]["b"]) == ("x y", "2")


def test_more_parameters_than_the_gateways_loop_takes_lose_only_themselves(shop: Deployment) -> None:
    since = shop.mark()
    many = "&".join(f"q{number}=" for number in range(1_200))

    assert shop.call(f"event=page.view&endpoint_id=e&{many}").status == 200

    assert len(shop.wait_for_events(1, since)) == 1
    shop.wait_until_settled()
