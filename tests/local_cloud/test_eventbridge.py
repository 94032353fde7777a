"""EventBridge through the port: who may put events, and which targets let them in."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local_cloud.aws import CONSUMED, LAMBDA, Aws, Queue, statement, wait_for

EVENTS = "events.amazonaws.com"
SOURCE = "shop"
KEEP = (
    "import boto3, json\nsqs = boto3.client('sqs')\ndef handler(event, context):\n"
    "    sqs.send_message(QueueUrl='{}', MessageBody=json.dumps(event))\n"
)
DENY_PLAIN = {
    "Sid": "TlsOnly",
    "Effect": "Deny",
    "Principal": "*",
    "Action": "sqs:*",
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}


class Bus:
    """A bus with one rule that takes every event of the shop."""

    def __init__(self, aws: Aws) -> None:
        self.aws = aws
        self.events: Any = aws.client("events")
        self.arn: str = self.events.create_event_bus(Name=aws.name)["EventBusArn"]
        self.rule: str = self.events.put_rule(
            Name=aws.name, EventBusName=aws.name, EventPattern=json.dumps({"source": [SOURCE]})
        )["RuleArn"]

    def target(self, arn: str, **options: Any) -> None:
        self.events.put_targets(
            Rule=self.aws.name, EventBusName=self.aws.name, Targets=[{"Id": "t", "Arn": arn, **options}]
        )

    def put(self, detail: object, events: Any = None, **entry: Any) -> Any:
        return (events or self.events).put_events(
            Entries=[
                {
                    "EventBusName": self.arn,
                    "Source": SOURCE,
                    "DetailType": "Company Event",
                    "Detail": json.dumps(detail),
                    **entry,
                }
            ]
        )


@pytest.fixture
def bus(aws: Aws) -> Bus:
    return Bus(aws)


def let_in(aws: Aws, queue: Queue, source: str, *more: Any) -> None:
    allow = {
        "Effect": "Allow",
        "Principal": {"Service": EVENTS},
        "Action": "sqs:SendMessage",
        "Resource": queue.arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": source}},
    }
    policy = {"Version": "2012-10-17", "Statement": [allow, *({**one, "Resource": queue.arn} for one in more)]}
    aws.sqs.set_queue_attributes(QueueUrl=queue.url, Attributes={"Policy": json.dumps(policy)})


def test_a_queue_that_lets_the_rule_in_gets_the_event_as_it_was(aws: Aws, bus: Bus, queue: Queue) -> None:
    let_in(aws, queue, bus.rule, DENY_PLAIN)
    bus.target(queue.arn)
    detail = {"event": "release", "n": 1.5, "big": 12345678901234567890, "text": 'é " {{x}}', "none": None, "list": [1]}

    put = bus.put(detail)["Entries"][0]

    event = json.loads(aws.receive(queue))
    assert event["detail"] == detail
    assert (event["id"], event["detail-type"], event["account"]) == (put["EventId"], "Company Event", aws.account)
    assert aws.refusals() == []


@pytest.mark.parametrize("source", ["other", None])
def test_a_queue_that_does_not_let_the_rule_in_gets_nothing(
    aws: Aws, bus: Bus, queue: Queue, source: str | None
) -> None:
    dlq = aws.queue("dlq")
    let_in(aws, dlq, bus.rule)
    if source:
        let_in(aws, queue, bus.rule.replace(":rule/", f":rule/{source}"))
    bus.target(queue.arn, DeadLetterConfig={"Arn": dlq.arn})

    bus.put({"event": "release"})

    found = aws.sqs.receive_message(QueueUrl=dlq.url, MessageAttributeNames=["All"])["Messages"][0]
    attributes = {name: value["StringValue"] for name, value in found["MessageAttributes"].items()}
    assert json.loads(found["Body"])["detail"] == {"event": "release"}
    assert (attributes["RULE_ARN"], attributes["TARGET_ARN"]) == (bus.rule, queue.arn)
    assert attributes["ERROR_CODE"] == "NO_PERMISSIONS"
    assert aws.depth(queue) == 0
    assert [(refusal["principal"], refusal["resource"]) for refusal in aws.refusals()] == [(EVENTS, queue.arn)]


def test_a_dead_letter_queue_must_let_the_rule_in_too(aws: Aws, bus: Bus, queue: Queue) -> None:
    dlq = aws.queue("dlq")
    bus.target(queue.arn, DeadLetterConfig={"Arn": dlq.arn})

    bus.put({"event": "release"})

    assert [refusal["resource"] for refusal in aws.refusals()] == [queue.arn, dlq.arn]
    assert aws.depth(dlq) == 0


def test_a_function_is_called_with_its_permission_only(aws: Aws, bus: Bus, queue: Queue) -> None:
    role = aws.role("keep", LAMBDA, {queue.arn: ["sqs:SendMessage"]})
    function = aws.function(KEEP.format(queue.url), role)
    bus.target(function)

    bus.put({"number": 1})
    assert [refusal["resource"] for refusal in aws.refusals()] == [function]
    aws.functions.add_permission(
        FunctionName=function,
        StatementId="rule",
        Action="lambda:InvokeFunction",
        Principal=EVENTS,
        SourceArn=bus.rule,
    )
    bus.put({"number": 2})

    assert json.loads(aws.receive(queue))["detail"] == {"number": 2}
    assert len(aws.refusals()) == 1


def test_a_target_can_get_a_transformed_event(aws: Aws, bus: Bus, queue: Queue) -> None:
    let_in(aws, queue, bus.rule)
    template = '{"detail-type": "<type>", "id": <id>, "detail": <detail>, "note": "of <aws.events.rule-name>"}'
    paths = {"type": "$.detail-type", "id": "$.id", "detail": "$.detail"}
    bus.target(queue.arn, InputTransformer={"InputPathsMap": paths, "InputTemplate": template})

    event_id = bus.put({"event": "release", "dry_run": False})["Entries"][0]["EventId"]

    assert json.loads(aws.receive(queue)) == {
        "detail-type": "Company Event",
        "id": event_id,
        "detail": {"event": "release", "dry_run": False},
        "note": f"of {aws.name}",
    }


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        ({"Detail": "no json"}, "MalformedDetail"),
        ({"Detail": "[1]"}, "MalformedDetail"),
        ({"DetailType": ""}, "InvalidArgument"),
        ({"Detail": json.dumps({"text": "x" * 262_144})}, "ValidationException"),
        ({"Source": "aws.s3"}, "NotAuthorizedForSourceException"),
    ],
)
def test_entries_that_aws_refuses_are_refused(bus: Bus, entry: dict[str, str], code: str) -> None:
    answer = bus.put({}, **entry)

    assert (answer["FailedEntryCount"], answer["Entries"][0]["ErrorCode"]) == (1, code)


def test_a_refused_entry_does_not_hold_up_the_others(aws: Aws, bus: Bus, queue: Queue) -> None:
    let_in(aws, queue, bus.rule)
    bus.target(queue.arn)
    good = {"EventBusName": aws.name, "Source": SOURCE, "DetailType": "x", "Detail": "{}"}

    answer = bus.events.put_events(Entries=[{**good, "Detail": "-"}, good])

    assert [("EventId" in entry) for entry in answer["Entries"]] == [False, True]
    assert aws.depth(queue) == 1


# Other accounts


@pytest.fixture
def other(aws: Aws) -> Aws:
    return Aws(aws.cloud, aws.name, "222222222222")


def by_policy(bus: Bus, account: str) -> None:
    policy = statement("events:PutEvents", Principal={"AWS": f"arn:aws:iam::{account}:root"}, Resource=bus.arn)
    bus.events.put_permission(EventBusName=bus.aws.name, Policy=json.dumps(policy))
    described = json.loads(bus.events.describe_event_bus(Name=bus.aws.name)["Policy"])
    assert described == policy


def by_principal(bus: Bus, account: str) -> None:
    bus.events.put_permission(
        EventBusName=bus.aws.name, StatementId="other", Principal=account, Action="events:PutEvents"
    )


@pytest.mark.parametrize("permit", [by_policy, by_principal])
def test_another_account_puts_events_only_with_the_policy_of_the_bus(
    aws: Aws, other: Aws, bus: Bus, queue: Queue, permit: Callable[[Bus, str], None]
) -> None:
    let_in(aws, queue, bus.rule)
    bus.target(queue.arn)
    events = other.client("events")

    with pytest.raises(ClientError, match=r"AccessDeniedException.*events:PutEvents on resource"):
        bus.put({"number": 1}, events)
    permit(bus, other.account)
    bus.put({"number": 2}, events)

    event = json.loads(aws.receive(queue))
    assert (event["detail"], event["account"]) == ({"number": 2}, other.account)
    assert aws.depth(queue) == 1


@pytest.mark.parametrize(("source", "let"), [(SOURCE, True), ("other", False)])
def test_a_bus_may_take_some_sources_only(other: Aws, bus: Bus, source: str, let: bool) -> None:
    condition = {"StringEquals": {"events:source": SOURCE}}
    principal = {"AWS": f"arn:aws:iam::{other.account}:root"}
    policy = statement("events:PutEvents", Principal=principal, Resource=bus.arn, Condition=condition)
    bus.events.put_permission(EventBusName=bus.aws.name, Policy=json.dumps(policy))

    if let:
        assert bus.put({}, other.client("events"), Source=source)["FailedEntryCount"] == 0
    else:
        with pytest.raises(ClientError, match="AccessDeniedException"):
            bus.put({}, other.client("events"), Source=source)


def test_a_function_consumes_what_rules_and_schedules_put_on_its_queue(aws: Aws, bus: Bus, queue: Queue) -> None:
    ingest = aws.queue("ingest")
    let_in(aws, ingest, bus.rule)
    bus.target(ingest.arn)
    role = aws.role("consume", LAMBDA, {ingest.arn: CONSUMED, queue.arn: ["sqs:SendMessage"]})
    aws.map(ingest, aws.function(KEEP.format(queue.url), role, "consume"), BatchSize=1)

    bus.put({"n": 1})
    by_rule = json.loads(aws.receive(queue))["Records"][0]
    aws.client("scheduler").create_schedule(
        Name=aws.name,
        ScheduleExpression="at(2020-01-01T00:00:00)",
        FlexibleTimeWindow={"Mode": "OFF"},
        ActionAfterCompletion="DELETE",
        Target={
            "Arn": ingest.arn,
            "RoleArn": aws.role("scheduler", "scheduler.amazonaws.com", {ingest.arn: ["sqs:SendMessage"]}),
            "Input": '{"n": 2}',
        },
    )

    def by_schedule() -> Any:
        record = json.loads(aws.receive(queue))["Records"][0]
        return record if record["messageId"] != by_rule["messageId"] else None

    record = wait_for("the schedule's message", by_schedule)
    assert (json.loads(by_rule["body"])["detail"], json.loads(record["body"])) == ({"n": 1}, {"n": 2})
    assert set(record) == set(by_rule)
    assert set(record["attributes"]) == set(by_rule["attributes"])


def test_a_role_of_another_account_needs_both_policies(other: Aws, bus: Bus) -> None:
    by_principal(bus, other.account)
    source = (
        "import boto3\nfrom botocore.exceptions import ClientError\nevents = boto3.client('events')\n"
        "def handler(event, context):\n    try:\n"
        "        return events.put_events(Entries=[event])['FailedEntryCount']\n"
        "    except ClientError as error:\n        return error.response['Error']['Code']\n"
    )
    function = other.function(source, other.role("producer", LAMBDA, {}), "producer")
    entry = {"EventBusName": bus.arn, "Source": SOURCE, "DetailType": "x", "Detail": "{}"}

    assert other.invoke(function, entry) == "AccessDeniedException"
    policy = json.dumps(statement("events:PutEvents", Resource=bus.arn))
    other.iam.put_role_policy(RoleName=f"{other.name}-producer", PolicyName="put", PolicyDocument=policy)
    assert other.invoke(function, entry) == 0


def test_a_bus_without_a_policy_tells_none(bus: Bus) -> None:
    assert "Policy" not in bus.events.describe_event_bus(Name=bus.aws.name)


def test_a_rule_starts_an_execution_with_the_targets_role(aws: Aws, bus: Bus) -> None:
    states = aws.client("stepfunctions")
    document = json.dumps({"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}})
    machine = states.create_state_machine(
        name=aws.name, definition=document, roleArn=aws.role("machine", "states.amazonaws.com", {})
    )["stateMachineArn"]
    bus.target(machine, RoleArn=aws.role("rule", EVENTS, {}))

    bus.put({"number": 1})
    assert [refusal["action"] for refusal in aws.refusals()] == ["states:StartExecution"]
    policy = json.dumps(statement("states:StartExecution", Resource=machine))
    aws.iam.put_role_policy(RoleName=f"{aws.name}-rule", PolicyName="start", PolicyDocument=policy)
    bus.put({"number": 2})

    wait_for("one execution", lambda: len(states.list_executions(stateMachineArn=machine)["executions"]) == 1)
