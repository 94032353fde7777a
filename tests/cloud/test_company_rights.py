"""Company events: every statement of every role is needed, nobody may do more, and the pixel cannot do any of it."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatch
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from engagement.domain.runs.records import RunRecord, RunStatus, StepStatus
from local_cloud.process import LocalCloud
from tests.cloud.company import CompanyEvents
from tests.cloud.deployment import Deployment, client_settings, wait_for
from tests.cloud.roles import Role
from tools.stack import LOCAL_VARIABLES, Stack

TIME_FACTOR = 3000.0
CUSTOMERS = {"where": {"user.plan": ["gold"]}}


def say(text: str) -> dict[str, Any]:
    return {"audience": "gold", "channel": "EMAIL", "message": {"subject": text, "text": text}}


LAUNCH: dict[str, Any] = {
    "event": "launch",
    "audiences": {"gold": CUSTOMERS},
    "steps": [
        {"id": "stamp", "stamp": {"audiences": ["gold"], "set": {"launch_stamp": "{{event.number}}"}}},
        {"id": "export", "stamp": {"audiences": ["gold"], "via": "export", "set": {"launch_export": "yes"}}},
        {"id": "tell", "send": [say("Launch {{event.number}}")]},
    ],
}
"""Needs every right of the step function: it stamps both ways, counts, exports and sends."""
PAUSED: dict[str, Any] = {
    "event": "paused",
    "audiences": {"gold": CUSTOMERS},
    "steps": [
        {"id": "tell", "send": [say("Paused")]},
        {"id": "pause", "wait": "P300D"},
        {"id": "remind", "send": [say("Never")]},
    ],
}
DIGEST: dict[str, Any] = {
    "event": "digest",
    "orchestrator": "schedule",
    "schedule": "now",
    "audiences": {"gold": CUSTOMERS},
    "steps": [{"id": "tell", "send": [say("Digest")]}],
}
VARIABLES = {
    **LOCAL_VARIABLES,
    "name": "rights",
    "email": {
        "from_address": "news@example.com",
        "identity_arn": "arn:aws:ses:us-east-1:000000000000:identity/example.com",
    },
    "events": ["*"],
    "event_attributes": ["*"],
    "event_metrics": ["*"],
    "anonymous_user_attributes": ["city"],
    "authenticated_user_attributes": ["*"],
    "gtm": {"user_attributes": ["city"]},
    "trusted": {"iam": {}},
    "consumer": {"batching_window_seconds": 1},
    "company_events": {
        "function": {"architecture": "x86_64", "timeout_seconds": {"step": 15, "announcer": 60, "stamper": 30}},
        "force_destroy": True,
        "runs": {"maximum_audience": 1000},
        "queues": {"max_receive_count": 100},
        "plans": {"launch": json.dumps(LAUNCH)},
    },
}
PATIENCE = 25.0
"""Seconds for a run: more than a lease, less than what passes until a stamp that was never queued is sent again."""
SERVICES = ("machine", "scheduler", "exports")
UNTRIED = {
    # The local cloud writes logs itself.
    *((role, "WriteOwnLogs") for role in ("announcer", "step", "stamp_hook", "stamper", "plans")),
    ("machine", "WriteLogs"),
    # It calls an object that is not there missing, whoever asks; S3 calls it forbidden without this right.
    ("announcer", "FindPlans"),
    # It writes to a bucket without looking for it, and lets tags be given by whoever may create.
    ("exports", "FindTheBucket"),
    ("step", "TagWhatIsMade"),
}
"""Statements that the local cloud does not ask for; company_events_iam.tftest.hcl asserts them on the document."""


@pytest.fixture(scope="module")
def applied(cloud: LocalCloud, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    stack = Stack(cloud, tmp_path_factory.mktemp("rights"), VARIABLES)
    stack.apply()
    return stack.outputs()


@pytest.fixture
def company(cloud: LocalCloud, applied: dict[str, Any]) -> Iterator[CompanyEvents]:
    shop = Deployment(cloud, applied["pixel"], applied["application_id"])
    events = CompanyEvents(cloud, applied["company_events"], applied["application_id"], shop)
    events.set(time_factor=TIME_FACTOR)
    # What comes back comes back soon.
    for queue in ("events_queue_url", "stamp_queue_url"):
        shop.sqs.set_queue_attributes(QueueUrl=events.module[queue], Attributes={"VisibilityTimeout": "3"})
    events.customer("ann", plan="gold")
    events.customer("bob", plan="free")
    yield events
    events.set(time_factor=1.0)


@pytest.fixture
def roles(company: CompanyEvents) -> dict[str, Role]:
    arns = {role: function["role_arn"] for role, function in company.module["functions"].items()}
    some = arns["step"].replace("-ce-step-", "-ce-{}-")
    arns |= {role: some.format(role) for role in SERVICES}
    return {role: Role(company.shop, arn.rpartition("/")[2]) for role, arn in arns.items()}


@dataclass
class Ladder:
    """Roles without any statement; each comes back as soon as it was missed."""

    company: CompanyEvents
    roles: Mapping[str, Role]
    missing: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    missed: list[tuple[str, str]] = field(default_factory=list)

    def strip(self) -> None:
        """Take everything away that can be missed here."""
        self.quiet_since = time.monotonic()
        self.since = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}"
        self.whole = {role: holder.statements() for role, holder in self.roles.items()}
        for role, holder in self.roles.items():
            self.missing |= {(role, one["Sid"]): one for one in self.whole[role] if (role, one["Sid"]) not in UNTRIED}
            self._write(role, holder)

    def climb(self) -> None:
        """Give back what was missed."""
        for refusal in self.company.shop.refusals():
            if refusal["time"] < self.since:
                continue
            for (role, sid), statement in list(self.missing.items()):
                holder = self.roles[role]
                if f"/{holder.name}" in refusal["principal"] and _covers(statement, refusal):
                    del self.missing[role, sid]
                    self.missed.append((role, sid))
                    self.quiet_since = time.monotonic()
                    self._write(role, holder)

    def restore(self) -> None:
        for role, holder in self.roles.items():
            holder.write(self.whole[role])

    def _write(self, role: str, holder: Role) -> None:
        holder.write([one for one in self.whole[role] if (role, one["Sid"]) not in self.missing])


def _covers(statement: Mapping[str, Any], refusal: Mapping[str, str]) -> bool:
    return any(fnmatch(refusal["action"], action) for action in _list(statement["Action"])) and any(
        fnmatch(refusal["resource"], resource) for resource in _list(statement["Resource"])
    )


def _list(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


@pytest.fixture
def ladder(company: CompanyEvents, roles: dict[str, Role]) -> Iterator[Ladder]:
    made = Ladder(company, roles)
    made.strip()
    yield made
    made.restore()


def test_each_statement_is_missed_and_with_it_the_work_goes_on(company: CompanyEvents, ladder: Ladder) -> None:
    # GIVEN roles that may do nothing, an event, and a plan whose time has come
    outbox = company.mark()
    company.write_plan(DIGEST)
    attempts = [company.announce("launch", number="0")]
    ended: list[RunRecord] = []

    # WHEN each right is given back once its action was refused
    def all_but_stopping() -> bool:
        ladder.climb()
        if any(role == "plans" for role, _ in ladder.missing):
            company.shop.functions.invoke(FunctionName=company.module["functions"]["plans"]["name"], Payload=b"{}")
        record = company.ledger.run(attempts[-1])
        if record and record.status is RunStatus.RUNNING:
            record = None
        if record and record.status is RunStatus.COMPLETED and ladder.missing.keys() <= STOPPING:
            return True
        if record or time.monotonic() > ladder.quiet_since + PATIENCE:
            ended.extend([record] if record else [])
            attempts.append(company.announce("launch", number=str(len(attempts))))
            ladder.quiet_since = time.monotonic()
        time.sleep(0.2)
        return False

    deadline = time.monotonic() + 240
    while not all_but_stopping():
        assert time.monotonic() < deadline, (sorted(ladder.missing), ended)
    # AND a run is stopped
    company.write_plan(PAUSED)
    paused = company.announce("paused")
    wait_for("a wait", lambda: [one for one in company.steps(paused) if one.status is StepStatus.WAITING], 120)
    company.put("Company Event Stop", {"run": paused})

    def stopped() -> bool:
        ladder.climb()
        record = company.ledger.run(paused)
        return record is not None and record.status is RunStatus.STOPPED

    wait_for("the stop", stopped, 120)

    # THEN every statement was missed
    assert ladder.missing == {}, ladder.missed
    # AND what failed says why, and nobody was told twice, or by mistake
    for record in ended:
        assert record.status is RunStatus.COMPLETED or record.reason, record
    told = company.messages(outbox)
    assert set(told.values()) == {1}, told
    assert {who for who, _ in told} == {"ann-mail"}
    last = len(attempts) - 1
    assert told["ann-mail", f"Launch {last}"] == told["ann-mail", "Paused"] == 1
    assert ("ann-mail", "Never") not in told
    assert all(run.status is RunStatus.COMPLETED or run.reason for run in company.runs("digest"))
    assert company.runs("digest"), "the schedule started its plan in the end"
    stamped = company.shop.endpoints()["ann-phone"]["User"]["UserAttributes"]
    assert stamped["launch_stamp"] == [str(last)]
    assert stamped["launch_export"] == ["yes"]
    # AND nothing is lost
    for queue in ("events_queue_url", "events_dlq_url", "stamp_queue_url", "stamp_dlq_url"):
        wait_for(f"an empty {queue}", lambda queue=queue: company.shop.depth(company.module[queue]) == 0)  # type: ignore[misc]


STOPPING = {("announcer", "StopRuns"), ("announcer", "TakeCampaignsBack")}

FORBIDDEN: list[tuple[str, str, str, dict[str, Any]]] = [
    ("announcer", "pinpoint", "create_campaign", {"ApplicationId": "{app}", "WriteCampaignRequest": {}}),
    ("announcer", "pinpoint", "create_segment", {"ApplicationId": "{app}", "WriteSegmentRequest": {}}),
    ("announcer", "s3", "put_object", {"Bucket": "{plan_bucket_name}", "Key": "plans/x.json", "Body": ""}),
    ("announcer", "sqs", "send_message", {"QueueUrl": "{stamp_queue_url}", "MessageBody": "x"}),
    ("step", "s3", "put_object", {"Bucket": "{plan_bucket_name}", "Key": "plans/x.json", "Body": ""}),
    ("step", "pinpoint", "update_endpoints_batch", {"ApplicationId": "{app}", "EndpointBatchRequest": {"Item": []}}),
    ("step", "pinpoint", "get_apps", {}),
    ("step", "stepfunctions", "start_execution", {"stateMachineArn": "{state_machine_arn}"}),
    ("step", "sqs", "receive_message", {"QueueUrl": "{stamp_queue_url}"}),
    ("stamp_hook", "s3", "get_object", {"Bucket": "{plan_bucket_name}", "Key": "defaults/launch.json"}),
    ("stamp_hook", "pinpoint", "get_endpoint", {"ApplicationId": "{app}", "EndpointId": "ann-mail"}),
    ("stamp_hook", "sqs", "receive_message", {"QueueUrl": "{stamp_queue_url}"}),
    ("stamp_hook", "dynamodb", "query", {"TableName": "{ledger_table_name}", "KeyConditionExpression": "pk = sk"}),
    ("stamper", "pinpoint", "create_campaign", {"ApplicationId": "{app}", "WriteCampaignRequest": {}}),
    ("stamper", "pinpoint", "put_events", {"ApplicationId": "{app}", "EventsRequest": {"BatchItem": {}}}),
    ("stamper", "s3", "get_object", {"Bucket": "{plan_bucket_name}", "Key": "defaults/launch.json"}),
    ("stamper", "sqs", "send_message", {"QueueUrl": "{events_queue_url}", "MessageBody": "x"}),
    ("plans", "pinpoint", "create_campaign", {"ApplicationId": "{app}", "WriteCampaignRequest": {}}),
    ("plans", "s3", "put_object", {"Bucket": "{plan_bucket_name}", "Key": "plans/x.json", "Body": ""}),
    ("plans", "sqs", "send_message", {"QueueUrl": "{events_queue_url}", "MessageBody": "x"}),
    ("plans", "dynamodb", "scan", {"TableName": "{ledger_table_name}"}),
    ("machine", "lambda", "invoke", {"FunctionName": "{stamper}"}),
    ("scheduler", "sqs", "send_message", {"QueueUrl": "{stamp_queue_url}", "MessageBody": "x"}),
    ("exports", "s3", "get_object", {"Bucket": "{plan_bucket_name}", "Key": "defaults/launch.json"}),
    ("exports", "s3", "put_object", {"Bucket": "{plan_bucket_name}", "Key": "plans/x.json", "Body": ""}),
]


def filled(arguments: Any, company: CompanyEvents) -> Any:
    if isinstance(arguments, dict):
        return {name: filled(value, company) for name, value in arguments.items()}
    stamper = company.module["functions"]["stamper"]["name"]
    texts = {name: value for name, value in company.module.items() if isinstance(value, str)}
    values = {**texts, "app": company.application_id, "stamper": stamper}
    return arguments.format(**values) if isinstance(arguments, str) else arguments


def is_refused(client: Any, operation: str, arguments: Mapping[str, Any]) -> bool:
    with pytest.raises(ClientError) as caught:
        getattr(client, operation)(**arguments)
    return any(word in str(caught.value) for word in ("AccessDenied", "Forbidden", "not authorized"))


@pytest.mark.parametrize(("role", "service", "operation", "arguments"), FORBIDDEN)
def test_no_role_can_do_more_than_its_job(
    company: CompanyEvents, roles: dict[str, Role], role: str, service: str, operation: str, arguments: dict[str, Any]
) -> None:
    client = roles[role].session().client(service, endpoint_url=company.cloud.url)  # type: ignore[call-overload]

    assert is_refused(client, operation, filled(arguments, company))


ENTRANCES: list[tuple[str, str, dict[str, Any]]] = [
    ("s3", "put_object", {"Bucket": "{plan_bucket_name}", "Key": "plans/launch.json", "Body": "{{}}"}),
    ("s3", "delete_object", {"Bucket": "{plan_bucket_name}", "Key": "defaults/launch.json"}),
    ("sqs", "send_message", {"QueueUrl": "{events_queue_url}", "MessageBody": "x"}),
    ("sqs", "send_message", {"QueueUrl": "{stamp_queue_url}", "MessageBody": "x"}),
    ("stepfunctions", "start_execution", {"stateMachineArn": "{state_machine_arn}"}),
    ("events", "put_events", {"Entries": []}),
]


@pytest.mark.parametrize(("service", "operation", "arguments"), ENTRANCES)
def test_strangers_find_every_entrance_closed(
    company: CompanyEvents, service: str, operation: str, arguments: dict[str, Any]
) -> None:
    detail = json.dumps({"event": "launch", "event_id": "stranger", "number": "9"})
    entry = {"Source": "x", "DetailType": "Company Event", "Detail": detail, "EventBusName": company.module["bus_arn"]}
    given = {"Entries": [entry]} if operation == "put_events" else filled(arguments, company)
    runs = len(list(company.ledger.runs()))

    # Somebody of the same account whom nobody has given a right
    company.shop.iam.create_user(UserName="stranger")
    key = company.shop.iam.create_access_key(UserName="stranger")["AccessKey"]
    settings = client_settings(company.cloud, key["AccessKeyId"]) | {"aws_secret_access_key": key["SecretAccessKey"]}
    assert is_refused(boto3.client(service, **settings), operation, given)  # type: ignore[call-overload]
    company.shop.iam.delete_access_key(UserName="stranger", AccessKeyId=key["AccessKeyId"])
    company.shop.iam.delete_user(UserName="stranger")

    # The root of another account
    other = boto3.client(service, **client_settings(company.cloud, "999999999999"))  # type: ignore[call-overload]
    try:
        answer = getattr(other, operation)(**given)
    except ClientError:
        pass
    else:
        assert answer.get("FailedEntryCount") == 1, answer
    assert len(list(company.ledger.runs())) == runs


@pytest.fixture
def routes(company: CompanyEvents, request: pytest.FixtureRequest) -> dict[str, Any]:
    """Sends one call by each route of the pixel."""
    shop = company.shop
    key = request.getfixturevalue("rights_server")
    return {
        "get": shop.call,
        "post": lambda call: shop.post([call]),
        "trusted": lambda call: shop.trusted([call], *key),
    }


@pytest.fixture
def rights_server(company: CompanyEvents) -> Iterator[tuple[str, str]]:
    """Keys of a server that may call the trusted route."""
    iam, name = company.shop.iam, "rights-server"
    iam.create_user(UserName=name)
    statement = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": company.shop.pixel["trusted_arn"]}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName=name, PolicyName="call", PolicyDocument=policy)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    yield key["AccessKeyId"], key["SecretAccessKey"]
    iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
    iam.delete_user_policy(UserName=name, PolicyName="call")
    iam.delete_user(UserName=name)


@pytest.mark.parametrize("route", ["get", "post", "trusted"])
def test_no_call_of_the_pixel_starts_a_run_or_writes_what_is_reserved(
    company: CompanyEvents, routes: dict[str, Any], route: str
) -> None:
    # GIVEN what the deployment holds
    shop, endpoint = company.shop, f"caller-{route}"
    shop.drain(shop.pixel["rejects_queue_url"])
    since, runs = shop.mark(), len(list(company.ledger.runs()))
    stamps = {"usat_launch_stamp": "9", "usat_launch_export": "no", "usat_engagement_role": "company"}

    # WHEN calls name a company event, its endpoint, and attributes that are stamped or reserved
    calls = [
        {"event": "launch", "endpoint_id": endpoint, "evat_number": "9"},
        {"event": "page.view", "endpoint_id": "company-1"},
        {"event": "page.view", "endpoint_id": endpoint, **stamps},
    ]
    for call in calls:
        assert routes[route](call).status == 200

    # THEN two are rejected with the reason, and the third writes none of it
    wait_for("two rejects", lambda: shop.depth(shop.pixel["rejects_queue_url"]) == 2)
    rejects = shop.drain(shop.pixel["rejects_queue_url"])
    reasons = Counter(message["MessageAttributes"]["reason"]["StringValue"] for message in rejects)
    assert reasons == {"event_reserved": 1, "endpoint_id_reserved": 1}
    [(who, _, event)] = shop.wait_for_events(1, since)
    assert (who, event["EventType"]) == (endpoint, "page.view")
    written = shop.endpoints()
    assert not (written[endpoint].get("User") or {}).get("UserAttributes")
    assert "company-1" not in written
    assert len(list(company.ledger.runs())) == runs
