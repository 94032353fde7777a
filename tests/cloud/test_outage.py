"""An outage of Pinpoint for an hour. Periods of alarms are a sixtieth here, so the hour is a minute."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.cloud.deployment import Deployment, query, wait_for

HOUR = 60.0
OUTAGE = {"target": "pinpoint.PutEvents", "kind": "error", "status": 503}


@pytest.fixture
def patient(shop: Deployment) -> Iterator[Deployment]:
    """The ingest queue with the twenty receives that it has by default."""
    url = shop.pixel["queue_url"]
    kept = shop.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["RedrivePolicy"])["Attributes"]["RedrivePolicy"]
    policy = json.dumps({**json.loads(kept), "maxReceiveCount": 20})
    shop.sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": policy})
    yield shop
    shop.sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": kept})


def test_an_hour_without_pinpoint_loses_nothing_and_the_alarms_tell_it(patient: Deployment) -> None:
    # GIVEN quiet queues and alarms
    shop = patient
    (alarm,) = (name for name in shop.pixel["alarm_names"] if name.endswith("-events-returned"))
    for name in ("queue_url", "dlq_url"):
        wait_for(f"an empty {name}", lambda url=shop.pixel[name]: shop.depth(url) == 0)  # type: ignore[misc]
    wait_for("quiet alarms", lambda: not _alarms(shop), seconds=3 * HOUR)
    since, began = shop.mark(), datetime.now(UTC)

    # WHEN calls keep coming while Pinpoint answers none
    shop.put_faults(OUTAGE)
    sent: set[str] = set()
    pace, end = threading.Event(), time.monotonic() + HOUR
    seen: set[str] = set()
    while time.monotonic() < end:
        names = [f"outage-{len(sent) + number}" for number in range(10)]
        calls = [query({"event": "page.view", "endpoint_id": name, "event_id": name}) for name in names]
        assert shop.call_all(calls) == {200: 10}
        sent.update(names)
        seen |= _alarms(shop)
        pace.wait(0.5)

    # THEN nothing arrived, an alarm says so, and none says anything that is not true
    assert shop.events(since) == []
    assert seen == {alarm}

    # AND everything arrives afterwards, nothing is dead, and the alarm goes off
    shop.put_faults()
    wait_for("every event", lambda: {name for _, name, _ in shop.events(since)} == sent, seconds=3 * HOUR)
    assert shop.depth(shop.pixel["dlq_url"]) == 0
    wait_for("quiet alarms", lambda: not _alarms(shop), seconds=3 * HOUR)
    assert _story(shop, began) == [(alarm, "ALARM"), (alarm, "OK")]


def _alarms(shop: Deployment) -> set[str]:
    """The alarms that are on."""
    return {alarm["AlarmName"] for alarm in shop.cloudwatch.describe_alarms(StateValue="ALARM")["MetricAlarms"]}


def _story(shop: Deployment, began: datetime) -> list[tuple[str, str]]:
    """Alarms and their new states, the oldest first."""
    pages = shop.cloudwatch.get_paginator("describe_alarm_history").paginate(HistoryItemType="StateUpdate")
    items = [item for page in pages for item in page["AlarmHistoryItems"] if item["Timestamp"] >= began]
    return [
        (item["AlarmName"], json.loads(item["HistoryData"])["newState"]["stateValue"])
        for item in sorted(items, key=lambda item: item["Timestamp"])
    ]
