"""EventBridge Scheduler through the port: roles, targets, moments, permissions."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_cloud.scheduler.expressions import ExpressionError, parse
from tests.local_cloud.aws import LAMBDA, REGION, Aws, Queue, statement, wait_for

SCHEDULER = "scheduler.amazonaws.com"
SEND = ["sqs:SendMessage"]
PAST = "at(2020-01-01T00:00:00)"
KEEP = (
    "import boto3, json\nsqs = boto3.client('sqs')\ndef handler(event, context):\n"
    "    sqs.send_message(QueueUrl='{}', MessageBody=json.dumps(event))\n"
)
SLOW = """
import boto3, json, time
sqs = boto3.client("sqs")
def handler(event, context):
    began = time.time()
    time.sleep(1.5)
    sqs.send_message(QueueUrl="{}", MessageBody=json.dumps([began, time.time()]))
"""
CALLS = """
import boto3
from botocore.exceptions import ClientError
scheduler = boto3.client("scheduler")
def handler(event, context):
    try:
        getattr(scheduler, event["call"])(**event["arguments"])
    except ClientError as error:
        return error.response["Error"]["Code"] + ": " + error.response["Error"]["Message"]
"""


class Schedules:
    """A group of schedules."""

    def __init__(self, aws: Aws) -> None:
        self.aws = aws
        self.scheduler: Any = aws.client("scheduler")
        self.group: str = self.scheduler.create_schedule_group(Name=aws.name)["ScheduleGroupArn"]

    def put(self, expression: str, target: str, role: str, call: str = "create_schedule", **options: Any) -> str:
        name = options.pop("Name", "one")
        more = {key: options.pop(key) for key in ("Input", "DeadLetterConfig") if key in options}
        made = getattr(self.scheduler, call)(
            Name=name,
            GroupName=self.aws.name,
            ScheduleExpression=expression,
            FlexibleTimeWindow={"Mode": "OFF"},
            Target={"Arn": target, "RoleArn": role, **more},
            **options,
        )
        return str(made["ScheduleArn"])

    def names(self) -> list[str]:
        found = self.scheduler.list_schedules(GroupName=self.aws.name)["Schedules"]
        return [schedule["Name"] for schedule in found]


@pytest.fixture
def schedules(aws: Aws) -> Schedules:
    return Schedules(aws)


@pytest.fixture
def faster(aws: Aws) -> Iterator[Callable[[float], None]]:
    def change(factor: float) -> None:
        aws.local("pinpoint/settings", "PUT", {"time_factor": factor})

    yield change
    change(1)


def at(seconds: float) -> str:
    return f"at({(datetime.now(UTC) + timedelta(seconds=seconds)).strftime('%Y-%m-%dT%H:%M:%S')})"


# Targets


def test_a_past_moment_comes_at_once_with_its_placeholders_filled(aws: Aws, schedules: Schedules, queue: Queue) -> None:
    text = json.dumps({"time": "<aws.scheduler.scheduled-time>", "id": "<aws.scheduler.execution-id>", "n": 1})
    role = aws.role("scheduler", SCHEDULER, {queue.arn: SEND})

    schedules.put(PAST, queue.arn, role, Input=text)

    event = json.loads(aws.receive(queue))
    assert (event["time"], event["n"]) == ("2020-01-01T00:00:00Z", 1)
    assert re.fullmatch(r"[0-9a-f-]{36}", event["id"])
    assert schedules.names() == ["one"]


def test_a_schedule_without_input_sends_what_aws_sends(aws: Aws, schedules: Schedules, queue: Queue) -> None:
    arn = schedules.put(PAST, queue.arn, aws.role("scheduler", SCHEDULER, {queue.arn: SEND}))

    event = json.loads(aws.receive(queue))
    assert (event["detail-type"], event["source"], event["resources"]) == ("Scheduled Event", "aws.scheduler", [arn])


def test_a_schedule_is_gone_after_its_last_time_if_it_says_so(aws: Aws, schedules: Schedules, queue: Queue) -> None:
    role = aws.role("scheduler", SCHEDULER, {queue.arn: SEND})

    schedules.put(PAST, queue.arn, role, ActionAfterCompletion="DELETE")

    aws.receive(queue)
    wait_for("the end of the schedule", lambda: schedules.names() == [])
    assert aws.depth(queue) == 1


def test_a_role_without_permission_sends_nothing_but_a_dead_letter(
    aws: Aws, schedules: Schedules, queue: Queue
) -> None:
    dlq = aws.queue("dlq")
    role = aws.role("scheduler", SCHEDULER, {dlq.arn: SEND})

    arn = schedules.put(PAST, queue.arn, role, Input='{"a": 1}', DeadLetterConfig={"Arn": dlq.arn})

    def dead() -> Any:
        return aws.sqs.receive_message(QueueUrl=dlq.url, MessageAttributeNames=["All"]).get("Messages")

    letter = wait_for("the dead letter", dead)[0]
    assert letter["Body"] == '{"a": 1}'
    assert letter["MessageAttributes"]["SCHEDULE_ARN"]["StringValue"] == arn
    assert aws.depth(queue) == 0
    assert [(refusal["action"], refusal["resource"]) for refusal in aws.refusals()] == [("sqs:SendMessage", queue.arn)]


def test_a_function_is_called_with_the_role(aws: Aws, schedules: Schedules, queue: Queue) -> None:
    function = aws.function(KEEP.format(queue.url), aws.role("keep", LAMBDA, {queue.arn: SEND}))
    role = aws.role("scheduler", SCHEDULER, {function: ["lambda:InvokeFunction"]})

    schedules.put(PAST, function, role, Input='{"reconcile": true}')

    assert json.loads(aws.receive(queue)) == {"reconcile": True}


@pytest.mark.parametrize("trusted", [LAMBDA, None])
def test_a_role_that_the_scheduler_cannot_assume_makes_no_schedule(
    aws: Aws, schedules: Schedules, queue: Queue, trusted: str | None
) -> None:
    role = aws.role("scheduler", trusted or SCHEDULER, {queue.arn: SEND})
    if trusted is None:
        aws.iam.delete_role_policy(RoleName=f"{aws.name}-scheduler", PolicyName="p0")
        aws.iam.delete_role(RoleName=f"{aws.name}-scheduler")

    with pytest.raises(ClientError, match=r"ValidationException.*assume the role"):
        schedules.put(PAST, queue.arn, role)


@pytest.mark.parametrize(("group", "made"), [("", True), ("-other", False)])
def test_a_role_may_demand_the_group_as_source(
    aws: Aws, schedules: Schedules, queue: Queue, group: str, made: bool
) -> None:
    role = aws.role("scheduler", SCHEDULER, {queue.arn: SEND})
    condition = {"ArnEquals": {"aws:SourceArn": schedules.group + group}}
    trust = statement("sts:AssumeRole", Principal={"Service": SCHEDULER}, Condition=condition)
    aws.iam.update_assume_role_policy(RoleName=f"{aws.name}-scheduler", PolicyDocument=json.dumps(trust))

    if made:
        schedules.put(PAST, queue.arn, role)
        assert aws.receive(queue)
    else:
        with pytest.raises(ClientError, match="ValidationException"):
            schedules.put(PAST, queue.arn, role)


# Moments


def test_the_time_until_a_moment_passes_faster(
    aws: Aws, schedules: Schedules, queue: Queue, faster: Callable[[float], None]
) -> None:
    faster(3600)
    began = time.monotonic()
    schedules.put(at(2 * 3600), queue.arn, aws.role("scheduler", SCHEDULER, {queue.arn: SEND}))

    aws.receive(queue)

    assert time.monotonic() - began > 1.5


def test_a_change_counts_from_the_moment_of_the_change(
    aws: Aws, schedules: Schedules, queue: Queue, faster: Callable[[float], None]
) -> None:
    role = aws.role("scheduler", SCHEDULER, {queue.arn: SEND})
    schedules.put(at(86400), queue.arn, role, State="DISABLED")
    faster(3600)
    time.sleep(0.5)
    began = time.monotonic()
    schedules.put(at(3600), queue.arn, role, "update_schedule")

    aws.receive(queue)

    assert time.monotonic() - began > 0.7


def test_a_rate_comes_at_once_and_again_with_its_planned_times(
    aws: Aws, schedules: Schedules, queue: Queue, faster: Callable[[float], None]
) -> None:
    faster(3600)
    role = aws.role("scheduler", SCHEDULER, {queue.arn: SEND})

    schedules.put("rate(1 hour)", queue.arn, role, Input="<aws.scheduler.scheduled-time>")

    wait_for("three messages", lambda: aws.depth(queue) >= 3)
    found: set[datetime] = set()
    while len(found) < 3:
        found.add(datetime.fromisoformat(aws.receive(queue)))
    first, second, third = sorted(found)[:3]
    assert (second - first, third - second) == (timedelta(hours=1), timedelta(hours=1))


def test_a_function_that_is_still_running_is_not_called_again_by_its_schedule(
    aws: Aws, schedules: Schedules, queue: Queue, faster: Callable[[float], None]
) -> None:
    faster(7200)
    function = aws.function(SLOW.format(queue.url), aws.role("slow", LAMBDA, {queue.arn: SEND}))
    role = aws.role("scheduler", SCHEDULER, {function: ["lambda:InvokeFunction"]})

    schedules.put("rate(1 hour)", function, role)

    calls = sorted(json.loads(aws.receive(queue)) for _ in range(3))
    assert all(ended <= began for (_, ended), (began, _) in pairwise(calls)), calls


def test_a_cron_comes_at_its_minutes_until_its_end(
    aws: Aws, schedules: Schedules, queue: Queue, faster: Callable[[float], None]
) -> None:
    faster(7200)
    role = aws.role("scheduler", SCHEDULER, {queue.arn: SEND})
    now = datetime.now(UTC)
    # Half an hour away: however long it takes to make the schedule, the first time is still to come.
    minute, end = (now.minute + 30) % 60, now + timedelta(hours=3)

    schedules.put(
        f"cron({minute} * * * ? *)",
        queue.arn,
        role,
        Input="<aws.scheduler.scheduled-time>",
        EndDate=end,
        ActionAfterCompletion="DELETE",
    )

    wait_for("the end of the schedule", lambda: schedules.names() == [])
    planned = sorted(datetime.fromisoformat(aws.receive(queue)) for _ in range(aws.depth(queue)))
    assert len(planned) == 3
    assert {moment.minute for moment in planned} == {minute}
    assert planned[-1] <= end


@pytest.mark.parametrize(
    ("expression", "zone", "after", "expected"),
    [
        ("at(2026-07-01T09:00:00)", "Europe/Berlin", None, "2026-07-01T07:00:00+00:00"),
        ("cron(0 9 ? * MON-FRI *)", "UTC", "2026-07-03T09:00:00+00:00", "2026-07-06T09:00:00+00:00"),
        ("cron(0 9 * * ? *)", "America/New_York", "2026-01-05T00:00:00+00:00", "2026-01-05T14:00:00+00:00"),
        ("cron(0 9 * * ? *)", "America/New_York", "2026-07-05T00:00:00+00:00", "2026-07-05T13:00:00+00:00"),
        ("rate(2 days)", "UTC", "2026-07-05T00:00:00+00:00", "2026-07-07T00:00:00+00:00"),
    ],
)
def test_expressions_follow_their_time_zone(expression: str, zone: str, after: str | None, expected: str) -> None:
    origin = datetime(2026, 1, 1, tzinfo=UTC)

    found = parse(expression, zone).following(datetime.fromisoformat(after) if after else None, origin)

    assert found == datetime.fromisoformat(expected)


@pytest.mark.parametrize(
    "expression",
    ["at(2026-07-01)", "at(2026-13-01T00:00:00)", "rate(0 hours)", "rate(5 seconds)", "cron(0 9 * * * *)", "daily", ""],
)
def test_faulty_expressions_are_refused(expression: str) -> None:
    with pytest.raises(ExpressionError):
        parse(expression, "UTC")


def test_an_unknown_zone_is_refused(aws: Aws, schedules: Schedules, queue: Queue) -> None:
    role = aws.role("scheduler", SCHEDULER, {queue.arn: SEND})

    with pytest.raises(ClientError, match="ValidationException"):
        schedules.put(PAST, queue.arn, role, ScheduleExpressionTimezone="Mars/Olympus")


# Lists and permissions


def test_lists_come_in_pages(aws: Aws, schedules: Schedules, queue: Queue) -> None:
    role = aws.role("scheduler", SCHEDULER, {queue.arn: SEND})
    for number in range(5):
        schedules.put(at(86400), queue.arn, role, Name=f"s{number}")

    pages = schedules.scheduler.get_paginator("list_schedules").paginate(
        GroupName=aws.name, PaginationConfig={"PageSize": 2}
    )

    assert [[one["Name"] for one in page["Schedules"]] for page in pages] == [["s0", "s1"], ["s2", "s3"], ["s4"]]


@pytest.mark.usefixtures("schedules")
def test_a_function_needs_each_permission_on_the_schedule_and_its_role(aws: Aws, queue: Queue) -> None:
    role = aws.role("scheduler", SCHEDULER, {queue.arn: SEND})
    function = aws.function(CALLS, aws.role("caller", LAMBDA, {}), "caller")
    name = {"Name": "one", "GroupName": aws.name}
    written = {
        **name,
        "ScheduleExpression": at(86400),
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": {"Arn": queue.arn, "RoleArn": role},
    }
    schedule = f"arn:aws:scheduler:{REGION}:{aws.account}:schedule/{aws.name}/one"
    everything = f"arn:aws:scheduler:{REGION}:{aws.account}:schedule/*/*"

    def call(method: str, arguments: Any) -> Any:
        return aws.invoke(function, {"call": method, "arguments": arguments})

    def allow(number: int, action: str, resource: str, **rest: Any) -> None:
        policy = json.dumps(statement(action, Resource=resource, **rest))
        aws.iam.put_role_policy(RoleName=f"{aws.name}-caller", PolicyName=f"c{number}", PolicyDocument=policy)

    for number, (method, action, arguments, resource) in enumerate(
        [
            ("create_schedule", "CreateSchedule", written, schedule),
            ("update_schedule", "UpdateSchedule", written, schedule),
            ("get_schedule", "GetSchedule", name, schedule),
            ("list_schedules", "ListSchedules", {"GroupName": aws.name}, everything),
            ("delete_schedule", "DeleteSchedule", name, schedule),
        ]
    ):
        refused = call(method, arguments)
        assert f"AccessDeniedException: User: arn:aws:sts::{aws.account}:assumed-role/{aws.name}-caller/" in refused
        assert (aws.refusals()[-1]["action"], aws.refusals()[-1]["resource"]) == (f"scheduler:{action}", resource)
        allow(number, f"scheduler:{action}", "*" if action == "ListSchedules" else resource)
        if number == 0:
            assert f"iam:PassRole on resource: {role}" in call(method, arguments)
            passed = {"StringEquals": {"iam:PassedToService": SCHEDULER}}
            allow(9, "iam:PassRole", role, Condition=passed)
        assert call(method, arguments) is None
