"""The same jobs at Amazon Pinpoint, at both, and at Amazon Connect: one root that moves from one to the other."""

from __future__ import annotations

import json
import uuid
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from engagement.domain.runs.records import RunStatus
from local_cloud.process import LocalCloud
from tests.cloud.company import TIME_FACTOR, CompanyEvents
from tests.cloud.deployment import Deployment, wait_for
from tests.cloud.destinations import DestinationUnderTest, OnConnect, OnPinpoint, ReadyConnect
from tests.cloud.roles import Role
from tools.stack import LOCAL_VARIABLES, Stack

STAYS = ("aws_api_gateway_rest_api", "aws_api_gateway_stage", "aws_sqs_queue", "aws_dynamodb_table", "aws_s3_bucket")
"""Types of what a change of the destination must neither replace nor remove."""
SUBJECTS = {"moving-news": "News for {}", "moving-again": "Have you tried it, {}?"}
"""Subject of each template, with a place for the customer's plan."""
DOMAIN_NAME = "moving"
WAYS = ["pinpoint", "both", "switched", "connect"]
"""The way of a team that moves: write to both, let the other one send, retire Pinpoint."""
PIXEL_WAYS = [way for way in WAYS if way != "switched"]
"""Where calls go does not depend on who sends."""
DOWN = {
    "pinpoint": {"target": "pinpoint.PutEvents", "kind": "error", "status": 503},
    "connect": {"target": "profiles.BatchPutProfileObject", "kind": "error", "status": 503},
}


@dataclass
class Moved:
    """The example with a choice of destinations.

    Parameters
    ----------
    planned
        What the plan said that led to it.
    """

    destination: str
    planned: list[str]
    shop: Deployment
    company: CompanyEvents
    services: dict[str, DestinationUnderTest]
    server: tuple[str, str]

    @property
    def sender(self) -> DestinationUnderTest:
        """The destination that sends company events."""
        return self.services["pinpoint" if self.destination in ("pinpoint", "both") else "connect"]

    def add_customer(self, **user_attributes: str) -> str:
        """A customer whom every destination knows."""
        name = f"c-{uuid.uuid4().hex[:10]}"
        for service in self.services.values():
            service.add_customer(name, **user_attributes)
        return name


@pytest.fixture(scope="module")
def ready(cloud: LocalCloud) -> ReadyConnect:
    return ReadyConnect.of(cloud, {name: text.format(OnConnect.PLAN) for name, text in SUBJECTS.items()})


@pytest.fixture(scope="module")
def stack(cloud: LocalCloud, tmp_path_factory: pytest.TempPathFactory) -> Stack:
    return Stack(cloud, tmp_path_factory.mktemp("destinations"), {})


@pytest.fixture(scope="module", params=WAYS)
def applied(request: pytest.FixtureRequest, cloud: LocalCloud, stack: Stack, ready: ReadyConnect) -> Moved:
    """The same root, applied with one choice after the other."""
    destination: str = request.param
    stack.variables = variables(ready, destination)
    planned = stack.changes() if destination != WAYS[0] else []
    outputs = stack.apply()
    application_id = outputs.get("application_id", "")
    shop = Deployment(cloud, outputs["pixel"], application_id)
    services: dict[str, DestinationUnderTest] = {}
    if application_id:
        services["pinpoint"] = pinpoint = OnPinpoint(cloud, shop.local, application_id)
        pinpoint.put_templates({name: text.format(OnPinpoint.PLAN) for name, text in SUBJECTS.items()})
    if connect := outputs.get("connect"):
        services["connect"] = OnConnect(cloud, shop.local, connect["domain_name"], connect["object_types"])
    company = CompanyEvents(cloud, outputs["company_events"], application_id, shop)
    return Moved(destination, planned, shop, company, services, caller(shop))


@pytest.fixture
def moved(applied: Moved) -> Iterator[Moved]:
    """Without faults before and after, in a hurry."""
    applied.shop.put_faults()
    applied.company.set_pace(TIME_FACTOR)
    yield applied
    applied.shop.put_faults()


def variables(ready: ReadyConnect, destination: str) -> dict[str, Any]:
    x86 = {"architecture": "x86_64"}
    return {
        **LOCAL_VARIABLES,
        "name": DOMAIN_NAME,
        "destination": "both" if destination == "switched" else destination,
        "sends_by": "pinpoint" if destination in ("pinpoint", "both") else "connect",
        "connect": {
            "instance_id": ready.instance.instance_id,
            "campaign_flow_arn": ready.instance.campaign_flow_arn,
            "senders": {"email": "news@example.com"},
            "templates": {name: {"arn": arn} for name, arn in ready.templates.items()},
            "profile_attributes": ["plan", "tier", "told_of"],
            "function": x86,
        },
        "email": {
            "from_address": "news@example.com",
            "identity_arn": "arn:aws:ses:us-east-1:000000000000:identity/example.com",
        },
        "events": ["*"],
        "event_attributes": ["*"],
        "anonymous_user_attributes": ["plan"],
        "authenticated_user_attributes": ["tier"],
        "gtm": None,
        "trusted": {"iam": {}},
        "consumer": {"batching_window_seconds": 1},
        "function": {**x86, "timeout_seconds": 30},
        "queue": {"return_delay_seconds": 1},
        "company_events": {
            "function": {**x86, "timeout_seconds": {"step": 30, "announcer": 60, "stamper": 30}},
            "force_destroy": True,
            "plans": {},
        },
    }


def caller(shop: Deployment) -> tuple[str, str]:
    """Keys of a server that may call the trusted route."""
    name = f"server-{uuid.uuid4().hex[:8]}"
    shop.iam.create_user(UserName=name)
    statement = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": shop.pixel["trusted_arn"]}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    shop.iam.put_user_policy(UserName=name, PolicyName="call", PolicyDocument=policy)
    key = shop.iam.create_access_key(UserName=name)["AccessKey"]
    return key["AccessKeyId"], key["SecretAccessKey"]


def release(event: str) -> dict[str, Any]:
    """A stamp that makes an audience, a message to it, a wait, and one more."""

    def send(template: str) -> dict[str, Any]:
        return {"audience": "told", "channel": "EMAIL", "template": template}

    return {
        "event": event,
        "audiences": {
            "paying": {"where": {"user.plan": [f"gold-{event}"]}},
            "told": {"where": {"user.told_of": [f"{event}: Dark mode"]}},
        },
        "steps": [
            {"id": "stamp", "stamp": {"audiences": ["paying"], "set": {"told_of": f"{event}: {{{{event.feature}}}}"}}},
            {"id": "announce", "send": [send("moving-news")]},
            {"id": "pause", "wait": "PT1H"},
            {"id": "remind", "send": [send("moving-again")]},
        ],
    }


def test_a_move_replaces_neither_api_nor_queues_nor_tables(moved: Moved) -> None:
    gone = [
        line
        for line in moved.planned
        if line.split()[0] in ("delete", "replace")
        and line.split()[1].split(".")[-2] in STAYS
        # What customers did is read from Pinpoint, and ends with it.
        and not (moved.destination == "connect" and "interactions" in line)
    ]
    assert not gone


@pytest.mark.parametrize("applied", ["both", "connect"], indirect=True)
def test_a_second_plan_changes_nothing(moved: Moved, stack: Stack) -> None:
    assert moved.shop.call({"event": "page.view", "endpoint_id": "before-the-plan"}).status == 200
    assert stack.changes() == []


@pytest.mark.parametrize("applied", PIXEL_WAYS, indirect=True)
def test_calls_of_every_route_arrive_whole(moved: Moved) -> None:
    customer = moved.add_customer()
    ids = {way: f"{way}-{uuid.uuid4().hex[:8]}" for way in ("get", "first", "second", "trusted")}
    call = {"endpoint_id": customer, "evat_page": "/a b?ü=1", "event": "page.view"}

    assert moved.shop.call({**call, "event_id": ids["get"], "usat_plan": "gold", "usat_tier": "none"}).status == 200
    assert moved.shop.post([{**call, "event_id": ids[way]} for way in ("first", "second")]).status == 200
    assert moved.shop.trusted({**call, "event_id": ids["trusted"], "usat_tier": "one"}, *moved.server).status == 200

    for service in moved.services.values():
        _wait_for(service, customer, ids.values())
        expected = {one: ("page.view", {"page": "/a b?ü=1", "event_id": one}) for one in ids.values()}
        assert service.arrived(customer) == expected
        wait_for("plan", lambda service=service: service.user_attribute(customer, "plan") == "gold")  # type: ignore[misc]
        wait_for("tier", lambda service=service: service.user_attribute(customer, "tier") == "one")  # type: ignore[misc]


@pytest.mark.parametrize("applied", PIXEL_WAYS, indirect=True)
def test_poison_is_rejected_alone_and_names_who_refuses_it(moved: Moved) -> None:
    customer = moved.add_customer()
    rejects = moved.shop.pixel["rejects_queue_url"]
    moved.shop.drain(rejects)
    healthy = [f"healthy-{number}-{uuid.uuid4().hex[:8]}" for number in range(30)]
    bad = [{"event": "page.view", "endpoint_id": "null"}, {"event": "company-x", "endpoint_id": customer}]

    calls = [{"event": "page.view", "endpoint_id": customer, "event_id": name} for name in healthy]
    assert moved.shop.post([*calls[:15], *bad, *calls[15:]]).status == 200

    for service in moved.services.values():
        _wait_for(service, customer, healthy)
    found = wait_for("the rejects", lambda: moved.shop.drain(rejects))
    assert len(found) == len(bad)


@pytest.mark.parametrize("applied", PIXEL_WAYS, indirect=True)
def test_one_that_is_down_keeps_nothing_from_the_other_and_misses_nothing(moved: Moved) -> None:
    for name in moved.services:
        _outage(moved, name)


def _outage(moved: Moved, down: str) -> None:
    """Forty calls while a destination answers none, and how they come there afterwards."""
    customer = moved.add_customer()
    names = {f"{down}-{number}-{uuid.uuid4().hex[:8]}" for number in range(40)}
    moved.shop.put_faults(DOWN[down])
    for name in names:
        assert moved.shop.call({"event": "page.view", "endpoint_id": customer, "event_id": name}).status == 200
    for service in moved.services.values():
        if service.name != down:
            _wait_for(service, customer, names)
    assert not moved.services[down].arrived(customer)

    moved.shop.put_faults()

    for service in moved.services.values():
        _wait_for(service, customer, names)
        assert {service.attempts(name) for name in names} == {1}, service.name
    assert moved.shop.depth(moved.shop.pixel["dlq_url"]) == 0


def _wait_for(service: DestinationUnderTest, customer: str, names: Collection[str]) -> None:
    """Wait until a customer has these events, and no others."""
    wait_for(f"{len(names)} events at {service.name}", lambda: set(service.arrived(customer)) == set(names))


def test_a_company_event_stamps_everywhere_and_sends_once(moved: Moved, event: str) -> None:
    ann, bob = moved.add_customer(plan=f"gold-{event}"), moved.add_customer(plan="free")
    moved.company.write_plan(release(event))

    run = moved.company.ended(moved.company.announce(event, feature="Dark mode"))

    assert run.status is RunStatus.COMPLETED, run
    stamp = f"{event}: Dark mode"
    for service in moved.services.values():
        # A run waits for the stamps of who sends.
        wait_for("the stamp", lambda service=service: service.user_attribute(ann, "told_of") == stamp)  # type: ignore[misc]
        assert service.user_attribute(bob, "told_of") is None
        expected = Counter({(ann, text.format(f"gold-{event}")): 1 for text in SUBJECTS.values()})
        told = Counter({key: count for key, count in service.messages().items() if key[0] in (ann, bob)})
        assert told == (expected if service is moved.sender else Counter()), service.name


KILLS = {
    "pinpoint": [("pinpoint.CreateSegment", True), ("pinpoint.CreateCampaign", True)],
    "connect": [
        ("profiles.CreateSegmentDefinition", True),
        ("profiles.CreateSegmentSnapshot", True),
        ("outbound.CreateCampaign", True),
        ("outbound.StartCampaign", False),
        ("outbound.StartCampaign", True),
    ],
}


@pytest.mark.parametrize("applied", ["both", "connect"], indirect=True)
def test_a_step_function_that_dies_sends_exactly_what_is_planned(moved: Moved) -> None:
    # Campaigns end a day after they began, which leaves minutes to what makes up for a death.
    moved.company.set_pace(TIME_FACTOR / 5)
    function = moved.company.module["functions"]["step"]["name"]
    runs: dict[str, tuple[str, str]] = {}
    for number, (operation, processed) in enumerate(KILLS[moved.sender.name]):
        event = f"killed_{number}_{uuid.uuid4().hex[:6]}"
        customer = moved.add_customer(plan=f"gold-{event}")
        moved.company.write_plan(release(event))
        match = {"function": function, "operation": operation}
        fault = {"target": "function.call", "kind": "kill", "match": match, "processed": processed, "times": 1}
        moved.shop.put_faults(fault)
        runs[moved.company.announce(event, feature="Dark mode")] = (event, customer)
        wait_for(f"the death at {operation}", moved.company.no_faults_left)

    for run, (event, customer) in runs.items():
        assert moved.company.ended(run).status is RunStatus.COMPLETED, event
        told = Counter({key: count for key, count in moved.sender.messages().items() if key[0] == customer})
        assert told == Counter({(customer, text.format(f"gold-{event}")): 1 for text in SUBJECTS.values()}), event


def test_nobody_was_refused_anything(moved: Moved) -> None:
    """IAM is enforced: every role may do what it does."""
    ours = [refusal for refusal in moved.shop.refusals() if "moving-" in refusal["principal"]]
    assert ours == []


DOMAIN = {"DomainName": "{domain}"}
PROFILE = {**DOMAIN, "ProfileId": "0" * 32}
CAMPAIGN = {"id": "00000000-0000-0000-0000-000000000000"}
SEGMENT = {**DOMAIN, "SegmentDefinitionName": "x", "DisplayName": "x", "SegmentGroups": {"Groups": []}}
OBJECT = {**DOMAIN, "ObjectTypeName": "of-somebody-else", "Object": "{{}}"}
FORBIDDEN: list[tuple[str, str, str, dict[str, Any]]] = [
    ("pixel", "customer-profiles", "put_profile_object", OBJECT),
    ("pixel", "customer-profiles", "update_profile", PROFILE),
    ("pixel", "customer-profiles", "search_profiles", {**DOMAIN, "KeyName": "_account", "Values": ["ann"]}),
    ("pixel", "customer-profiles", "delete_profile", PROFILE),
    ("pixel", "connectcampaignsv2", "start_campaign", CAMPAIGN),
    ("announcer", "customer-profiles", "update_profile", PROFILE),
    ("announcer", "customer-profiles", "create_segment_definition", SEGMENT),
    ("announcer", "connectcampaignsv2", "start_campaign", CAMPAIGN),
    ("step", "customer-profiles", "update_profile", PROFILE),
    ("step", "customer-profiles", "put_profile_object", OBJECT),
    ("step", "customer-profiles", "delete_domain", DOMAIN),
    ("step", "connectcampaignsv2", "start_campaign", CAMPAIGN),
    ("step", "connectcampaignsv2", "create_campaign", {"name": "x", "connectInstanceId": "{instance_id}"}),
    ("stamper", "customer-profiles", "create_profile", DOMAIN),
    ("stamper", "customer-profiles", "delete_profile", PROFILE),
    ("stamper", "customer-profiles", "put_profile_object", OBJECT),
    ("stamper", "connectcampaignsv2", "list_campaigns", {}),
    ("plans", "customer-profiles", "update_profile", PROFILE),
    ("plans", "connectcampaignsv2", "start_campaign", CAMPAIGN),
]


@pytest.mark.parametrize("applied", ["connect"], indirect=True)
def test_no_role_can_do_more_than_its_job_at_connect(moved: Moved, ready: ReadyConnect) -> None:
    """A campaign that a role may start carries the environment's tag; this one is nobody's."""
    values = {"domain": DOMAIN_NAME, "instance_id": ready.instance.instance_id}
    arns = {role: function["role_arn"] for role, function in moved.company.module["functions"].items()}
    arns["pixel"] = moved.shop.pixel["role_arn"]
    sessions = {role: Role(moved.shop, arn.rpartition("/")[2]).session() for role, arn in arns.items()}
    for role, service, operation, arguments in FORBIDDEN:
        client = sessions[role].client(service, endpoint_url=moved.shop.cloud.url)  # type: ignore[call-overload]
        filled = {key: text.format(**values) if isinstance(text, str) else text for key, text in arguments.items()}
        with pytest.raises(ClientError) as refused:
            getattr(client, operation)(**filled)
        assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403, (role, operation, refused.value)


@pytest.mark.parametrize("applied", ["connect"], indirect=True)
def test_destroy_leaves_nothing_at_connect(moved: Moved, stack: Stack) -> None:
    moved.company.remove_plans()

    stack.destroy()

    assert DOMAIN_NAME not in [domain["name"] for domain in moved.shop.local("profiles/domains")]
    assert not moved.shop.sqs.list_queues(QueueNamePrefix=f"{DOMAIN_NAME}-").get("QueueUrls")
