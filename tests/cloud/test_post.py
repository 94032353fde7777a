"""POST: arrays, beacons, forms, and what pages of other origins may do."""

from __future__ import annotations

import json
import random
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.cloud.arbitrary_values import RANGES, UNSET
from tests.cloud.deployment import Deployment, wait_for

CALL = {"event": "page.view", "endpoint_id": "post"}
PAGE = "https://www.example.com"


def test_an_array_of_a_hundred_events_for_one_endpoint_arrives_as_a_hundred(shop: Deployment) -> None:
    since = shop.mark()

    answer = shop.post([CALL | {"evat_n": str(number)} for number in range(100)])

    assert answer.status == 200
    arrived = shop.wait_for_events(100, since)
    assert sorted(int(event["Attributes"]["n"]) for _, _, event in arrived) == list(range(100))
    assert len({event_id for _, event_id, _ in arrived}) == 100


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (json.dumps(CALL | {"evat_a": "x&y=ü😀\n"}), "application/json"),
        (json.dumps(CALL | {"evat_a": "x&y=ü😀\n"}), "text/plain;charset=UTF-8"),
        (json.dumps([CALL | {"evat_a": "x&y=ü😀\n"}]), "text/plain"),
        (urlencode(CALL | {"evat_a": "x&y=ü😀\n"}), "application/x-www-form-urlencoded"),
    ],
)
def test_every_kind_of_body_says_the_same(shop: Deployment, body: str, content_type: str) -> None:
    since = shop.mark()

    assert shop.post(body, content_type).status == 200

    ((endpoint_id, _, event),) = shop.wait_for_events(1, since)
    assert (endpoint_id, event["EventType"], event["Attributes"]["a"]) == ("post", "page.view", "x&y=ü😀\n")


@pytest.mark.parametrize("name", RANGES)
@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "application/x-www-form-urlencoded"])
def test_any_value_arrives_as_it_was_sent(shop: Deployment, name: str, content_type: str) -> None:
    # GIVEN values of one class of characters
    randomness = random.Random(f"{name} {content_type}")
    characters = "".join(chr(point) for points in RANGES[name] for point in points)
    values = ["".join(randomness.choices(characters, k=randomness.randint(1, 40))) for _ in range(600)]
    values = [value for value in values if value not in UNSET]
    since = shop.mark()

    # WHEN they are sent thirty at a time
    for start in range(0, len(values), 30):
        part = {f"evat_v{place}": value for place, value in enumerate(values[start : start + 30])}
        call = CALL | part | {"event_id": f"batch-{start}"}
        body = urlencode(call) if "form" in content_type else json.dumps(call, ensure_ascii=False)
        assert shop.post(body, content_type).status == 200

    # THEN
    calls = -(-len(values) // 30)
    arrived = {event_id: event["Attributes"] for _, event_id, event in shop.wait_for_events(calls, since)}
    for start in range(0, len(values), 30):
        for place, value in enumerate(values[start : start + 30]):
            assert arrived[f"batch-{start}"][f"v{place}"] == value


@pytest.mark.parametrize(
    "content",
    [
        {"event": "page.view"},
        {"endpoint_id": "e"},
        {"event": " ", "endpoint_id": "e"},
        {"event": 1, "endpoint_id": "e"},
        [],
        [CALL] * 101,
        [CALL, {"event": "page.view"}],
        "text",
    ],
)
def test_a_json_body_that_is_no_event_is_refused_at_the_gateway(shop: Deployment, content: Any) -> None:
    answer = shop.post(json.dumps(content), "application/json")

    assert answer.status == 400
    assert answer.json()["message"]


def test_other_content_types_are_not_supported(shop: Deployment) -> None:
    assert shop.post("x", "multipart/form-data; boundary=x").status == 415


def test_a_body_that_the_queue_cannot_take_is_an_error(shop: Deployment) -> None:
    assert shop.post(json.dumps(CALL | {"evat_a": "寿" * 60_000}, ensure_ascii=False), "text/plain").status == 503


def test_a_beacon_of_64_kib_always_fits(shop: Deployment) -> None:
    since = shop.mark()
    event = json.dumps(CALL | {"evat_a": "😀" * 90, "evat_b": "寿" * 150}, ensure_ascii=False)
    count = 65_000 // len(event.encode())

    assert shop.post(f"[{','.join([event] * count)}]", "text/plain").status == 200

    assert len(shop.wait_for_events(count, since)) == count


def test_a_form_of_64_kib_that_is_refused_is_kept_whatever_its_characters(shop: Deployment) -> None:
    # GIVEN characters that take six bytes each in JSON, more than the rejects queue has room for
    rejects = shop.pixel["rejects_queue_url"]
    shop.drain(rejects)

    answer = shop.post(f"event=undefined&evat_x={chr(1) * 65_000}", "application/x-www-form-urlencoded")

    assert answer.status == 200
    wait_for("the rejected form", lambda: shop.depth(rejects) == 1)
    (message,) = shop.drain(rejects)
    assert message["MessageAttributes"]["reason"]["StringValue"] == "missing_event"


def test_a_page_of_a_listed_origin_may_read_the_answer(shop: Deployment) -> None:
    for headers in ({"Origin": PAGE}, {"origin": PAGE}):
        for answer in (shop.post(CALL, headers=headers), shop.call(CALL, headers), shop.call("", headers, "OPTIONS")):
            assert answer.status in (200, 204)
            assert answer.headers["Access-Control-Allow-Origin"] == PAGE
            assert answer.headers["Access-Control-Allow-Credentials"] == "true"
            assert "Origin" in answer.headers["Vary"]


@pytest.mark.parametrize("origin", ["https://evil.example", f"{PAGE}.evil.example", "null", "https://WWW.example.com"])
def test_a_page_of_any_other_origin_may_not(shop: Deployment, origin: str) -> None:
    for answer in (shop.post(CALL, headers={"Origin": origin}), shop.call("", {"Origin": origin}, "OPTIONS")):
        assert "Access-Control-Allow-Origin" not in answer.headers


def test_a_refusal_by_the_queue_is_readable_too(shop: Deployment) -> None:
    shop.put_faults({"target": "sqs.SendMessage", "kind": "refuse", "times": 1})

    answer = shop.post(CALL, headers={"Origin": PAGE})

    assert answer.status == 503
    assert answer.headers["Access-Control-Allow-Origin"] == PAGE


@pytest.mark.parametrize("header", ["Sec-GPC", "sec-gpc", "SEC-GPC"])
def test_a_privacy_signal_keeps_customer_data_from_being_written(shop: Deployment, header: str) -> None:
    since = shop.mark()
    endpoint_id = f"private-{header}"

    assert shop.call(CALL | {"endpoint_id": endpoint_id, "usat_plan": "gold"}, {header: "1"}).status == 200

    assert len(shop.wait_for_events(1, since)) == 1
    # To Pinpoint upper and lower case are the same endpoint, which keeps its first spelling.
    (endpoint,) = [held for name, held in shop.endpoints().items() if name.lower() == endpoint_id.lower()]
    assert "User" not in endpoint
