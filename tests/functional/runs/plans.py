"""Plans and events for tests."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.functional.runs.cloud import Cloud

EVENT_ID = "release-42"
AUDIENCES = ("gold", "silver", "bronze")


def event(plan: str = "release", event_id: str = EVENT_ID, bus_id: str = "1", **detail: Any) -> str:
    """A company event, as the queue holds it."""
    attributes = {"event": plan, "event_id": event_id, "feature": "Dark mode", **detail}
    return json.dumps({"id": bus_id, "source": "backend", "detail-type": "Company Event", "detail": attributes})


def stop(run: str) -> str:
    """A request to stop a run."""
    return json.dumps({"id": "2", "source": "backend", "detail-type": "Company Event Stop", "detail": {"run": run}})


def ended(run: str, status: str) -> str:
    """What Step Functions says of an execution that did not reach its end."""
    detail = {"name": f"release-{run}", "status": status}
    kind = "Step Functions Execution Status Change"
    return json.dumps({"id": "3", "source": "aws.states", "detail-type": kind, "detail": detail})


def send(audience: str, channel: str, text: str) -> dict[str, Any]:
    """One send of a plan."""
    message = {"subject": text, "text": text} if channel == "EMAIL" else {"body": text}
    return {"audience": audience, "channel": channel, "message": message}


def fan_out(audiences: int) -> dict[str, Any]:
    """One step that tells each of many audiences on each of four channels."""
    names = [f"audience{number}" for number in range(audiences)]
    return {
        "event": "fan_out",
        "audiences": {name: {"where": {"user.plan": [name]}} for name in names},
        "steps": [{"id": "tell", "send": [{"audience": name, **way} for name in names for way in _FOUR_WAYS]}],
    }


_FOUR_WAYS: tuple[dict[str, Any], ...] = (
    {"channel": "EMAIL", "message": {"subject": "News", "text": "News"}},
    {"channel": "SMS", "message": {"body": "News"}},
    {"channel": "PUSH", "message": {"title": "News", "body": "News"}},
    {"channel": "CUSTOM", "custom_channel": "in_app_banner", "message": {"data": {"banner": "News"}}},
)


def release(audiences: Sequence[str] = AUDIENCES) -> dict[str, Any]:
    """Some audiences, two channels, two steps with a wait between them."""
    return {
        "event": "release",
        "audiences": {name: {"where": {"user.plan": [name]}} for name in audiences},
        "steps": [
            {"id": "announce", "send": _to_all(audiences, "New: {{event.feature}}")},
            {"id": "pause", "wait": "P2D"},
            {"id": "remind", "send": _to_all(audiences, "Have you tried {{event.feature}}?")},
        ],
    }


def _to_all(audiences: Sequence[str], text: str) -> list[dict[str, Any]]:
    return [send(audience, channel, f"{text} ({audience})") for audience in audiences for channel in ("EMAIL", "SMS")]


def put_customers(cloud: Cloud) -> None:
    """Each audience of the release has a customer on each channel, and there is one who is in none."""
    for plan in AUDIENCES:
        cloud.add_endpoint(f"{plan}-mail", "EMAIL", plan=plan)
        cloud.add_endpoint(f"{plan}-phone", "SMS", plan=plan)
    cloud.add_endpoint("nobody-mail", "EMAIL", plan="none")


def expected_messages(audiences: Sequence[str] = AUDIENCES) -> Counter[tuple[str, str]]:
    """What the release tells these customers."""
    return Counter(
        (f"{plan}-{way}", f"{text} ({plan})")
        for plan in audiences
        for way in ("mail", "phone")
        for text in ("New: Dark mode", "Have you tried Dark mode?")
    )
