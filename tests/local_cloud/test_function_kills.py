"""Functions that die at a call: before it takes effect or after, at any service, and only where the rule says so."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.local_cloud.aws import CONSUMED, LAMBDA, Aws, Queue, wait_for
from tests.local_cloud.machines import Machines, definition, task

CALLS = """
import boto3, json
from botocore.config import Config
clients = {}
def handler(event, context):
    for service, method, arguments in event:
        if service not in clients:
            clients[service] = boto3.client(service, config=Config(retries={"total_max_attempts": 1}))
        getattr(clients[service], method)(**arguments)
    return "done"
"""


ALLOWED = {"*": ["sqs:*", "dynamodb:*", "s3:*", "mobiletargeting:*", "states:*"]}


@pytest.fixture
def function(aws: Aws) -> str:
    return aws.function(CALLS, aws.role("calls", LAMBDA, ALLOWED), "calls")


def rule(aws: Aws, operation: str, **options: Any) -> dict[str, Any]:
    match = {"function": f"{aws.name}-*", "operation": operation}
    return {"target": "function.call", "kind": "kill", "match": match, "times": 1, **options}


def send(queue: Queue, body: str = "x") -> tuple[str, str, dict[str, str]]:
    return ("sqs", "send_message", {"QueueUrl": queue.url, "MessageBody": body})


def outcome(aws: Aws, function: str, *calls: Any) -> Any:
    answer = aws.functions.invoke(FunctionName=function, Payload=json.dumps(calls).encode())
    return json.loads(answer["Payload"].read())


@pytest.mark.parametrize(("processed", "arrived"), [(False, 0), (True, 1)])
def test_a_function_dies_before_or_after_its_call_and_works_again(
    aws: Aws, function: str, queue: Queue, processed: bool, arrived: int
) -> None:
    other = aws.queue("other")
    aws.put_faults(rule(aws, "sqs.SendMessage", processed=processed))

    died = outcome(aws, function, send(queue), send(other))

    assert died["errorType"] == "Runtime.ExitError"
    assert died["errorMessage"].endswith("Error: Runtime exited with error: signal: killed")
    assert (aws.depth(queue), aws.depth(other)) == (arrived, 0)
    assert outcome(aws, function, send(queue)) == "done"


def test_the_first_calls_can_be_let_go(aws: Aws, function: str, queue: Queue) -> None:
    aws.put_faults(rule(aws, "sqs.*", skip=2))

    assert outcome(aws, function, *[send(queue)] * 4)["errorType"] == "Runtime.ExitError"

    assert aws.depth(queue) == 2
    assert aws.local("faults")[0]["times"] == 0


def test_every_service_can_be_where_a_function_dies(aws: Aws, function: str) -> None:
    aws.client("dynamodb").create_table(
        TableName=aws.name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    aws.client("s3").create_bucket(Bucket=aws.name)
    aws.client("s3").put_object(Bucket=aws.name, Key="a/b", Body=b"{}")
    app = aws.client("pinpoint").create_app(CreateApplicationRequest={"Name": aws.name})["ApplicationResponse"]["Id"]
    machine = Machines(aws).create(definition("Done", Done={"Type": "Succeed"}), Machines(aws).role())
    segment = {"Name": "s", "Dimensions": {}}
    calls = {
        "dynamodb.PutItem": ("dynamodb", "put_item", {"TableName": aws.name, "Item": {"pk": {"S": "x"}}}),
        "s3.GetObject": ("s3", "get_object", {"Bucket": aws.name, "Key": "a/b"}),
        "pinpoint.CreateSegment": (
            "pinpoint",
            "create_segment",
            {"ApplicationId": app, "WriteSegmentRequest": segment},
        ),
        "states.StartExecution": ("stepfunctions", "start_execution", {"stateMachineArn": machine}),
    }

    for operation, call in calls.items():
        aws.put_faults(rule(aws, operation))
        assert outcome(aws, function, call)["errorType"] == "Runtime.ExitError", operation
        assert outcome(aws, function, call) == "done", operation

    assert len(aws.client("pinpoint").get_segments(ApplicationId=app)["SegmentsResponse"]["Item"]) == 1
    assert len(aws.client("stepfunctions").list_executions(stateMachineArn=machine)["executions"]) == 1


def test_other_functions_and_other_callers_live_on(aws: Aws, function: str, queue: Queue) -> None:
    aws.put_faults({**rule(aws, "sqs.SendMessage"), "match": {"function": f"{aws.name}-no", "operation": "*"}})

    aws.send(queue, "by hand")

    assert outcome(aws, function, send(queue)) == "done"
    assert aws.local("faults")[0]["times"] == 1


def test_only_the_environment_that_made_the_call_dies(aws: Aws, queue: Queue) -> None:
    source = CALLS.replace("    return", "    __import__('time').sleep(2)\n    return")
    function = aws.function(source, aws.role("calls", LAMBDA, ALLOWED), "calls")
    dying = aws.queue("dying")
    match = {"function": f"{aws.name}-calls", "operation": "sqs.SendMessageBatch"}
    aws.put_faults({**rule(aws, ""), "match": match})
    batch = {"QueueUrl": dying.url, "Entries": [{"Id": "1", "MessageBody": "x"}]}

    with ThreadPoolExecutor(1) as pool:
        working = pool.submit(outcome, aws, function, send(queue))
        wait_for("the first function", lambda: aws.depth(queue))
        died = outcome(aws, function, ("sqs", "send_message_batch", batch))

        assert (died["errorType"], working.result()) == ("Runtime.ExitError", "done")


def test_a_batch_whose_function_dies_comes_again(aws: Aws, queue: Queue) -> None:
    source = (
        "import boto3\nsqs = boto3.client('sqs')\ndef handler(event, context):\n"
        "    for record in event['Records']:\n        sqs.send_message(QueueUrl='{}', MessageBody=record['body'])\n"
    )
    ingest = aws.queue("ingest", VisibilityTimeout="5")
    role = aws.role("consume", LAMBDA, {**ALLOWED, ingest.arn: CONSUMED})
    function = aws.function(source.format(queue.url), role, "consume", Timeout=5)
    aws.put_faults(rule(aws, "sqs.SendMessage", processed=True))
    aws.map(ingest, function)

    aws.send(ingest, "again")

    wait_for("the second try", lambda: aws.depth(queue) >= 2)


def test_a_machine_retries_a_step_that_died(aws: Aws, function: str, queue: Queue) -> None:
    machines = Machines(aws)
    retry = {"ErrorEquals": ["Runtime.ExitError"], "IntervalSeconds": 1, "MaxAttempts": 2}
    step = task(function, Retry=[retry], Parameters={"FunctionName": function, "Payload": [list(send(queue))]})
    machine = machines.create(definition(Step=step), machines.role(function))
    aws.put_faults(rule(aws, "sqs.SendMessage", processed=True))
    began = time.monotonic()

    ended = machines.run(machine)

    assert (ended["status"], ended["output"], aws.depth(queue)) == ("SUCCEEDED", '"done"', 2)
    assert time.monotonic() - began > 1
