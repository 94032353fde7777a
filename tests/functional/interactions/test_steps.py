"""Whole runs whose reminder goes by what recipients did."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from engagement.domain.runs.records import StepRecord
from tests.functional.interactions.recording import Event, Recording, recording, said
from tests.functional.runs.cloud import Payload
from tests.functional.runs.plans import event, send

READERS = ("opener", "clicker", "bouncer", "sleeper", "late-opener", "complainer")
REMINDED = {"sleeper"}


def reminding(wait: str = "P2D", **condition: Any) -> dict[str, Any]:
    """A release that reminds who did not open it, or whom a condition says."""
    asked = condition or {"unless": {"step": "announce", "did": "opened"}}
    return {
        "event": "release",
        "audiences": {"readers": {"where": {"user.plan": ["gold"]}}},
        "steps": [
            {"id": "announce", "send": [send("readers", "EMAIL", "New")]},
            {"id": "pause", "wait": wait},
            {"id": "remind", "send": [{**send("readers", "EMAIL", "Reminder"), **asked}]},
        ],
    }


def begun(recorded: Recording, plan: dict[str, Any], event_id: str = "1") -> Payload:
    """A run that has announced and waits."""
    cloud = recorded.cloud
    for name in READERS:
        cloud.add_endpoint(name, "EMAIL", plan="gold")
    cloud.put_plan(plan)
    cloud.announce(event(event_id=event_id))
    payload = cloud.start_payload()
    while payload.get("step") != 1:
        payload = cloud.invoke(payload)
        if payload["next"] == "wait" and payload["step"] == 0:
            cloud.wait_until(payload["until"])
    assert cloud.messages() == Counter((name, "New") for name in READERS)
    return payload


def early(campaign: str) -> list[Event]:
    """Most of what the readers did, out of order."""
    return [
        said("_email.open", "opener", campaign),
        *(said("_email.delivered", name, campaign) for name in READERS if name != "bouncer"),
        said("_email.click", "clicker", campaign),
        said("_email.hardbounce", "bouncer", campaign),
        said("_email.complaint", "complainer", campaign),
    ]


def steps(recorded: Recording) -> dict[int, StepRecord]:
    ledger = recorded.cloud.step.WORLDS.ledger
    run = next(iter(ledger.runs()))
    return {step.index: step for step in ledger.steps(run)}


def reminded(recorded: Recording) -> set[str]:
    return {name for name, text in recorded.cloud.messages() if text == "Reminder"}


def test_a_reminder_goes_to_those_who_did_not_open_whatever_the_order_of_the_records(recorded: Recording) -> None:
    payload = begun(recorded, reminding())
    records = early(recorded.campaign_of("announce"))
    recorded.stream(*records, *reversed(records))
    # The last record comes when the step asks, and is in the stream before its markers are.
    recorded.paused = True
    recorded.cloud.wait_until(recorded.cloud.invoke(payload)["until"])
    recorded.stream(said("_email.open", "late-opener", recorded.campaign_of("announce")))
    payload = recorded.cloud.invoke({**payload, "phase": "waited"})
    answer = recorded.cloud.invoke(payload)

    assert answer["next"] == "wait", "the recorder is behind"
    assert steps(recorded)[2].status == "listening"
    assert "remind" not in " ".join(one["name"] for one in recorded.cloud.campaigns())
    recorded.paused = False

    assert recorded.cloud.walk(answer)["next"] == "completed"
    assert reminded(recorded) == REMINDED
    assert recorded.filters.answers == [REMINDED]
    assert steps(recorded)[2].heard.startswith("everything up to 2027-02-02T")
    assert not steps(recorded)[0].heard, "a step that asks for nothing waits for nothing"


@pytest.mark.parametrize(
    ("condition", "chosen"),
    [
        ({"only": {"step": "announce", "did": "opened"}}, {"opener", "clicker"}),
        ({"only": {"step": "announce", "did": "clicked"}}, {"clicker"}),
        ({"only": {"step": "announce", "did": "delivered"}}, {"opener", "clicker", "sleeper", "late-opener"}),
        (
            {"only": {"step": "announce", "did": "opened"}, "unless": {"step": "announce", "did": "clicked"}},
            {"opener"},
        ),
    ],
    ids=["only-opened", "only-clicked", "only-delivered", "opened-but-not-clicked"],
)
def test_only_those_who_did(recorded: Recording, condition: dict[str, Any], chosen: set[str]) -> None:
    payload = begun(recorded, reminding(**condition))
    recorded.stream(*early(recorded.campaign_of("announce")))

    assert recorded.cloud.walk(payload)["next"] == "completed"
    assert reminded(recorded) == chosen


def test_a_step_waits_no_longer_than_it_should_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    with recording(monkeypatch, INTERACTIONS_MAX_WAIT_SECONDS="120") as recorded:
        payload = begun(recorded, reminding())
        recorded.paused = True

        assert recorded.cloud.walk(payload)["next"] == "completed"
        step = steps(recorded)[2]
        assert step.heard == "not everything: the recorder was behind for 2 minutes"
        assert step.listening is not None
        assert reminded(recorded) == set(READERS), "nobody is known to have opened"


def test_a_stream_that_cannot_be_asked_holds_nobody_up_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = "arn:aws:kinesis:eu-west-1:123456789012:stream/gone"
    with recording(monkeypatch, INTERACTIONS_STREAM_ARN=nowhere) as recorded:
        payload = begun(recorded, reminding())

        assert recorded.cloud.walk(payload)["next"] == "completed"
        assert steps(recorded)[2].heard == "not everything: the event stream could not be asked for 10 minutes"


def test_a_dry_run_does_not_wait_for_interactions(recorded: Recording) -> None:
    recorded.cloud.add_endpoint("opener", "EMAIL", plan="gold")
    recorded.cloud.put_plan(reminding())
    recorded.cloud.announce(event(dry_run=True))
    recorded.paused = True
    answers = []

    def invoke(payload: Payload) -> Payload:
        answers.append(recorded.cloud.invoke(payload))
        return answers[-1]

    recorded.cloud.walk(recorded.cloud.start_payload(), invoke)

    assert not any(step.listening for step in steps(recorded).values())
