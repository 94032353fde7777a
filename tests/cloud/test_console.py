"""The console tells what really became of calls: it knows the messages of the product."""

from __future__ import annotations

import uuid

import pytest

from tests.cloud.deployment import Deployment, wait_for


@pytest.fixture
def run() -> str:
    """Starts the endpoint ids of one test."""
    return f"console-{uuid.uuid4().hex[:8]}"


def fates(shop: Deployment, run: str) -> dict[str, tuple[str, str]]:
    """State and reason of each event by its endpoint id."""
    return {
        event["endpoint_id"]: (fate["state"], fate["reason"])
        for hit in shop.local("console/feed")["hits"]
        # Calls of other tests, and such without events, may have one fate for the whole call.
        if any(event["endpoint_id"].startswith(run) for event in hit["events"])
        for event, fate in zip(hit["events"], hit["fates"], strict=True)
    }


def settled(shop: Deployment, run: str, count: int) -> dict[str, tuple[str, str]]:
    def found() -> dict[str, tuple[str, str]] | None:
        known = fates(shop, run)
        done = len(known) == count and not any(state in {"queued", "accepted"} for state, _ in known.values())
        return known if done else None

    return wait_for("every fate", found)


def test_every_event_of_a_call_ends_in_its_own_fate(shop: Deployment, run: str) -> None:
    shop.post([{"event": name, "endpoint_id": f"{run}-{name}"} for name in ("page.view", "_email.open", "buy")])
    shop.call(f"event=page.view&endpoint_id={run}-image&event_id={run}")
    shop.call(f"event=undefined&endpoint_id={run}-unset")

    assert settled(shop, run, 5) == {
        f"{run}-page.view": ("arrived", ""),
        f"{run}-_email.open": ("rejected", "event_reserved"),
        f"{run}-buy": ("arrived", ""),
        f"{run}-image": ("arrived", ""),
        f"{run}-unset": ("rejected", "missing_event"),
    }


def test_a_dead_letter_comes_back_and_arrives(shop: Deployment, run: str) -> None:
    # An application that refuses the function: no attempt is worth waiting for inside an invocation.
    shop.put_faults({"target": "pinpoint.PutEvents", "kind": "error", "status": 403})
    shop.call(f"event=page.view&endpoint_id={run}&event_id={run}")
    wait_for("the dead letter", lambda: fates(shop, run)[run][0] == "dead")

    shop.put_faults()
    _, _, queue = shop.pixel["dlq_url"].rpartition("/")
    (arn,) = (known["arn"] for known in shop.local("console/feed")["queues"] if known["name"] == queue)
    assert shop.local("console/replay", "POST", {"queue": arn}) == {"messages": 1}

    wait_for("its arrival", lambda: fates(shop, run) == {run: ("arrived", "")})
