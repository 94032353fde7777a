"""Stamps of runs with both destinations: whoever sends finds the members, and both hold what was stamped."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from engagement.domain.plans.names import Names
from tests import gateway
from tests.environment import STAMP_HOOK, STAMPER
from tests.functional.functions import Context, load
from tests.functional.runs.cloud import Cloud, running
from tests.functional.runs.connect_cloud import ConnectCloud, plan_settings
from tests.functional.runs.plans import event
from tests.functional.runs.ready_connect import ready

PLAN = {
    "event": "release",
    "audiences": {"gold": {"where": {"user.plan": ["gold"]}}},
    "steps": [{"id": "stamp", "stamp": {"audiences": ["gold"], "set": {"last_feature": "{{event.feature}}"}}}],
}


class Both:
    """A cloud with both destinations, whose stamp hook and stamper work as time passes."""

    def __init__(self, cloud: ConnectCloud, monkeypatch: pytest.MonkeyPatch) -> None:
        self.cloud = cloud
        cloud.make_buckets()
        cloud.put_plan(PLAN)
        here = {
            **cloud.environment,
            "LEDGER_TABLE": cloud.table,
            "STAMP_QUEUE_URL": cloud.queue_url,
        }
        hook = load(monkeypatch, "engagement.handlers.hook", STAMP_HOOK | here)
        function = plan_settings()["stamp_function"]
        cloud.functions.handlers[function] = lambda payload: hook.handler(dict(payload), Context())
        self._stamper = load(monkeypatch, "engagement.handlers.stamp", STAMPER | here)
        monkeypatch.setattr(self._stamper, "time", cloud.clock)
        monkeypatch.setattr(self._stamper.ENDPOINTS, "_clock", cloud.clock)
        cloud.on_time = self.deliver

    def add_to_both(self, name: str, plan: str) -> None:
        """A customer whom both destinations know."""
        self.cloud.add_endpoint(name, "EMAIL", plan=plan)
        Cloud.add_endpoint(self.cloud, name, "EMAIL", plan=plan)

    def deliver(self) -> bool:
        """Hand what is on the stamp queue to the stamper; whether anything was there."""
        found = self.cloud.sqs.receive_message(QueueUrl=self.cloud.queue_url, MaxNumberOfMessages=10)
        messages = found.get("Messages", [])
        records = [gateway.record(message["Body"], message_id=message["MessageId"]) for message in messages]
        if records:
            assert self._stamper.handler({"Records": records}, Context()) == {"batchItemFailures": []}
        for message in messages:
            self.cloud.sqs.delete_message(QueueUrl=self.cloud.queue_url, ReceiptHandle=message["ReceiptHandle"])
        return bool(messages)

    def run(self, **detail: Any) -> None:
        """Announce the release, and let its run and its stamps come to their ends."""
        assert self.cloud.run(event(**detail))["next"] == "completed"
        while self.deliver():
            pass

    def endpoints(self) -> dict[str, dict[str, Any]]:
        """What Pinpoint holds, by id."""
        return self.cloud.pinpoint.endpoints(self.cloud.application_id) or {}

    def stamped_endpoints(self) -> set[str]:
        """Ids of the endpoints that are stamped in Pinpoint."""
        return {
            name
            for name, endpoint in self.endpoints().items()
            if endpoint["User"]["UserAttributes"].get("last_feature") == ["Dark mode"]
        }

    def stamped_profiles(self) -> set[str]:
        """Account numbers of the profiles that are stamped in Customer Profiles."""
        profiles = self.cloud.connect.profiles.profiles(ready().domain_arn) or []
        return {one["AccountNumber"] for one in profiles if one["Attributes"].get("last_feature") == "Dark mode"}


@pytest.fixture
def both(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[Both]:
    """Customers on both destinations, one of whom has opted out in Pinpoint; the destination of the mark sends."""
    settings = json.dumps({**plan_settings(), "sends_by": request.param})
    with running(monkeypatch, {"PLAN_SETTINGS": settings}, ConnectCloud) as cloud:
        made = Both(cloud, monkeypatch)
        made.add_to_both("gold", "gold")
        made.add_to_both("gold-out", "gold")
        made.add_to_both("silver", "silver")
        cloud._own.update_endpoint(
            ApplicationId=cloud.application_id, EndpointId="gold-out", EndpointRequest={"OptOut": "ALL"}
        )
        cloud.add_endpoint("gold-of-connect", "EMAIL", plan="gold")
        Cloud.add_endpoint(cloud, "gold-of-pinpoint", "EMAIL", plan="gold")
        yield made


@pytest.mark.parametrize("both", ["connect"], indirect=True)
def test_members_of_a_snapshot_are_stamped_in_both_destinations(both: Both) -> None:
    # WHEN a dry run counts, and a run stamps
    both.run(dry_run=True)
    [counted] = both.cloud.step.WORLDS.ledger.steps(Names("release", "dry-run:release:release-42").run)
    assert counted.counts == {"gold": 3}
    assert both.cloud.calls("CreateSegmentEstimate")
    assert not both.cloud.calls("CreateSegmentSnapshot")
    assert not both.stamped_endpoints() | both.stamped_profiles()
    both.run()

    # THEN
    assert both.cloud.calls("CreateSegmentSnapshot") == [200]
    assert both.stamped_profiles() == {"gold", "gold-out", "gold-of-connect"}
    assert both.stamped_endpoints() == {"gold", "gold-out"}
    endpoints = both.endpoints()
    assert endpoints["gold-out"]["OptOut"] == "ALL"
    assert "gold-of-connect" not in endpoints, "whom Pinpoint does not know it does not get to know"
    assert not both.cloud.messages()


@pytest.mark.parametrize("both", ["pinpoint"], indirect=True)
def test_whom_a_campaign_of_pinpoint_reaches_is_stamped_in_both_destinations(both: Both) -> None:
    both.run()

    assert both.stamped_endpoints() == {"gold", "gold-of-pinpoint"}
    assert both.stamped_profiles() == {"gold"}
    assert both.endpoints()["gold-out"]["OptOut"] == "ALL"
    assert not both.cloud.calls("CreateSegmentSnapshot")
    assert not both.cloud.messages()
