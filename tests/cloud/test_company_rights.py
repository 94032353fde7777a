"""Company events: no role may do more than its job, strangers nothing, and the pixel cannot do any of it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from engagement.domain.runs.announcement import CALLED, PLANNED, called
from engagement.domain.runs.records import RunStatus
from local_cloud.process import LocalCloud
from tests.cloud.company import TIME_FACTOR, CompanyEvents
from tests.cloud.deployment import Deployment, client_settings, set_pace, wait_for
from tests.cloud.roles import Role
from tools.stack import LOCAL_VARIABLES, Stack

# Pinpoint lets nobody into a journey for three seconds then, and all plans are looked at twice a minute.
TIME_FACTOR_OF_THE_APPLY = 100.0
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
TRIP: dict[str, Any] = {
    "event": "trip",
    "orchestrator": "journey",
    "audiences": {"gold": CUSTOMERS},
    "steps": [{"id": "tell", "send": [say("Trip {{event.number}}")]}],
}
RUN = "0123456789abcdef0123456789abcdef01234567"
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
        "function": {"architecture": "x86_64", "timeout_seconds": {"step": 30, "announcer": 60, "stamper": 30}},
        "force_destroy": True,
        "runs": {"maximum_audience": 1000},
        "queues": {"max_receive_count": 100},
        "journeys": {"live_after_seconds": 1, "call_timeout_seconds": 60_000},
        "plans": {"launch": json.dumps(LAUNCH), "trip": json.dumps(TRIP)},
    },
}
SERVICES = ("machine", "scheduler", "exports", "stream")


@pytest.fixture(scope="module")
def applied(cloud: LocalCloud, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    # The first minutes of a journey count from its publication, which the apply sees to.
    set_pace(cloud, TIME_FACTOR_OF_THE_APPLY)
    stack = Stack(cloud, tmp_path_factory.mktemp("rights"), VARIABLES)
    stack.apply()
    return stack.outputs()


@pytest.fixture
def company(cloud: LocalCloud, applied: dict[str, Any]) -> Iterator[CompanyEvents]:
    shop = Deployment(cloud, applied["pixel"], applied["application_id"])
    events = CompanyEvents(cloud, applied["company_events"], applied["application_id"], shop)
    events.set_pace(TIME_FACTOR)
    # What comes back comes back soon.
    for queue in ("events_queue_url", "stamp_queue_url"):
        shop.sqs.set_queue_attributes(QueueUrl=events.module[queue], Attributes={"VisibilityTimeout": "3"})
    events.customer("ann", plan="gold")
    events.customer("bob", plan="free")
    yield events
    events.set_pace(1.0)


@pytest.fixture
def roles(company: CompanyEvents) -> dict[str, Role]:
    arns = {role: function["role_arn"] for role, function in company.module["functions"].items()}
    some = arns["step"].replace("-ce-step-", "-ce-{}-")
    arns |= {role: some.format(role) for role in SERVICES}
    return {role: Role(company.shop, arn.rpartition("/")[2]) for role, arn in arns.items()}


CUSTOMER = {"ApplicationId": "{app}", "EndpointId": "ann-mail"}
COMPANY_ENDPOINT = {"ApplicationId": "{app}", "EndpointId": f"company-{RUN}"}
JOURNEY = {"ApplicationId": "{app}", "JourneyId": "x"}
ITEM = {"pk": {"S": "x"}, "sk": {"S": "x"}}
INTERACTION = {"TableName": "{table_name}", "Key": ITEM}
FORBIDDEN: list[tuple[str, str, str, dict[str, Any]]] = [
    ("announcer", "pinpoint", "create_campaign", {"ApplicationId": "{app}", "WriteCampaignRequest": {}}),
    ("announcer", "pinpoint", "create_segment", {"ApplicationId": "{app}", "WriteSegmentRequest": {}}),
    ("announcer", "s3", "put_object", {"Bucket": "{plan_bucket_name}", "Key": "plans/x.json", "Body": ""}),
    ("announcer", "sqs", "send_message", {"QueueUrl": "{stamp_queue_url}", "MessageBody": "x"}),
    ("announcer", "pinpoint", "delete_endpoint", CUSTOMER),
    ("announcer", "pinpoint", "update_endpoint", {**COMPANY_ENDPOINT, "EndpointRequest": {}}),
    ("announcer", "pinpoint", "create_journey", {"ApplicationId": "{app}", "WriteJourneyRequest": {"Name": "x"}}),
    ("step", "s3", "put_object", {"Bucket": "{plan_bucket_name}", "Key": "plans/x.json", "Body": ""}),
    ("step", "pinpoint", "update_endpoints_batch", {"ApplicationId": "{app}", "EndpointBatchRequest": {"Item": []}}),
    ("step", "pinpoint", "get_apps", {}),
    ("step", "stepfunctions", "start_execution", {"stateMachineArn": "{state_machine_arn}"}),
    ("step", "sqs", "receive_message", {"QueueUrl": "{stamp_queue_url}"}),
    (
        "step",
        "pinpoint",
        "update_endpoint",
        {**CUSTOMER, "EndpointRequest": {}},
    ),
    ("step", "pinpoint", "get_endpoint", CUSTOMER),
    ("step", "pinpoint", "delete_endpoint", CUSTOMER),
    ("step", "pinpoint", "list_journeys", {"ApplicationId": "{app}"}),
    ("step", "pinpoint", "update_journey_state", {**JOURNEY, "JourneyStateRequest": {"State": "CANCELLED"}}),
    ("step", "kinesis", "put_records", {"StreamARN": "{stream_arn}", "Records": [{"Data": b"x", "PartitionKey": "x"}]}),
    ("step", "dynamodb", "get_item", INTERACTION),
    ("stamp_hook", "s3", "get_object", {"Bucket": "{plan_bucket_name}", "Key": "defaults/launch.json"}),
    ("stamp_hook", "pinpoint", "get_endpoint", CUSTOMER),
    ("stamp_hook", "sqs", "receive_message", {"QueueUrl": "{stamp_queue_url}"}),
    ("stamp_hook", "dynamodb", "query", {"TableName": "{ledger_table_name}", "KeyConditionExpression": "pk = sk"}),
    ("stamper", "pinpoint", "create_campaign", {"ApplicationId": "{app}", "WriteCampaignRequest": {}}),
    ("stamper", "pinpoint", "put_events", {"ApplicationId": "{app}", "EventsRequest": {"BatchItem": {}}}),
    ("stamper", "s3", "get_object", {"Bucket": "{plan_bucket_name}", "Key": "defaults/launch.json"}),
    ("stamper", "sqs", "send_message", {"QueueUrl": "{events_queue_url}", "MessageBody": "x"}),
    ("journey", "pinpoint", "create_campaign", {"ApplicationId": "{app}", "WriteCampaignRequest": {}}),
    ("journey", "pinpoint", "create_segment", {"ApplicationId": "{app}", "WriteSegmentRequest": {}}),
    ("journey", "pinpoint", "create_journey", {"ApplicationId": "{app}", "WriteJourneyRequest": {"Name": "x"}}),
    ("journey", "pinpoint", "put_events", {"ApplicationId": "{app}", "EventsRequest": {"BatchItem": {}}}),
    ("journey", "pinpoint", "get_endpoint", COMPANY_ENDPOINT),
    ("journey", "stepfunctions", "start_execution", {"stateMachineArn": "{state_machine_arn}"}),
    ("journey", "sqs", "receive_message", {"QueueUrl": "{events_queue_url}"}),
    ("journey", "dynamodb", "get_item", {"TableName": "{ledger_table_name}", "Key": ITEM}),
    ("journey", "dynamodb", "delete_item", {"TableName": "{ledger_table_name}", "Key": ITEM}),
    ("journey", "s3", "put_object", {"Bucket": "{plan_bucket_name}", "Key": "plans/x.json", "Body": ""}),
    ("journey", "lambda", "invoke", {"FunctionName": "{step}"}),
    ("plans", "pinpoint", "create_campaign", {"ApplicationId": "{app}", "WriteCampaignRequest": {}}),
    ("plans", "s3", "put_object", {"Bucket": "{plan_bucket_name}", "Key": "plans/x.json", "Body": ""}),
    ("plans", "sqs", "send_message", {"QueueUrl": "{events_queue_url}", "MessageBody": "x"}),
    ("plans", "dynamodb", "scan", {"TableName": "{ledger_table_name}"}),
    ("plans", "pinpoint", "put_events", {"ApplicationId": "{app}", "EventsRequest": {"BatchItem": {}}}),
    ("plans", "pinpoint", "update_endpoint", {**COMPANY_ENDPOINT, "EndpointRequest": {}}),
    ("plans", "pinpoint", "update_journey", {**JOURNEY, "WriteJourneyRequest": {"Name": "x"}}),
    ("plans", "dynamodb", "update_item", {"TableName": "{ledger_table_name}", "Key": ITEM}),
    ("plans", "lambda", "invoke", {"FunctionName": "{journey}"}),
    ("recorder", "kinesis", "put_record", {"StreamARN": "{stream_arn}", "Data": b"x", "PartitionKey": "x"}),
    ("recorder", "dynamodb", "get_item", INTERACTION),
    ("recorder", "dynamodb", "update_item", {"TableName": "{ledger_table_name}", "Key": ITEM}),
    ("recorder", "pinpoint", "delete_campaign", {"ApplicationId": "{app}", "CampaignId": "x"}),
    ("filter", "dynamodb", "update_item", INTERACTION),
    ("filter", "kinesis", "list_shards", {"StreamARN": "{stream_arn}"}),
    ("filter", "pinpoint", "get_campaigns", {"ApplicationId": "{app}"}),
    ("event_stream", "kinesis", "put_record", {"StreamARN": "{stream_arn}", "Data": b"x", "PartitionKey": "x"}),
    ("event_stream", "pinpoint", "get_campaigns", {"ApplicationId": "{app}"}),
    ("machine", "lambda", "invoke", {"FunctionName": "{stamper}"}),
    ("machine", "lambda", "invoke", {"FunctionName": "{journey}"}),
    ("scheduler", "lambda", "invoke", {"FunctionName": "{journey}"}),
    ("scheduler", "sqs", "send_message", {"QueueUrl": "{stamp_queue_url}", "MessageBody": "x"}),
    ("exports", "s3", "get_object", {"Bucket": "{plan_bucket_name}", "Key": "defaults/launch.json"}),
    ("exports", "s3", "put_object", {"Bucket": "{plan_bucket_name}", "Key": "plans/x.json", "Body": ""}),
    ("stream", "kinesis", "list_shards", {"StreamARN": "{stream_arn}"}),
    ("stream", "pinpoint", "delete_event_stream", {"ApplicationId": "{app}"}),
]


def filled(arguments: Any, company: CompanyEvents) -> Any:
    if isinstance(arguments, dict):
        return {name: filled(value, company) for name, value in arguments.items()}
    functions = {role: function["arn"] for role, function in company.module["functions"].items()}
    outputs = {**company.module, **company.module["interactions"]}
    texts = {name: value for name, value in outputs.items() if isinstance(value, str)}
    values = {**texts, **functions, "app": company.application_id}
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


CALL = {
    "Data": json.dumps({"plan": "launch", "step": "tell"}),
    "JourneyId": "drawn",
    "Endpoints": {"company-shop": {"User": {"UserAttributes": {"event_id": ["stranger"]}}}},
}
ENTRANCES: list[tuple[str, str, dict[str, Any]]] = [
    ("s3", "put_object", {"Bucket": "{plan_bucket_name}", "Key": "plans/launch.json", "Body": "{{}}"}),
    ("s3", "delete_object", {"Bucket": "{plan_bucket_name}", "Key": "defaults/launch.json"}),
    ("sqs", "send_message", {"QueueUrl": "{events_queue_url}", "MessageBody": "x"}),
    ("sqs", "send_message", {"QueueUrl": "{stamp_queue_url}", "MessageBody": "x"}),
    ("stepfunctions", "start_execution", {"stateMachineArn": "{state_machine_arn}"}),
    ("lambda", "invoke", {"FunctionName": "{journey}", "Payload": json.dumps(CALL).encode()}),
    ("pinpoint", "update_endpoint", {**COMPANY_ENDPOINT, "EndpointRequest": {"ChannelType": "CUSTOM"}}),
    ("pinpoint", "put_events", {"ApplicationId": "{app}", "EventsRequest": {"BatchItem": {}}}),
    ("events", "put_events", {"Entries": []}),
]


@pytest.mark.parametrize(("service", "operation", "arguments"), ENTRANCES)
def test_strangers_find_every_entrance_closed(
    company: CompanyEvents, service: str, operation: str, arguments: dict[str, Any]
) -> None:
    detail = json.dumps({"event": "launch", "event_id": "stranger", "number": "9"})
    entry = {"Source": "x", "DetailType": "Company Event", "Detail": detail, "EventBusName": company.module["bus_arn"]}
    given = {"Entries": [entry]} if service == "events" else filled(arguments, company)
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


def test_no_producer_can_pass_for_a_journey_or_a_schedule(company: CompanyEvents) -> None:
    # GIVEN somebody who may put events on the bus
    runs = set(company.ledger.runs())
    asked = json.loads(called("launch", "tell", "drawn", "company-shop", "producer", {"number": "9"}))

    # WHEN they put what only the journey function and Scheduler write to the queue
    company.put(CALLED, asked["detail"])
    company.put(PLANNED, {"event": "launch", "time": "2027-01-31T09:00:00Z"})

    # THEN an event that came later has been settled, and nothing has come of these
    refused = company.announce("nowhere")
    assert company.ended(refused).status is RunStatus.REFUSED
    wait_for("an empty events queue", lambda: company.shop.depth(company.module["events_queue_url"]) == 0)
    assert set(company.ledger.runs()) - runs == {refused}
    assert company.shop.depth(company.module["events_dlq_url"]) == 0


def the_trip(company: CompanyEvents) -> dict[str, Any]:
    """The journey of the plan `trip`, as it stands; of two that were made at once, the next look leaves one."""

    def active() -> list[dict[str, Any]] | None:
        found = [
            one
            for one in company.shop.local("pinpoint/journeys")
            if one["application_id"] == company.application_id
            and one["journey"]["Name"].startswith("trip-")
            and one["journey"]["State"] == "ACTIVE"
        ]
        return found if len(found) == 1 else None

    (found,) = wait_for("one journey", active)
    return found


def version_of(journey: Mapping[str, Any]) -> str:
    """What the journey's entry waits for."""
    start = journey["journey"]["StartCondition"]["EventStartCondition"]
    (version,) = start["EventFilter"]["Dimensions"]["Attributes"]["plan_version"]["Values"]
    return str(version)


def test_no_customer_enters_the_journey_of_a_plan(company: CompanyEvents) -> None:
    # GIVEN a journey that a run has entered
    run = company.announce("trip", number="1")
    record = company.ended(run)
    assert (record.status, record.lost) == (RunStatus.COMPLETED, "")
    before, since = the_trip(company), company.mark()
    assert record.journey == version_of(before)

    # WHEN somebody who may write to the project sends the very event that enters it, for a customer
    event = {"EventType": "company-trip", "Attributes": {"plan_version": record.journey}}
    event["Timestamp"] = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.000Z}"
    batch: Any = {"ann-mail": {"Endpoint": {}, "Events": {"forged": event}}}
    company.pinpoint.put_events(ApplicationId=company.application_id, EventsRequest={"BatchItem": batch})

    # THEN the journey turns them away
    filtered = int(before["metrics"].get("FILTERED_OUT_BY_SEGMENT", 0))
    wait_for(
        "the journey to look at the event",
        lambda: int(the_trip(company)["metrics"].get("FILTERED_OUT_BY_SEGMENT", 0)) == filtered + 1,
    )
    assert the_trip(company)["entered"] == before["entered"]
    assert company.runs("trip")[0].run == run
    assert not company.messages(since)


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
    shop, endpoint, own = company.shop, f"caller-{route}", f"company-{RUN}"
    shop.drain(shop.pixel["rejects_queue_url"])
    since, runs, journey = shop.mark(), len(list(company.ledger.runs())), the_trip(company)
    stamps = {"usat_launch_stamp": "9", "usat_launch_export": "no", "usat_engagement_role": "company"}

    # WHEN calls name a company event, what enters its journey, company endpoints, and attributes that are stamped
    calls = [
        {"event": "launch", "endpoint_id": endpoint, "evat_number": "9"},
        {"event": "page.view", "endpoint_id": "company-1"},
        {"event": "company-trip", "endpoint_id": endpoint, "evat_plan_version": version_of(journey)},
        {"event": "company-trip", "endpoint_id": own, "evat_plan_version": version_of(journey)},
        {"event": "page.view", "endpoint_id": own},
        {"event": "page.view", "endpoint_id": endpoint, **stamps},
    ]
    for call in calls:
        assert routes[route](call).status == 200

    # THEN all but the last are rejected with the reason, and that writes none of it
    wait_for("five rejects", lambda: shop.depth(shop.pixel["rejects_queue_url"]) == 5)
    rejects = shop.drain(shop.pixel["rejects_queue_url"])
    reasons = Counter(message["MessageAttributes"]["reason"]["StringValue"] for message in rejects)
    assert reasons == {"event_reserved": 3, "endpoint_id_reserved": 2}
    [(who, _, event)] = shop.wait_for_events(1, since)
    assert (who, event["EventType"]) == (endpoint, "page.view")
    written = shop.endpoints()
    assert not (written[endpoint].get("User") or {}).get("UserAttributes")
    assert not [name for name in written if name.startswith("company-")]
    assert len(list(company.ledger.runs())) == runs
    assert the_trip(company) == journey
