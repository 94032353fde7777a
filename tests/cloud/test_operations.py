"""The operator's commands on the applied stack."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.cloud.deployment import Deployment, wait_for
from tools.stack import ROOT

ORIGIN = "https://www.example.com"


def run(shop: Deployment, module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command of `make`, with the credentials of this cloud."""
    environment = os.environ | shop.cloud.environment
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def paused(shop: Deployment) -> Iterator[Deployment]:
    """The pixel while its consumer does not read."""
    functions = shop.functions
    (mapping,) = functions.list_event_source_mappings(FunctionName=shop.pixel["function_name"])["EventSourceMappings"]

    def switch(*, on: bool) -> None:
        functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=on)
        wanted = "Enabled" if on else "Disabled"
        wait_for(wanted, lambda: functions.get_event_source_mapping(UUID=mapping["UUID"])["State"] == wanted)

    shop.wait_until_settled()
    switch(on=False)
    yield shop
    switch(on=True)


def test_smoke_finds_that_the_local_cloud_is_the_local_cloud(paused: Deployment) -> None:
    asked = ["--url", paused.url, "--origin", ORIGIN, "--application-id", paused.application_id]

    done = run(paused, "tools.smoke", *asked, "--queue", paused.pixel["queue_url"])

    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 differ" in done.stdout


def test_dead_letters_are_sent_back_and_arrive(shop: Deployment) -> None:
    # GIVEN a message that the consumer gave up
    since = shop.mark()
    message = {
        "version": 1,
        "route": "public",
        "request_id": "dead-letter",
        "request_time": "1790000000000",
        "attempt": "0",
        "events": [{"index": None, "token": "absent", "parameters": {"event": "page.view", "endpoint_id": "replayed"}}],
    }
    shop.sqs.send_message(QueueUrl=shop.pixel["dlq_url"], MessageBody=json.dumps(message))

    # WHEN
    done = run(shop, "tools.replay", "dlq", "--name", "shop")

    # THEN
    assert done.returncode == 0, done.stdout + done.stderr
    assert [event_id for _, event_id, _ in shop.wait_for_events(1, since)] == ["dead-letter"]
    assert shop.depth(shop.pixel["dlq_url"]) == 0


def test_rejects_of_one_reason_are_sent_back_and_judged_anew(shop: Deployment) -> None:
    # GIVEN two rejects of different reasons
    shop.drain(shop.pixel["rejects_queue_url"])
    for wrong in ({"event": "_smoke", "endpoint_id": "e"}, {"event": "page.view", "endpoint_id": "undefined"}):
        assert shop.call(wrong).status == 200
    wait_for("two rejects", lambda: shop.depth(shop.pixel["rejects_queue_url"]) == 2)
    # Rejects are written before metrics, and those before a message leaves the queue.
    shop.wait_until_settled()
    before = shop.metrics()

    # WHEN
    done = run(shop, "tools.replay", "rejects", "--name", "shop", "--reason", "event_reserved")

    # THEN only that one was judged again
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Sent 1 of 1" in done.stdout

    def judged() -> bool:
        change = shop.metrics()
        change.subtract(before)
        return change["EventsRejected/event_reserved"] == 1 and change["EventsRejected"] == 1

    wait_for("a second judgement", judged)
    wait_for("both rejects", lambda: shop.depth(shop.pixel["rejects_queue_url"]) == 2)
    shop.drain(shop.pixel["rejects_queue_url"])
