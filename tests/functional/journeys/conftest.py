"""Runs that a journey of the emulator calls for: the keeper of plans and the journey function, beside the others."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from engagement.domain.runs.records import RunRecord
from tests.environment import JOURNEY, KEEPER
from tests.functional.functions import REGION, Context, load
from tests.functional.runs.cloud import Cloud, Payload, running
from tests.functional.runs.plans import put_customers

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

FUNCTION = KEEPER["JOURNEY_FUNCTION_ARN"]
LIVE_AFTER = float(KEEPER["JOURNEY_LIVE_AFTER_SECONDS"])


class Journeys:
    """What makes journeys, and what they call.

    Parameters
    ----------
    cloud
        Everything else.
    """

    def __init__(self, cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
        self.cloud = cloud
        self._looks = itertools.count()
        self.sqs: SQSClient = boto3.client("sqs", region_name=REGION)
        urls = {
            name: self.sqs.create_queue(QueueName=name)["QueueUrl"]
            for name in ("company-events", "company-events-stamps")
        }
        boto3.client("scheduler", region_name=REGION).create_schedule_group(Name="plans")
        here = {
            "PINPOINT_APPLICATION_ID": cloud.application_id,
            "LEDGER_TABLE": cloud.table,
            "PLAN_BUCKET": "plans",
            "SCHEDULE_GROUP": "plans",
            "EVENTS_QUEUE_URL": urls["company-events"],
            "STAMP_QUEUE_URL": urls["company-events-stamps"],
            "POWERTOOLS_SERVICE_NAME": "company-events",
            "POWERTOOLS_METRICS_NAMESPACE": "CustomerEngagement",
        }
        self.urls = urls
        self.keeper = load(monkeypatch, "engagement.handlers.plans", {**KEEPER, **here})
        self.function = load(monkeypatch, "engagement.handlers.journey", {**JOURNEY, **here})
        for module in (self.keeper, self.function):
            monkeypatch.setattr(module, "datetime", _Now(cloud))
        monkeypatch.setattr(self.keeper, "time", cloud.clock)
        cloud.functions.handlers[FUNCTION] = self.call

    def call(self, event: Mapping[str, Any]) -> object:
        """Pinpoint calls the journey function."""
        with self.cloud.deaths.spared():
            return self.function.handler(dict(event), Context())

    def deploy(self, plan: Mapping[str, Any] | None = None) -> Payload:
        """Write a plan, and call the keeper as the bucket does."""
        if plan is not None:
            self.cloud.put_plan(plan)
        call = Context(aws_request_id=f"look-{next(self._looks)}")
        answer: Payload = self.keeper.handler({"reconcile": True}, call)
        return answer

    def live(self, plan: Mapping[str, Any]) -> None:
        """Deploy a plan and let its journey become live."""
        assert self.deploy(plan) == {"ok": True, "errors": []}
        self.cloud.pass_time(LIVE_AFTER)

    def states(self) -> dict[str, str]:
        """State of each journey of the project, by name."""
        return {one["journey"]["Name"]: one["journey"]["State"] for one in self.cloud.pinpoint.journeys()}

    def active(self) -> list[str]:
        """Names of the active journeys."""
        return sorted(name for name, state in self.states().items() if state == "ACTIVE")

    def record(self, run: str) -> RunRecord:
        """A run, as the ledger has it."""
        record: RunRecord = self.cloud.announcer.ANNOUNCER.ledger.run(run)
        return record

    def queued(self, queue: str = "company-events") -> list[str]:
        """Messages that a queue has; they are gone then."""
        found = self.sqs.receive_message(QueueUrl=self.urls[queue], MaxNumberOfMessages=10).get("Messages", [])
        for message in found:
            self.sqs.delete_message(QueueUrl=self.urls[queue], ReceiptHandle=message["ReceiptHandle"])
        return [message["Body"] for message in found]


class _Now:
    """The class `datetime`, whose now is the cloud's."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    def now(self, _: object) -> Any:
        return self._cloud.clock.now()


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[Cloud]:
    """A cloud; a test's mark `environment` changes the functions' variables."""
    mark = request.node.get_closest_marker("environment")
    with running(monkeypatch, mark.kwargs if mark else {}, Cloud) as made:
        yield made


@pytest.fixture
def journeys(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Journeys:
    return Journeys(cloud, monkeypatch)


@pytest.fixture
def customers(cloud: Cloud) -> None:
    put_customers(cloud)
