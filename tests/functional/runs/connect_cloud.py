"""The same small cloud with Amazon Connect as the destination that sends."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import boto3

from engagement.adapters.stamps import StampLedger
from local_cloud.amazon_connect import AmazonConnect
from local_cloud.profiles import Neighbours
from local_cloud.service.messages import Request, Response
from local_cloud.service.neighbours import NeighbourError, Source
from tests.environment import PLAN_SETTINGS, STEP
from tests.functional.functions import REGION, load
from tests.functional.runs.cloud import Cloud, address_of
from tests.functional.runs.ready_connect import DOMAIN, client_of, lift_rates, ready, template_of

if TYPE_CHECKING:
    import pytest

# Smaller than asked for, so that there are several.
_PAGES = {
    "connectcampaignsv2.ListCampaigns": ("maxResults", 20),
    "customer-profiles.ListSegmentDefinitions": ("MaxResults", 20),
}
_ACTIVE = ("Running", "Paused")
_ROLE = "arn:aws:iam::000000000000:role/shop-company-events-snapshots"


@dataclass(frozen=True)
class Made:
    """A campaign that runs have made; its state is `Deleted` when it is gone."""

    id: str
    name: str
    starts: int
    state: str


class ConnectCloud(Cloud):
    """Runs send by Amazon Connect; Pinpoint is a destination too unless the environment says otherwise."""

    sender = "outbound"
    listings = ("outbound.ListCampaigns", "profiles.ListSegmentDefinitions")

    def prepare(self, session: Any) -> None:
        # One outbox for both, so that whatever Pinpoint sends is seen too.
        self.connect = AmazonConnect(
            clock=self.clock.time,
            wall_clock=self.clock.now,
            faults=self.faults,
            outbox=self.pinpoint.outbox,
            neighbours=Neighbours(buckets=self),
        )
        ready().restore(self.connect)
        events = session.get_component("event_emitter")
        for front in self.connect.fronts:
            self.answer(events, front.service.model, self._when_worked(front.handle))
        for operation, (member, size) in _PAGES.items():
            events.register(f"before-parameter-build.{operation}", _smaller(member, size))
        self.profiles, self.outbound = (
            client_of(self.connect.fronts, service) for service in ("customer-profiles", "connectcampaignsv2")
        )
        self._others: set[str] = set()
        self._worked = self.clock.time()
        self._first = self.connect.outbound.journal.next_number

    def variables(self) -> dict[str, str]:
        """Those of both destinations."""
        return {
            **super().variables(),
            "EXPORT_BUCKET": "exports",
            "STAMP_QUEUE_URL": f"https://sqs.{REGION}.amazonaws.com/123456789012/stamps",
            "PROFILES_DOMAIN": DOMAIN,
            "CONNECT_INSTANCE_ID": ready().instance.instance_id,
            "SNAPSHOT_ROLE_ARN": _ROLE,
            "CAMPAIGN_CREATES_PER_SECOND": "1",
            "PLAN_SETTINGS": json.dumps(plan_settings()),
        }

    def put_plan(self, plan: Mapping[str, Any], folder: str = "defaults") -> None:
        """Write a plan into its bucket, with templates for what it says itself."""
        steps = [
            {**step, **({"send": list(map(_by_template, step["send"]))} if "send" in step else {})}
            for step in plan["steps"]
        ]
        super().put_plan({**plan, "steps": steps}, folder)

    def add_endpoint(self, endpoint_id: str, channel: str, **user_attributes: str) -> None:
        """A customer on one channel."""
        kind = "EmailAddress" if channel == "EMAIL" else "PhoneNumber"
        self.profiles.create_profile(
            DomainName=DOMAIN,
            AccountNumber=endpoint_id,
            Attributes=user_attributes,
            **{kind: address_of(endpoint_id, channel)},
        )

    def pass_time(self, seconds: float) -> bool:
        more = super().pass_time(seconds)
        self._work()
        return more or any(one["state"] in _ACTIVE for one in self._there())

    def forget_what_was_made(self) -> None:
        """Remove all campaigns, and count messages anew."""
        with self.unpaced():
            for one in self._there():
                if one["state"] in _ACTIVE:
                    self.outbound.stop_campaign(id=one["id"])
                self.outbound.delete_campaign(id=one["id"])
        self._first = self.connect.outbound.journal.next_number
        super().forget_what_was_made()

    def campaigns(self) -> list[dict[str, Any]]:
        """Campaigns that were started, as often as they were."""
        return [{"name": one.name, "status": one.state.upper()} for one in self.made() for _ in range(one.starts)]

    def made(self) -> list[Made]:
        """Campaigns of runs in the order of their creation, whatever became of them."""
        _, entries = self.connect.outbound.journal.entries(self._first)
        states = {one["id"]: one["state"] for one in self._there()}
        done = [entry for entry in entries if entry.processed]
        starts = Counter(entry.facts["id"] for entry in done if entry.operation == "StartCampaign")
        made = (
            (json.loads(entry.response)["id"], json.loads(entry.request)["name"])
            for entry in done
            if entry.operation == "CreateCampaign"
        )
        return [
            Made(known, name, starts[known], states.get(known, "Deleted"))
            for known, name in made
            if known not in self._others
        ]

    def waiting(self) -> list[str]:
        """Names of the campaigns that may still send."""
        return [one["name"] for one in self._there() if one["state"] in ("Initialized", *_ACTIVE)]

    def segments(self) -> Counter[str]:
        """Names of the segments that exist."""
        names: Counter[str] = Counter()
        page: dict[str, str] = {}
        with self.unpaced():
            while True:
                answer = self.profiles.list_segment_definitions(DomainName=DOMAIN, **page)
                names.update(one["SegmentDefinitionName"] for one in answer["Items"])
                if "NextToken" not in answer:
                    return names
                page = {"NextToken": answer["NextToken"]}

    def of_others(self, number: int, *, started: bool = True, **tags: str) -> str:
        """A campaign that no run of this environment has made, which begins in an hour; its id."""
        template, start = ready().templates[template_of("News", "EMAIL")], self.clock.now() + timedelta(hours=1)
        outbound = {"connectSourceEmailAddress": "news@example.com", "wisdomTemplateArn": template}
        everybody = {"ProfileAttributes": {"AccountNumber": {"DimensionType": "EXCLUSIVE", "Values": ["-"]}}}
        name = "-".join(["theirs", str(number), *tags.values()])
        with self.unpaced():
            segment = self.profiles.create_segment_definition(
                DomainName=DOMAIN,
                SegmentDefinitionName=f"theirs-{number}",
                DisplayName=name,
                SegmentGroups={"Groups": [{"Dimensions": [everybody]}]},
            )
            made: str = self.outbound.create_campaign(
                name=name,
                connectInstanceId=ready().instance.instance_id,
                channelSubtypeConfig={"email": {"outboundMode": {"agentless": {}}, "defaultOutboundConfig": outbound}},
                source={"customerProfilesSegmentArn": segment["SegmentDefinitionArn"]},
                connectCampaignFlowArn=ready().instance.campaign_flow_arn,
                schedule={"startTime": start, "endTime": start + timedelta(hours=1)},
                tags=tags,
            )["id"]
            if started:
                self.outbound.start_campaign(id=made)
        self._others.add(made)
        return made

    def reload(self, changes: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
        """A step function with other variables."""
        self.step = load(monkeypatch, "engagement.handlers.step", {**STEP, **self.environment, **changes})
        self.use_clock(monkeypatch)

    def make_buckets(self) -> None:
        """The bucket of exports and the stamp queue."""
        self.s3.create_bucket(Bucket="exports", CreateBucketConfiguration={"LocationConstraint": REGION})
        self.sqs = boto3.client("sqs", region_name=REGION)
        self.queue_url = self.sqs.create_queue(QueueName="stamps")["QueueUrl"]
        self._queued: list[str] = []

    def put(self, bucket: str, key: str, body: bytes, role_arn: str, source: Source) -> None:  # noqa: ARG002
        """Write a file of a snapshot."""
        if role_arn != _ROLE:
            raise NeighbourError(f"{role_arn} may not write")
        self.s3.put_object(Bucket=bucket, Key=key, Body=body)

    def queued(self) -> list[str]:
        """Messages that were put on the stamp queue."""
        found = self.sqs.receive_message(QueueUrl=self.queue_url, MaxNumberOfMessages=10).get("Messages", [])
        self._queued += [message["Body"] for message in found]
        return self._queued

    def stamp_ledger(self) -> StampLedger:
        """The stamps as the stamper sees them."""
        return StampLedger(self.dynamodb, self.table)

    def calls(self, operation: str = "") -> list[int]:
        """Status of every call of an operation, or of all."""
        entries = (front.journal.entries()[1] for front in self.connect.fronts)
        return [entry.status for of_front in entries for entry in of_front if operation in ("", entry.operation)]

    @contextmanager
    def unpaced(self) -> Iterator[None]:
        """While the context lasts, calls are those of a test and have no rate."""
        emulators = (self.connect.profiles, self.connect.outbound)
        before = [emulator.settings for emulator in emulators]
        lift_rates(self.connect)
        yield
        for emulator, settings in zip(emulators, before, strict=True):
            emulator.configure(settings)

    def _there(self) -> list[dict[str, Any]]:
        return self.connect.outbound.campaigns()

    def _when_worked(self, handle: Callable[[Request], Response]) -> Callable[[Request], Response]:
        """What answers a request after the time has passed that the function has waited."""

        def answered(request: Request) -> Response:
            self._work()
            return handle(request)

        return answered

    def _work(self) -> None:
        if self.clock.time() > self._worked:
            self._worked = self.clock.time()
            self.connect.profiles.work.do()
            self.connect.outbound.work.do()


def plan_settings() -> dict[str, Any]:
    """`PLAN_SETTINGS` where Amazon Connect sends."""
    made = ready()
    return {
        **json.loads(PLAN_SETTINGS),
        "reserved_active_campaigns": 0,
        "sends_by": "connect",
        "connect": {
            "templates": {
                name: {"arn": arn, "campaign_flow_arn": made.instance.campaign_flow_arn}
                for name, arn in made.templates.items()
            },
            "senders": {"email": "news@example.com", "sms": "arn:aws:connect:eu-west-1:000000000000:phone-number/1"},
            "profile_attributes": ["plan", "last_feature"],
        },
    }


def _smaller(member: str, size: int) -> Callable[..., None]:
    def change(params: dict[str, Any], **_: object) -> None:
        params[member] = size

    return change


def _by_template(send: Mapping[str, Any]) -> dict[str, Any]:
    message = send.get("message")
    if message is None:
        return dict(send)
    text = str(message.get("subject") or message.get("body")).replace("{{event.feature}}", "Dark mode")
    rest = {key: value for key, value in send.items() if key != "message"}
    return {**rest, "template": template_of(text, send["channel"])}
