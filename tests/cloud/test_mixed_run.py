"""Ten thousand messages through the applied stack, with everything going wrong at once."""

from __future__ import annotations

import json
import random
from collections import Counter

from tests.cloud.deployment import Deployment, query, wait_for

MESSAGES = 10_000
FAULTS = [
    {"target": "pinpoint.PutEvents", "kind": "throttle", "times": 6, "probability": 0.2},
    {"target": "pinpoint.PutEvents", "kind": "item", "status": 500, "times": 200, "probability": 0.02},
    {"target": "pinpoint.PutEvents", "kind": "item", "status": 429, "times": 200, "probability": 0.02},
    {"target": "pinpoint.PutEvents", "kind": "slow", "seconds": 0.3, "times": 20, "probability": 0.2},
    {"target": "pinpoint.PutEvents", "kind": "error", "times": 4, "probability": 0.1},
    {"target": "pinpoint.PutEvents", "kind": "item", "status": 400, "times": None, "match": {"event_type": "poison"}},
]


def test_under_all_faults_every_healthy_event_arrives_and_every_poisonous_one_is_named(shop: Deployment) -> None:
    # GIVEN empty queues, single calls and arrays, 1% of them poison
    for name in ("queue_url", "rejects_queue_url", "dlq_url"):
        wait_for(f"an empty {name}", lambda url=shop.pixel[name]: shop.drain(url) or shop.depth(url) == 0)  # type: ignore[misc]
    randomness = random.Random(7)
    kinds = {f"mixed-{n}": "poison" if randomness.random() < 0.01 else "page.view" for n in range(MESSAGES)}
    names = iter(kinds.items())
    before, since = shop.metrics(), shop.mark()
    shop.put_faults(*FAULTS)

    # WHEN they are sent, half of them in arrays
    singles = [next(names) for _ in range(MESSAGES // 2)]
    statuses = shop.call_all(query({"event": kind, "endpoint_id": name, "event_id": name}) for name, kind in singles)
    assert statuses == {200: len(singles)}
    rest = [{"event": kind, "endpoint_id": name, "event_id": name} for name, kind in names]
    for start in range(0, len(rest), 50):
        assert shop.post(json.dumps(rest[start : start + 50]), "text/plain").status == 200

    # THEN everything is settled
    def settled() -> Counter[str] | None:
        change = shop.metrics()
        change.subtract(before)
        done = change["EventsSent"] + change["EventsRejected"] + change["EventsDeduplicated"]
        return change if done >= MESSAGES else None

    change = wait_for("the end of the run", settled)
    columns = ("EventsSent", "EventsDeduplicated", "EventsRejected", "EventsRequeued", "EventsReturned")
    assert change["EventsReceived"] == sum(change[name] for name in columns)

    # AND each healthy event arrived, each poisonous one is in the rejects queue, and nothing is dead
    healthy = {name for name, kind in kinds.items() if kind == "page.view"}
    arrived = Counter(event_id for _, event_id, _ in shop.events(since))
    assert arrived.keys() == healthy
    rejects = shop.drain(shop.pixel["rejects_queue_url"])
    assert {message["MessageAttributes"]["reason"]["StringValue"] for message in rejects} == {"refused_by_destination"}
    assert len(rejects) == MESSAGES - len(healthy)
    assert shop.depth(shop.pixel["dlq_url"]) == 0
