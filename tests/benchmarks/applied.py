"""Numbers of the applied example, from the caller's URL to Pinpoint."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from local_cloud.process import LocalCloud
from tests.benchmarks.row import Row
from tests.cloud.arbitrary_values import RANGES, VALUES, round_trip
from tests.cloud.conftest import OPEN
from tests.cloud.deployment import Deployment, query, wait_for
from tools.stack import LOCAL_VARIABLES, Stack, pythons

EVENTS = 10_000
POISON_EVERY = 100
FAULT = {
    "target": "pinpoint.PutEvents",
    "kind": "item",
    "status": 400,
    "times": None,
    "match": {"event_type": "poison"},
}


def rows(folder: Path) -> Iterator[Row]:
    """Apply `examples/complete` on a local cloud of its own and measure.

    Parameters
    ----------
    folder
        An empty folder.
    """
    with LocalCloud(folder / "cloud", pythons=pythons()) as cloud:
        stack = Stack(cloud, folder / "stack", {**LOCAL_VARIABLES, **OPEN})
        outputs = stack.apply()
        shop = Deployment(cloud, outputs["pixel"], outputs["application_id"])
        yield _round_trips(shop)
        yield _poison(shop)
        yield _second_plan(stack)


def _round_trips(shop: Deployment) -> Row:
    trips = [round_trip(shop, name) for name in RANGES]
    values, wrong = sum(trip.values for trip in trips), sum(trip.wrong() for trip in trips)
    return Row(
        "arbitrary values that arrive unchanged, gateway to Pinpoint",
        f"{1 - wrong / values:.2%}",
        "100%",
        wrong == 0 and all(trip.values >= VALUES for trip in trips),
        f"{values:,} values in {len(trips)} classes of characters; {_consumer(shop)}",
    )


def _poison(shop: Deployment) -> Row:
    kinds = {f"event-{n}": "page.view" if n % POISON_EVERY else "poison" for n in range(EVENTS)}
    healthy = {name for name, kind in kinds.items() if kind != "poison"}
    since = shop.mark()
    shop.put_faults(FAULT)
    statuses = shop.call_all(
        query({"event": kind, "endpoint_id": name, "event_id": name}) for name, kind in kinds.items()
    )
    wait_for("an empty queue", lambda: shop.depth(shop.pixel["queue_url"]) == 0, seconds=300)
    shop.put_faults()

    arrived = Counter(event_id for _, event_id, _ in shop.events(since) if event_id in healthy)
    lost, repeated = len(healthy - arrived.keys()), arrived.total() - len(arrived)
    refused = [json.loads(message["Body"]) for message in shop.drain(shop.pixel["rejects_queue_url"])]
    unjust = sum(call["parameters"]["event"] != "poison" for message in refused for call in message["events"])
    dead = shop.depth(shop.pixel["dlq_url"])
    return Row(
        f"healthy events lost or repeated at {1 / POISON_EVERY:.0%} poison",
        f"{lost} + {repeated}",
        "0 + 0",
        statuses == {200: EVENTS} and lost == repeated == unjust == dead == 0,
        f"{EVENTS:,} events; {len(refused)} rejects, {unjust} of them healthy; {dead} dead; {_consumer(shop)}",
    )


def _second_plan(stack: Stack) -> Row:
    changes = stack.changes()
    return Row(
        "changes of a second terraform plan",
        str(len(changes)),
        "0",
        not changes,
        "; ".join(["examples/complete", *changes]),
    )


def _consumer(shop: Deployment) -> str:
    """The settings of the event source mapping, as they are deployed."""
    function = shop.pixel["function_arn"]
    (mapping,) = shop.functions.list_event_source_mappings(FunctionName=function)["EventSourceMappings"]
    return (
        f"batches of {mapping['BatchSize']:,}, window {mapping['MaximumBatchingWindowInSeconds']} s, "
        f"concurrency {mapping['ScalingConfig']['MaximumConcurrency']}"
    )
