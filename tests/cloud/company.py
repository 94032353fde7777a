"""Applied company events as their users see them: a bus, a plan bucket, a ledger, and what customers get."""

from __future__ import annotations

import json
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import boto3

from engagement.adapters.ledger import Ledger
from engagement.domain.plans.names import Names
from engagement.domain.runs.announcing import execution_name
from engagement.domain.runs.records import Made, RunRecord, RunStatus, StepRecord
from local_cloud.process import LocalCloud
from tests.cloud.deployment import Deployment, client_settings, set_pace, wait_for

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_pinpoint import PinpointClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_stepfunctions import SFNClient

TIME_FACTOR = 1000.0
CHANNELS = {"mail": "EMAIL", "phone": "SMS"}


@contextmanager
def applied_events(cloud: LocalCloud, outputs: Mapping[str, Any]) -> Iterator[CompanyEvents]:
    """The applied module, without faults before and after, in a hurry."""
    shop = Deployment(cloud, outputs["pixel"], outputs["application_id"])
    events = CompanyEvents(cloud, outputs["company_events"], outputs["application_id"], shop)
    shop.put_faults()
    events.set_pace(TIME_FACTOR)
    yield events
    shop.put_faults()


@dataclass
class CompanyEvents:
    """One applied module.

    Parameters
    ----------
    module
        The module's outputs.
    """

    cloud: LocalCloud
    module: Mapping[str, Any]
    application_id: str
    shop: Deployment

    @cached_property
    def _client(self) -> dict[str, Any]:
        return client_settings(self.cloud, self.cloud.environment["AWS_ACCESS_KEY_ID"])

    @cached_property
    def bus(self) -> EventBridgeClient:
        return boto3.client("events", **self._client)

    @cached_property
    def s3(self) -> S3Client:
        return boto3.client("s3", **self._client)

    @cached_property
    def machine(self) -> SFNClient:
        return boto3.client("stepfunctions", **self._client)

    @cached_property
    def pinpoint(self) -> PinpointClient:
        return boto3.client("pinpoint", **self._client)

    @cached_property
    def functions(self) -> LambdaClient:
        return boto3.client("lambda", **self._client)

    @cached_property
    def ledger(self) -> Ledger:
        dynamodb: DynamoDBClient = boto3.client("dynamodb", **self._client)
        # Only read here: nothing that is written with this retention.
        return Ledger(dynamodb, self.module["ledger_table_name"], None)  # type: ignore[arg-type]

    def announce(self, plan: str, event_id: str = "", dry_run: bool = False, **attributes: object) -> str:
        """Put a company event on the bus; the ID of the run that it must start."""
        event_id = event_id or uuid.uuid4().hex
        detail = {"event": plan, "event_id": event_id, **attributes} | ({"dry_run": True} if dry_run else {})
        self.put("Company Event", detail)
        return Names(plan, f"{'dry-run' if dry_run else 'event'}:{plan}:{event_id}").run

    def put(self, kind: str, detail: Mapping[str, object], source: str = "shop.backend") -> None:
        """Put any event on the bus."""
        entry = {"EventBusName": self.module["bus_name"], "Source": source, "DetailType": kind}
        answer = self.bus.put_events(Entries=[{**entry, "Detail": json.dumps(detail)}])
        assert not answer["FailedEntryCount"], answer

    def write_plan(self, plan: Mapping[str, Any]) -> None:
        """Write a plan as a marketer does."""
        body = json.dumps(plan)
        self.s3.put_object(Bucket=self.module["plan_bucket_name"], Key=f"plans/{plan['event']}.json", Body=body)

    def remove_plans(self) -> None:
        """Remove what marketers wrote, every version of it."""
        bucket = self.module["plan_bucket_name"]
        for page in self.s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix="plans/"):
            for one in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
                self.s3.delete_object(Bucket=bucket, Key=one["Key"], VersionId=one["VersionId"])

    def customer(self, name: str, **user_attributes: str) -> None:
        """A customer with e-mail and phone."""
        for way, channel in CHANNELS.items():
            address = f"{name}@example.com" if channel == "EMAIL" else f"+44{sum(name.encode()):010}"
            self.pinpoint.update_endpoint(
                ApplicationId=self.application_id,
                EndpointId=f"{name}-{way}",
                EndpointRequest={
                    "ChannelType": channel,  # type: ignore[typeddict-item]  # a literal
                    "Address": address,
                    "User": {"UserId": name, "UserAttributes": {key: [text] for key, text in user_attributes.items()}},
                },
            )

    def ended(self, run: str) -> RunRecord:
        """The run, once it is over."""

        def over() -> RunRecord | None:
            record = self.ledger.run(run)
            return record if record and record.status is not RunStatus.RUNNING else None

        return wait_for(f"the end of run {run}", over)

    def runs(self, plan: str) -> list[RunRecord]:
        """Runs of a plan, newest first."""
        found = map(self.ledger.run, self.ledger.runs())
        return [record for record in found if record and record.plan == plan]

    def no_faults_left(self) -> bool:
        """Whether every failure that was ordered has happened."""
        return not any(rule["times"] for rule in self.shop.local("faults"))

    def execution(self, record: RunRecord) -> Mapping[str, Any]:
        """The execution that walks, or walked, a run."""
        arn = self.module["state_machine_arn"].replace(":stateMachine:", ":execution:")
        return self.machine.describe_execution(executionArn=f"{arn}:{execution_name(record)}")

    def abort(self, run: str) -> None:
        """Stop an execution by hand."""
        record = self.ledger.run(run)
        assert record
        self.machine.stop_execution(executionArn=self.execution(record)["executionArn"])

    def steps(self, run: str) -> list[StepRecord]:
        return list(self.ledger.steps(run))

    def made(self, run: str) -> list[Made]:
        return self.ledger.made(run)

    def campaigns(self, run: str) -> list[dict[str, Any]]:
        """Campaigns that carry the run's tag, in Pinpoint."""
        found: list[dict[str, Any]] = []
        token: dict[str, Any] = {}
        while True:
            answer = self.pinpoint.get_campaigns(ApplicationId=self.application_id, PageSize="100", **token)
            found += answer["CampaignsResponse"]["Item"]  # type: ignore[arg-type]
            if not (following := answer["CampaignsResponse"].get("NextToken")):
                return [campaign for campaign in found if campaign["tags"].get("engagement:run") == run]
            token = {"Token": following}

    def mark(self) -> int:
        """A place in the outbox."""
        sent = self.shop.local("pinpoint/outbox")
        return max((message["number"] + 1 for message in sent), default=0)

    def messages(self, since: int) -> Counter[tuple[str, str]]:
        """Endpoint and first line of everything that was sent since a mark."""
        return Counter(
            (message["endpoint_id"], message["title"] or message["body"])
            for message in self.shop.local(f"pinpoint/outbox?since={since}")
            if message["application_id"] == self.application_id
        )

    def set_pace(self, time_factor: float) -> None:
        """Let time pass so many times faster."""
        set_pace(self.cloud, time_factor)
