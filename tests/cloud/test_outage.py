"""An outage of Pinpoint for an hour. Periods of alarms are a sixtieth here, so the hour is a minute."""

from __future__ import annotations

import json
import threading
import time
from datetime import UTC, datetime

from tests.cloud.deployment import PATIENCE, Deployment, query, wait_for

HOUR = 60.0
OUTAGE = {"target": "pinpoint.PutEvents", "kind": "error", "status": 503}


def test_an_hour_without_pinpoint_loses_nothing_and_the_alarms_tell_it(patient: Deployment) -> None:
    # GIVEN quiet queues and alarms
    shop = patient
    (alarm,) = (name for name in shop.pixel["alarm_names"] if name.endswith("-events-returned"))
    for name in ("queue_url", "dlq_url"):
        wait_for(f"an empty {name}", lambda url=shop.pixel[name]: shop.depth(url) == 0)  # type: ignore[misc]
    wait_for("quiet alarms", lambda: not _alarms(shop))
    since, began = shop.mark(), datetime.now(UTC)

    # WHEN calls keep coming while Pinpoint answers none
    shop.put_faults(OUTAGE)
    sent: set[str] = set()
    pace, begin = threading.Event(), time.monotonic()
    seen: set[str] = set()
    # A slow machine may need more than three attempts for three periods with such events.
    while time.monotonic() < begin + HOUR or (not seen and time.monotonic() < begin + PATIENCE):
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
    wait_for("every event", lambda: {name for _, name, _ in shop.events(since)} == sent)
    assert shop.depth(shop.pixel["dlq_url"]) == 0
    wait_for("quiet alarms", lambda: not _alarms(shop))
    story = _story(shop, began)
    assert {name for name, _ in story} == {alarm}
    assert (story[0], story[-1]) == ((alarm, "ALARM"), (alarm, "OK"))


def _alarms(shop: Deployment) -> set[str]:
    """The pixel's alarms that are on."""
    names = shop.pixel["alarm_names"]
    found = shop.cloudwatch.describe_alarms(AlarmNames=names, StateValue="ALARM")["MetricAlarms"]
    return {alarm["AlarmName"] for alarm in found}


def _story(shop: Deployment, began: datetime) -> list[tuple[str, str]]:
    """The pixel's alarms and their new states, the oldest first."""
    pages = shop.cloudwatch.get_paginator("describe_alarm_history").paginate(HistoryItemType="StateUpdate")
    items = [
        item
        for page in pages
        for item in page["AlarmHistoryItems"]
        if item["Timestamp"] >= began and item["AlarmName"] in shop.pixel["alarm_names"]
    ]
    return [
        (item["AlarmName"], json.loads(item["HistoryData"])["newState"]["stateValue"])
        for item in sorted(items, key=lambda item: item["Timestamp"])
    ]
