"""Everything that runs need, in this process: the real handlers, Pinpoint's emulator, the rest by moto."""

from __future__ import annotations

import importlib
import itertools
import json
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ConnectionClosedError
from moto import mock_aws

from engagement.adapters import clients
from engagement.domain.runs.position import Position
from engagement.handlers.worlds import Worlds
from local_cloud.faults import Faults
from local_cloud.pinpoint.emulator import Pinpoint
from local_cloud.pinpoint.neighbours import Neighbours
from local_cloud.pinpoint.settings import Settings
from local_cloud.service.messages import Request, Response
from local_cloud.service.neighbours import Source
from tests.environment import ANNOUNCER, STEP
from tests.functional.functions import REGION, Context, credentials, load
from tests.functional.ministack import Body, use_dynamodb
from tests.functional.runs.clock import Clock
from tests.functional.runs.deaths import Death, Deaths

if TYPE_CHECKING:
    import pytest
    from botocore.hooks import HierarchicalEmitter

ACCOUNT = "000000000000"
BUS_ID = "0f4c8f9e-0000-4000-8000-000000000001"
LEASE_SECONDS = 60.0
Payload = dict[str, Any]


@dataclass
class Functions:
    """Functions that Pinpoint calls: all of them may be called, and those without a handler answer nobody."""

    calls: list[Mapping[str, Any]] = field(default_factory=list)
    handlers: dict[str, Callable[[Mapping[str, Any]], object]] = field(default_factory=dict)

    def check(self, function: str, source: Source) -> None:
        """Everybody may."""

    def invoke(self, function: str, payload: Mapping[str, Any], source: Source) -> object:  # noqa: ARG002
        self.calls.append(payload)
        return self.handlers[function](payload) if function in self.handlers else {}


def address_of(endpoint_id: str, channel: str) -> str:
    """Where a customer is reached by e-mail or SMS."""
    return f"{endpoint_id}@example.com" if channel == "EMAIL" else f"+44{sum(endpoint_id.encode()):010}"


C = TypeVar("C", bound="Cloud")


@contextmanager
def running(
    monkeypatch: pytest.MonkeyPatch, environment: Mapping[str, str], kind: type[C], **options: Any
) -> Iterator[C]:
    """A cloud while the context lasts."""
    credentials(monkeypatch)
    # By URL: for services, moto looks through the addresses of all of them at each call.
    elsewhere = r"https://(dynamodb|pinpoint|profile|connect-campaigns)\.|http://emulator/"
    with mock_aws(config={"core": {"passthrough": {"urls": [elsewhere]}}}):
        yield kind(monkeypatch, environment, **options)
    # The session of this cloud answers calls itself; nobody else's must.
    importlib.reload(clients)


class Cloud:
    """A small cloud with a clock of its own; the state machine is played by `walk`.

    Parameters
    ----------
    environment
        Variables of the functions that differ.
    clock
        Another clock.
    serve
        Makes Pinpoint reachable and returns its URL; calls are answered in this thread otherwise.

    Attributes
    ----------
    sender, listings
        The service that sends and its listings, as faults call them.
    """

    sender = "pinpoint"
    listings: tuple[str, ...] = ("pinpoint.GetCampaigns", "pinpoint.GetSegments")

    def __init__(
        self,
        monkeypatch: pytest.MonkeyPatch,
        environment: Mapping[str, str],
        clock: Clock | None = None,
        serve: Callable[[Pinpoint], str] | None = None,
    ) -> None:
        self.clock = clock or Clock()
        self.latency = 0.0
        # Called whenever time has passed; says whether it has more to do.
        self.on_time: Callable[[], bool] = lambda: False
        self.faults = Faults()
        self.functions = Functions()
        self.pinpoint = Pinpoint(
            clock=self.clock.time,
            wall_clock=self.clock.now,
            faults=self.faults,
            settings=Settings(),
            neighbours=Neighbours(functions=self.functions),
        )
        session = importlib.reload(clients)._SESSION
        if serve:
            monkeypatch.setenv("AWS_ENDPOINT_URL_PINPOINT", serve(self.pinpoint))
        else:
            self.answer(session.get_component("event_emitter"), "pinpoint", self.pinpoint.handle)
        use_dynamodb(session.get_component("event_emitter"))
        self.prepare(session)
        self._own = boto3.client("pinpoint", region_name=REGION)
        if not serve:
            self.answer(self._own.meta.events, "pinpoint", self.pinpoint.handle)
        application = self._own.create_app(CreateApplicationRequest={"Name": "shop"})
        self.application_id = application["ApplicationResponse"]["Id"]
        for channel in ("email", "sms"):
            self._enable(channel)
        here = self.environment = {**self.variables(), **environment}
        self.deaths = Deaths(session)
        self._calls = itertools.count()
        self._seen = 0
        self.announcer = load(monkeypatch, "engagement.handlers.announce", {**ANNOUNCER, **here})
        self.step = load(monkeypatch, "engagement.handlers.step", {**STEP, **here})
        services = self.announcer.services(self.clock)
        self.announcer.ANNOUNCER = replace(self.announcer.ANNOUNCER, clock=self.clock, service_of=services.of)
        self.use_clock(monkeypatch)

    def use_clock(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Let the step function go by this clock."""
        self.step.WORLDS = Worlds(self.step.SETTINGS, self.clock)
        self.step.WALKER = replace(self.step.WALKER, clock=self.clock, world_of=self.step.WORLDS.of)
        monkeypatch.setattr(self.step, "time", self.clock)

    def prepare(self, session: Any) -> None:
        """Let another destination of the functions answer."""

    def answer(self, events: HierarchicalEmitter, service: str, handle: Callable[[Request], Response]) -> None:
        """Let the calls of a service of a session, or of a client, end in an emulator."""
        events.register(f"before-send.{service}", lambda request, **_: self._answered(request, handle))

    def lag(self, seconds: float) -> None:
        """Let listings show only what has been there for a while, besides the faults that are there."""
        lags = [{"target": target, "kind": "lag", "seconds": seconds} for target in self.listings]
        self.faults.put([*self.faults.rules(), *lags])

    def refuse_campaigns(self, after: int) -> None:
        """Refuse every campaign but the first few."""
        target = f"{self.sender}.CreateCampaign"
        self.faults.put([{"target": target, "kind": "error", "status": 400, "skip": after, "times": None}])

    def waiting(self) -> list[str]:
        """Names of the campaigns that may still send."""
        return [one["name"] for one in self.campaigns() if one["status"] == "SCHEDULED"]

    def put_plan(self, plan: Mapping[str, Any], folder: str = "defaults") -> None:
        """Write a plan into its bucket."""
        self.s3.put_object(Bucket="plans", Key=f"{folder}/{plan['event']}.json", Body=json.dumps(plan))

    def add_endpoint(self, endpoint_id: str, channel: str, **user_attributes: str) -> None:
        """A customer on one channel."""
        self._own.update_endpoint(
            ApplicationId=self.application_id,
            EndpointId=endpoint_id,
            EndpointRequest={
                "ChannelType": channel,
                "Address": address_of(endpoint_id, channel),
                "User": {
                    "UserId": endpoint_id,
                    "UserAttributes": {name: [value] for name, value in user_attributes.items()},
                },
            },
        )

    def announce(self, *bodies: str) -> list[str]:
        """Deliver messages of the queue; the numbers of those that came back."""
        records = [{"messageId": str(number), "body": body} for number, body in enumerate(bodies)]
        answer = self.announcer.handler({"Records": records}, Context())
        return [item["itemIdentifier"] for item in answer["batchItemFailures"]]

    def invoke(self, payload: Payload) -> Payload:
        """Call the step function."""
        context = Context(LEASE_SECONDS, aws_request_id=f"call-{next(self._calls)}")
        answer: Payload = self.step.handler(payload, context)
        return answer

    def advance(self, payload: Payload) -> Payload:
        """What the handler does, without what is one for each process, so that several can be called at once."""
        deadline = self.clock.time() + LEASE_SECONDS
        answer: Payload = self.step.WALKER.advance(
            Position.parse(payload), f"call-{next(self._calls)}", deadline
        ).payload()
        return answer

    def walk(self, payload: Payload, invoke: Callable[[Payload], Payload] | None = None) -> Payload:
        """Play the state machine until it ends."""
        for _ in range(500):
            try:
                payload = (invoke or self.invoke)(payload)
            except Death:
                self.deaths.forget()
                self.pass_time(5)
                continue
            if payload["next"] not in ("step", "wait"):
                return payload
            if payload["next"] == "wait":
                self.wait_until(payload["until"])
        raise AssertionError(f"the run does not end: {payload}")

    def wait_until(self, moment: str) -> None:
        """Let time pass in small steps, so that what is due in between happens in its time, as long as anything is."""
        end = datetime.fromisoformat(moment).timestamp()
        more = True
        while (left := end - self.clock.time()) > 0:
            more = self.pass_time(min(20.0, left) if more else left)
        self.pinpoint.work.do()

    def pass_time(self, seconds: float) -> bool:
        """Let time pass at once; whether anything is still to come of time alone."""
        self.clock.sleep(seconds)
        self.pinpoint.work.do()
        return self.on_time() or any(
            application.campaigns.active() or application.journeys.under_way()
            for application in self.pinpoint._applications.all()
        )

    def start_payload(self) -> Payload:
        """What the announcer started the state machine with, the last time."""
        newest = max(self.executions(), key=lambda one: one["startDate"])
        execution = self.stepfunctions.describe_execution(executionArn=newest["executionArn"])
        payload: Payload = json.loads(execution["input"])
        return payload

    def executions(self) -> list[dict[str, Any]]:
        """Started executions."""
        pages = self.stepfunctions.get_paginator("list_executions").paginate(stateMachineArn=self.machine_arn)
        return [execution for page in pages for execution in page["executions"]]

    def run(self, body: str) -> Payload:
        """Announce an event and play its state machine until it ends."""
        assert self.announce(body) == []
        return self.walk(self.start_payload())

    def forget_what_was_made(self) -> None:
        """Remove all campaigns, and count messages anew."""
        for campaign in self.campaigns():
            self._own.delete_campaign(ApplicationId=self.application_id, CampaignId=campaign["id"])
        self._seen = max([number + 1 for number, _ in self.pinpoint.outbox.since()], default=0)

    def campaigns(self) -> list[dict[str, Any]]:
        """Campaigns that exist, as the emulator shows them."""
        return self.pinpoint.campaigns(self.application_id) or []

    def segments(self) -> Counter[str]:
        """Names of the segments that exist."""
        listed = self._own.get_segments(ApplicationId=self.application_id, PageSize="200")
        return Counter(segment["Name"] for segment in listed["SegmentsResponse"]["Item"])

    def messages(self) -> Counter[tuple[str, str]]:
        """Endpoint and text of everything that was sent."""
        return Counter(
            (message.endpoint_id, message.title or message.body)
            for _, message in self.pinpoint.outbox.since(self._seen)
        )

    def created(self, operation: str) -> list[dict[str, Any]]:
        """Calls of an operation that Pinpoint saw."""
        return [one for one in self.pinpoint.journal.since(0)["requests"] if one["operation"] == operation]

    def _enable(self, channel: str) -> None:
        if channel == "email":
            self._own.update_email_channel(
                ApplicationId=self.application_id,
                EmailChannelRequest={
                    "Enabled": True,
                    "FromAddress": "news@example.com",
                    "Identity": f"arn:aws:ses:{REGION}:{ACCOUNT}:identity/example.com",
                },
            )
        else:
            self._own.update_sms_channel(ApplicationId=self.application_id, SMSChannelRequest={"Enabled": True})

    def variables(self) -> dict[str, str]:
        """Ledger, bucket and state machine, as the functions' variables."""
        self.table = f"ledger-{uuid.uuid4().hex}"
        self.dynamodb = boto3.client("dynamodb", region_name=REGION)
        use_dynamodb(self.dynamodb.meta.events)
        self.create_table(self.table)
        self.s3 = boto3.client("s3", region_name=REGION)
        self.s3.create_bucket(Bucket="plans", CreateBucketConfiguration={"LocationConstraint": REGION})
        self.s3.put_bucket_versioning(Bucket="plans", VersioningConfiguration={"Status": "Enabled"})
        self.stepfunctions = boto3.client("stepfunctions", region_name=REGION)
        self.machine_arn = self.stepfunctions.create_state_machine(
            name="runs",
            definition='{"StartAt": "End", "States": {"End": {"Type": "Wait", "Seconds": 9, "End": true}}}',
            roleArn=f"arn:aws:iam::{ACCOUNT}:role/machine",
        )["stateMachineArn"]
        return {
            "PINPOINT_APPLICATION_ID": self.application_id,
            "LEDGER_TABLE": self.table,
            "PLAN_BUCKET": "plans",
            "STATE_MACHINE_ARN": self.machine_arn,
            "POWERTOOLS_SERVICE_NAME": "company-events",
            "POWERTOOLS_METRICS_NAMESPACE": "CustomerEngagement",
        }

    def create_table(self, name: str) -> None:
        """A table with the keys that ledger and interactions have."""
        self.dynamodb.create_table(
            TableName=name,
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in ("pk", "sk")],
            BillingMode="PAY_PER_REQUEST",
        )

    def _answered(self, request: AWSPreparedRequest, handle: Callable[[Request], Response]) -> AWSResponse:
        parts = urlsplit(request.url)
        body = request.body or b""
        response = handle(
            Request(
                method=request.method,
                path=parts.path,
                query=parts.query,
                body=body if isinstance(body, bytes) else body.encode(),
                account=ACCOUNT,
                region=REGION,
            )
        )
        self.clock.sleep(self.latency)
        if response.connection != "answer":
            raise ConnectionClosedError(endpoint_url=request.url)
        return AWSResponse(request.url, response.status, response.headers, Body(response.body))
