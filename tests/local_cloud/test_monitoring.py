"""Metrics of queues, APIs, functions and machines, and the alarms that follow them."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local_cloud.process import LocalCloud
from tests.local_cloud.aws import CONSUMED, GATEWAY, LAMBDA, Aws, Queue, pixel_api, statement, wait_for
from tests.local_cloud.machines import Machines, definition, task

EMF = """
import json, time
def handler(event, context):
    aws = {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [
        {"Namespace": "Test", "Dimensions": [["service"], ["service", "reason"]],
         "Metrics": [{"Name": "Rejected", "Unit": "Count"}, {"Name": "Many"}]}]}
    print(json.dumps({"_aws": aws, "service": event["service"], "reason": "r", "Rejected": 3, "Many": [1, 2]}))
    print('{"_aws": "nonsense"}')
"""


@pytest.fixture
def aws(cloud: LocalCloud, name: str) -> Iterator[Aws]:
    """An account with a faster clock: a period of 60 seconds is 1."""
    account = Aws(cloud, name)
    before = account.local("monitoring")
    account.local("monitoring", "PUT", {"interval_seconds": 0.2, "period_factor": 60})
    yield account
    account.local("monitoring", "PUT", before)
    account.remove_mappings()


def total(
    aws: Aws, namespace: str, metric: str, statistic: str = "Sum", seconds: float = 300, **dimensions: str
) -> float:
    """A statistic of the last five minutes, or of so many seconds; -1 without data."""
    now = datetime.now(UTC)
    points = aws.client("cloudwatch").get_metric_statistics(
        Namespace=namespace,
        MetricName=metric,
        Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()],
        StartTime=now - timedelta(seconds=seconds),
        EndTime=now + timedelta(minutes=1),
        Period=3600,
        Statistics=[statistic],
    )["Datapoints"]
    values = [float(point[statistic]) for point in points]
    if not values:
        return -1
    return sum(values) if statistic == "Sum" else max(values)


def put_alarm(aws: Aws, **changes: Any) -> str:
    """An alarm on the queue's depth."""
    alarm = {
        "AlarmName": f"{aws.name}-depth",
        "Namespace": "AWS/SQS",
        "MetricName": "ApproximateNumberOfMessagesVisible",
        "Dimensions": [{"Name": "QueueName", "Value": f"{aws.name}-queue"}],
        "Statistic": "Maximum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 0,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
        **changes,
    }
    aws.client("cloudwatch").put_metric_alarm(**alarm)
    return str(alarm["AlarmName"])


def state(aws: Aws, alarm: str) -> str:
    return str(aws.client("cloudwatch").describe_alarms(AlarmNames=[alarm])["MetricAlarms"][0]["StateValue"])


def wait_for_state(aws: Aws, alarm: str, wanted: str) -> None:
    wait_for(f"{alarm} to be {wanted}", lambda: state(aws, alarm) == wanted)


# Metrics


def test_queues_count_what_happens_to_their_messages(aws: Aws, queue: Queue) -> None:
    aws.send(queue, "1", "2", "3")
    received = aws.sqs.receive_message(QueueUrl=queue.url, MaxNumberOfMessages=2, VisibilityTimeout=600)["Messages"]
    aws.sqs.delete_message(QueueUrl=queue.url, ReceiptHandle=received[0]["ReceiptHandle"])
    name = f"{aws.name}-queue"

    wait_for(
        "the counts",
        lambda: (
            [
                total(aws, "AWS/SQS", f"NumberOfMessages{done}", QueueName=name)
                for done in ("Sent", "Received", "Deleted")
            ]
            == [3, 2, 1]
        ),
    )
    # The second before may know more: it could see the queue between two calls.
    wait_for(
        "the depths",
        lambda: (
            [
                total(aws, "AWS/SQS", f"ApproximateNumberOfMessages{where}", "Maximum", seconds=1, QueueName=name)
                for where in ("Visible", "NotVisible")
            ]
            == [1, 1]
        ),
    )


def test_dead_letters_are_not_counted_as_sent(aws: Aws) -> None:
    dlq = aws.queue("dlq")
    redrive = json.dumps({"deadLetterTargetArn": dlq.arn, "maxReceiveCount": 1})
    queue = aws.queue("queue", VisibilityTimeout="0", RedrivePolicy=redrive)
    aws.send(queue, "poison")

    def dead() -> bool:
        aws.sqs.receive_message(QueueUrl=queue.url)
        return aws.depth(dlq) == 1

    wait_for("the dead letter", dead)
    name = f"{aws.name}-dlq"
    depth = "ApproximateNumberOfMessagesVisible"
    wait_for("its depth", lambda: total(aws, "AWS/SQS", depth, "Maximum", QueueName=name) == 1)
    assert total(aws, "AWS/SQS", "NumberOfMessagesSent", QueueName=name) == 0


def test_a_message_that_comes_back_again_and_again_is_no_longer_the_oldest(aws: Aws) -> None:
    queue = aws.queue("queue", VisibilityTimeout="0")
    age, name = "ApproximateAgeOfOldestMessage", f"{aws.name}-queue"
    aws.send(queue, "1")
    wait_for("the age", lambda: total(aws, "AWS/SQS", age, "Maximum", QueueName=name) >= 1)
    alarm = put_alarm(aws, MetricName=age)
    wait_for_state(aws, alarm, "ALARM")

    for _ in range(3):
        aws.sqs.receive_message(QueueUrl=queue.url)

    wait_for_state(aws, alarm, "OK")
    assert aws.depth(queue) == 1


def test_stages_count_calls_and_errors(aws: Aws, queue: Queue) -> None:
    api = aws.api(pixel_api(queue, aws.role("gateway", GATEWAY, {queue.arn: ["sqs:SendMessage"]})))
    broken = aws.api(pixel_api(queue, aws.role("powerless", GATEWAY, {})))
    began = time.monotonic()
    for target in ("/events?event=x&endpoint_id=1",) * 3 + ("/events", "/nothing"):
        api.call(target)
    broken.call("/events?event=x&endpoint_id=1")
    dimensions = {"ApiName": f"{aws.name}-queue", "Stage": "v1"}

    def counted() -> list[float]:
        return [total(aws, "AWS/ApiGateway", name, **dimensions) for name in ("Count", "4XXError", "5XXError")]

    # Both APIs have the queue's name.
    wait_for("the counts", lambda: counted() == [6, 2, 1])
    latency = total(aws, "AWS/ApiGateway", "Latency", "Maximum", **dimensions)
    assert 0 <= latency <= (time.monotonic() - began) * 1000


def test_log_lines_of_functions_become_metrics(aws: Aws) -> None:
    function = aws.function(EMF, aws.role("function", LAMBDA, {}))

    for _ in range(2):
        aws.invoke(function, {"service": aws.name})

    assert total(aws, "Test", "Rejected", service=aws.name) == 6
    assert total(aws, "Test", "Rejected", service=aws.name, reason="r") == 6
    assert total(aws, "Test", "Many", service=aws.name) == 6
    assert total(aws, "AWS/Lambda", "Invocations", FunctionName=f"{aws.name}-function") == 2


# Alarms


def test_an_alarm_goes_on_and_off_and_keeps_its_history(aws: Aws, queue: Queue) -> None:
    alarm = put_alarm(aws)
    wait_for_state(aws, alarm, "OK")

    aws.send(queue, "1")
    wait_for_state(aws, alarm, "ALARM")
    aws.sqs.purge_queue(QueueUrl=queue.url)
    wait_for_state(aws, alarm, "OK")

    history = aws.client("cloudwatch").describe_alarm_history(
        AlarmName=alarm, HistoryItemType="StateUpdate", ScanBy="TimestampAscending"
    )["AlarmHistoryItems"]
    # The first item is the alarm's creation.
    changes = [item["HistorySummary"].removeprefix("Alarm updated from ") for item in history[1:]]
    # It goes on more than once if the queue is not looked at for a while.
    on_and_off = ["OK to ALARM", "ALARM to OK"]
    assert changes == ["INSUFFICIENT_DATA to OK", *on_and_off * max(1, len(changes) // 2)]
    reason = json.loads(history[-2]["HistoryData"])["newState"]["stateReason"]
    assert reason.startswith("Threshold Crossed: 1 datapoint [1.0 (")
    assert reason.endswith("was greater than the threshold (0.0).")


def test_an_alarm_tells_its_topic(aws: Aws, queue: Queue) -> None:
    inbox = aws.queue("inbox")
    policy = statement("sqs:SendMessage", Principal={"Service": "sns.amazonaws.com"}, Resource=inbox.arn)
    aws.sqs.set_queue_attributes(QueueUrl=inbox.url, Attributes={"Policy": json.dumps(policy)})
    topic = aws.client("sns").create_topic(Name=aws.name)["TopicArn"]
    aws.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=inbox.arn)
    put_alarm(aws, AlarmActions=[topic])

    aws.send(queue, "1")

    notification = json.loads(json.loads(aws.receive(inbox))["Message"])
    assert (notification["AlarmName"], notification["NewStateValue"]) == (f"{aws.name}-depth", "ALARM")


def test_an_alarm_looks_at_its_own_dimensions_only(aws: Aws, queue: Queue) -> None:
    mine = put_alarm(aws)
    other = put_alarm(
        aws, AlarmName=f"{aws.name}-other", Dimensions=[{"Name": "QueueName", "Value": f"{aws.name}-other"}]
    )

    aws.send(queue, "1")

    wait_for_state(aws, mine, "ALARM")
    assert state(aws, other) == "OK"


@pytest.mark.parametrize(
    ("treatment", "wanted"), [("notBreaching", "OK"), ("breaching", "ALARM"), ("missing", "INSUFFICIENT_DATA")]
)
def test_missing_data_is_treated_as_the_alarm_says(aws: Aws, treatment: str, wanted: str) -> None:
    alarm = put_alarm(aws, TreatMissingData=treatment, Namespace="Nothing")
    if wanted != "INSUFFICIENT_DATA":
        wait_for_state(aws, alarm, wanted)
    aws.client("cloudwatch").set_alarm_state(AlarmName=alarm, StateValue="OK", StateReason="test")

    wait_for_state(aws, alarm, wanted)


def test_an_alarm_can_ignore_missing_data(aws: Aws, queue: Queue) -> None:
    alarm = put_alarm(aws, TreatMissingData="ignore", Namespace="Test", MetricName="Now", Dimensions=[])
    value: Any = {"MetricName": "Now", "Value": 1.0}

    def alarmed() -> bool:
        aws.client("cloudwatch").put_metric_data(Namespace="Test", MetricData=[value])
        return state(aws, alarm) == "ALARM"

    wait_for("the alarm", alarmed)
    deadline = time.monotonic() + 1.5

    # Longer than the period: the point is no longer seen.
    wait_for("the period to pass", lambda: time.monotonic() > deadline)

    assert state(aws, alarm) == "ALARM"
    assert aws.depth(queue) == 0


def test_several_periods_must_breach_where_the_alarm_says_so(aws: Aws, queue: Queue) -> None:
    alarm = put_alarm(aws, EvaluationPeriods=3, DatapointsToAlarm=3)
    started = time.monotonic()
    aws.send(queue, "1")

    wait_for_state(aws, alarm, "ALARM")

    assert time.monotonic() - started > 1.9


@pytest.mark.parametrize("document", [{"period": 1}, {"interval_seconds": 0}, {"period_factor": "fast"}, []])
def test_faulty_settings_are_refused(aws: Aws, document: Any) -> None:
    with pytest.raises(AssertionError):
        aws.local("monitoring", "PUT", document)
    assert aws.local("monitoring") == {"interval_seconds": 0.2, "period_factor": 60}


FAILS = "def handler(event, context):\n    if 'no' in str(event):\n        raise ValueError('no')\n"


def test_invocations_count_once_whoever_calls(aws: Aws, queue: Queue) -> None:
    function = aws.function(FAILS, aws.role("function", LAMBDA, {queue.arn: CONSUMED}))
    name = function.rpartition(":")[2]
    machines = Machines(aws)
    machine = machines.create(definition(Step=task(function)), machines.role(function))

    aws.invoke(function, "yes")
    machines.run(machine, {"say": "no"})
    aws.map(queue, function, BatchSize=1)
    aws.send(queue, "yes")

    wait_for("three invocations", lambda: total(aws, "AWS/Lambda", "Invocations", FunctionName=name) == 3)
    assert total(aws, "AWS/Lambda", "Errors", FunctionName=name) == 1
    assert total(aws, "AWS/Lambda", "Throttles", FunctionName=name) == 0
    assert total(aws, "AWS/Lambda", "Duration", "Maximum", FunctionName=name) > 0


def test_a_throttled_function_is_counted_as_such_only(aws: Aws) -> None:
    function = aws.function(FAILS, aws.role("function", LAMBDA, {}))
    aws.functions.put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=0)

    with pytest.raises(aws.functions.exceptions.TooManyRequestsException):
        aws.functions.invoke(FunctionName=function)

    name = function.rpartition(":")[2]
    assert total(aws, "AWS/Lambda", "Throttles", FunctionName=name) == 1
    assert total(aws, "AWS/Lambda", "Invocations", FunctionName=name) == -1


def test_executions_are_counted_by_their_end_and_alarms_see_it(aws: Aws) -> None:
    machines = Machines(aws)
    document = definition(
        "Choose",
        Choose={
            "Type": "Choice",
            "Choices": [{"Variable": "$.fail", "BooleanEquals": True, "Next": "Failed"}],
            "Default": "Done",
        },
        Failed={"Type": "Fail", "Error": "No"},
        Done={"Type": "Succeed"},
    )
    machine = machines.create(document, machines.role())
    dimensions = [{"Name": "StateMachineArn", "Value": machine}]
    # Long enough for the alarm to be seen.
    alarm = put_alarm(
        aws,
        Namespace="AWS/States",
        MetricName="ExecutionsFailed",
        Statistic="Sum",
        Dimensions=dimensions,
        Period=86400,
    )

    machines.run(machine, {"fail": False}, "a")
    wait_for_state(aws, alarm, "OK")
    machines.run(machine, {"fail": True}, "b")
    wait_for_state(aws, alarm, "ALARM")

    def count(metric: str) -> float:
        return total(aws, "AWS/States", metric, StateMachineArn=machine)

    counted = [count(f"Executions{end}") for end in ("Started", "Succeeded", "Failed", "Aborted")]
    assert counted == [2, 1, 1, 0]
    assert count("ExecutionTime") > 0
