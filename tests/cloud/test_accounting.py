"""Nothing is dropped in silence."""

from __future__ import annotations

import random
from collections import Counter

from tests.cloud.deployment import Deployment, query, wait_for

SECRET = "jane.doe@example.com"
BAD = [
    {"event": "undefined"},
    {"endpoint_id": "null"},
    {"endpoint_id": "   "},
    {"event": "_session.start"},
    {"event": "release_2"},
    {"endpoint_id": "company-42"},
]
ODD = [
    {"evat_mail": SECRET},
    {"evat_long": "x" * 250},
    {f"evat_{'n' * 51}": "1"},
    {"evme_value": "12,5"},
    {"usat_tier": "gold"},
    {"usat_engagement_role": "company"},
    {"usat_plan": "x" * 101},
    {"evat_page": "undefined"},
    {"event_id": "not valid"},
    {"ts": "1"},
    {"token": "kid.1.signature"},
    {"mail": SECRET},
    {"gtmcb": "123"},
    {"evat_": "x"},
    {f"evat_{number:02}": "x" for number in range(45)},
    {"usat_plan": "gold", "evat_page": "/x", "evme_value": "1.5"},
]
MISSING = ["event=page.view", "endpoint_id=e", "event=&endpoint_id=e", "evat_x=1"]


def corpus(randomness: random.Random) -> list[str]:
    """Two hundred calls, good, odd, bad and incomplete."""
    good = {"event": "page.view"}
    calls = [
        query(good | {"endpoint_id": f"accounting-{number}"} | randomness.choice([{}, *ODD, *BAD]))
        for number in range(180)
    ]
    return calls + [randomness.choice(MISSING) for _ in range(20)]


def test_two_hundred_calls_end_in_metrics_and_reasons(shop: Deployment) -> None:
    # GIVEN empty queues and the metrics as they are
    shop.wait_until_settled()
    shop.drain(shop.pixel["rejects_queue_url"])
    before = shop.metrics()

    # WHEN
    statuses = shop.call_all(corpus(random.Random(4)))

    # THEN the gateway took all but the incomplete ones
    assert statuses == {200: 180, 400: 20}

    # AND each that it took is in one column of the books
    def settled() -> Counter[str] | None:
        change = shop.metrics()
        change.subtract(before)
        return change if change["EventsReceived"] >= 180 else None

    change = wait_for("the metrics of 180 events", settled)
    columns = {name: change[name] for name in ("EventsSent", "EventsDeduplicated", "EventsRejected", "EventsReturned")}
    assert change["EventsReceived"] == 180 == sum(columns.values())
    assert columns["EventsReturned"] == columns["EventsDeduplicated"] == 0
    assert columns["EventsRejected"] > 0

    # AND every refused one lies in the rejects queue with the reason that the metric counts
    rejects = shop.drain(shop.pixel["rejects_queue_url"])
    reasons = Counter(message["MessageAttributes"]["reason"]["StringValue"] for message in rejects)
    counted = {
        name.partition("/")[2]: value
        for name, value in change.items()
        if name.startswith("EventsRejected/") and value > 0
    }
    assert dict(reasons) == counted
    assert {name.partition("/")[2] for name in change if name.startswith("ValuesDropped/")} >= {
        "value_cut",
        "name_too_long",
        "metric_not_a_number",
        "user_attribute_not_allowed",
        "user_attribute_reserved",
        "unset_value",
        "unknown_parameter",
        "too_many_names",
    }

    # AND no customer's data is in any log line, no credential in a queue
    lines = "\n".join(shop.log_lines())
    assert SECRET not in lines
    assert "accounting-" not in lines
    assert not any("signature" in message["Body"] for message in rejects)


def test_only_allowed_user_attributes_reach_the_user(shop: Deployment) -> None:
    since = shop.mark()
    call = {"event": "sign_up", "endpoint_id": "allowed", "usat_plan": "gold", "usat_tier": "x", "usat_city": "Köln"}

    assert shop.call(call).status == 200

    shop.wait_for_events(1, since)
    assert shop.endpoints()["allowed"]["User"]["UserAttributes"] == {"plan": ["gold"], "city": ["Köln"]}


def test_an_outage_delays_events_and_then_they_arrive(shop: Deployment) -> None:
    since = shop.mark()
    shop.put_faults({"target": "pinpoint.PutEvents", "kind": "error", "times": 6})

    statuses = shop.call_all(query({"event": "outage", "endpoint_id": f"outage-{number}"}) for number in range(30))

    assert statuses == {200: 30}
    arrived = shop.wait_for_events(30, since)
    assert len(arrived) == len({event_id for _, event_id, _ in arrived}) == 30


def test_what_can_never_be_sent_for_long_ends_in_the_dead_letter_queue(shop: Deployment) -> None:
    # GIVEN a service that stays down, and three receives
    dlq = shop.pixel["dlq_url"]
    shop.drain(dlq)
    shop.put_faults({"target": "pinpoint.PutEvents", "kind": "error", "times": None})

    # WHEN
    assert shop.call({"event": "outage", "endpoint_id": "dead"}).status == 200

    # THEN the event waits there, whole
    wait_for("a message in the dead-letter queue", lambda: shop.depth(dlq) == 1)
    (message,) = shop.drain(dlq)
    assert "endpoint_id=dead&" in message["Body"]


def test_pinpoints_throttling_loses_nothing(shop: Deployment) -> None:
    since = shop.mark()
    shop.put_faults({"target": "pinpoint.PutEvents", "kind": "throttle", "times": 8})

    statuses = shop.call_all(query({"event": "busy", "endpoint_id": f"busy-{number}"}) for number in range(150))

    assert statuses == {200: 150}
    arrived = shop.wait_for_events(150, since)
    assert len(arrived) == len({event_id for _, event_id, _ in arrived}) == 150
