"""Step Functions through the port: roles, names, errors, waits, and stops."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_cloud.states.waiting import delay
from tests.local_cloud.aws import LAMBDA, REGION, Aws, Queue, statement, wait_for
from tests.local_cloud.machines import STATES, Machines, definition, task

CRASH = "import os\ndef handler(event, context):\n    os._exit(3)\n"
KILLED = "import os, signal\ndef handler(event, context):\n    os.kill(os.getpid(), signal.SIGKILL)\n"
SLEEP = "import time\ndef handler(event, context):\n    time.sleep(event['seconds'])\n    return event\n"
GATED = (
    "import boto3, time\nsqs = boto3.client('sqs')\ndef handler(event, context):\n"
    "    name = 'ApproximateNumberOfMessages'\n"
    "    while sqs.get_queue_attributes(QueueUrl='{}', AttributeNames=[name])['Attributes'][name] == '0':\n"
    "        time.sleep(0.05)\n"
    "    sqs.send_message(QueueUrl='{}', MessageBody='done')\n"
)
RAISE = "class Busy(Exception):\n    pass\ndef handler(event, context):\n    raise Busy('later')\n"
COUNT = (
    "import boto3\nsqs = boto3.client('sqs')\ndef handler(event, context):\n"
    "    sqs.send_message(QueueUrl=event['queue'], MessageBody='call')\n"
    "    raise RuntimeError('no')\n"
)


@pytest.fixture
def machines(aws: Aws) -> Machines:
    return Machines(aws)


@pytest.fixture
def faster(aws: Aws) -> Iterator[Callable[[float], None]]:
    """Changes the time factor."""

    def change(factor: float) -> None:
        aws.local("pinpoint/settings", "PUT", {"time_factor": factor})

    yield change
    change(1)


@pytest.fixture
def fast(faster: Callable[[float], None]) -> None:
    faster(3600)


def refused(code: str) -> Any:
    return pytest.raises(ClientError, match=code)


# Roles


def test_a_machine_calls_a_function_with_its_role(machines: Machines) -> None:
    ended = machines.run(machines.calling(), {"step": 3})

    assert (ended["status"], json.loads(ended["output"])) == ("SUCCEEDED", {"step": 3})


def test_a_machine_whose_role_may_not_call_the_function_fails_as_on_aws(aws: Aws, machines: Machines) -> None:
    function = machines.function()
    machine = machines.create(definition(Step=task(function)), machines.role())

    ended = machines.run(machine)

    assert (ended["status"], ended["error"]) == ("FAILED", "Lambda.AWSLambdaException")
    assert f"is not authorized to perform: lambda:InvokeFunction on resource: {function}" in ended["cause"]
    assert [refusal["action"] for refusal in aws.refusals()] == ["lambda:InvokeFunction"]


@pytest.mark.parametrize(("allowed", "status"), [("", "FAILED"), (":*", "SUCCEEDED")])
def test_a_qualified_function_needs_the_permission_for_its_qualifier(
    machines: Machines, allowed: str, status: str
) -> None:
    function = machines.function()
    role = machines.role(f"{function}{allowed}")

    assert machines.run(machines.create(definition(Step=task(f"{function}:$LATEST")), role))["status"] == status


def test_a_role_that_the_service_cannot_assume_makes_no_machine(aws: Aws, machines: Machines) -> None:
    role = aws.role("other", LAMBDA, {})

    with refused("AccessDeniedException.*states.amazonaws.com"):
        machines.create(definition(Done={"Type": "Succeed"}, first="Done"), role)


def test_a_role_may_demand_the_machine_as_source(aws: Aws, machines: Machines) -> None:
    function = machines.function()
    for suffix, account in (("mine", aws.account), ("other", "111111111111")):
        role = machines.role(function, suffix=suffix)
        condition = {"StringEquals": {"aws:SourceAccount": account}}
        trust = statement("sts:AssumeRole", Principal={"Service": STATES}, Condition=condition)
        aws.iam.update_assume_role_policy(RoleName=f"{aws.name}-{suffix}", PolicyDocument=json.dumps(trust))
        if suffix == "mine":
            assert machines.run(machines.create(definition(Step=task(function)), role))["status"] == "SUCCEEDED"
        else:
            with refused("AccessDeniedException"):
                machines.create(definition(Step=task(function)), role, suffix)


def test_a_function_starts_stops_and_describes_only_what_its_role_allows(aws: Aws, machines: Machines) -> None:
    machine = machines.create(definition("Pause", Pause={"Type": "Wait", "Seconds": 60, "End": True}), machines.role())
    source = (
        "import boto3\nfrom botocore.exceptions import ClientError\nstates = boto3.client('stepfunctions')\n"
        "def handler(event, context):\n    try:\n        getattr(states, event.pop('call'))(**event)\n"
        "    except ClientError as error:\n        return error.response['Error']['Code']\n"
    )
    function = aws.function(source, aws.role("caller", LAMBDA, {}), "caller")
    execution = f"{machine.replace(':stateMachine:', ':execution:')}:run"
    calls = {
        "start_execution": ({"stateMachineArn": machine, "name": "run"}, "states:StartExecution", machine),
        "describe_execution": ({"executionArn": execution}, "states:DescribeExecution", execution),
        "stop_execution": ({"executionArn": execution}, "states:StopExecution", execution),
    }

    for call, (arguments, action, resource) in calls.items():
        event = {"call": call, **arguments}
        assert aws.invoke(function, event) == "AccessDeniedException"
        policy = json.dumps(statement(action, Resource=resource))
        aws.iam.put_role_policy(RoleName=f"{aws.name}-caller", PolicyName=call.replace("_", ""), PolicyDocument=policy)
        assert aws.invoke(function, event) is None

    assert machines.ended(execution)["status"] == "ABORTED"


def test_logs_need_a_group_and_a_role_that_may_deliver_them(aws: Aws, machines: Machines) -> None:
    aws.client("logs").create_log_group(logGroupName=f"/{aws.name}")
    group = f"arn:aws:logs:{REGION}:{aws.account}:log-group:/{aws.name}"
    document, role = definition("Done", Done={"Type": "Succeed"}), machines.role()

    def make(arn: str) -> str:
        logging = {
            "level": "ERROR",
            "includeExecutionData": False,
            "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": arn}}],
        }
        return machines.create(document, role, loggingConfiguration=logging)

    with refused("InvalidLoggingConfiguration"):
        make(group)
    with refused("InvalidLoggingConfiguration"):
        make(f"{group}-other:*")
    with refused("AccessDeniedException.*Log Destination"):
        make(f"{group}:*")
    policy = json.dumps(statement("logs:*", Resource="*"))
    aws.iam.put_role_policy(RoleName=f"{aws.name}-machine", PolicyName="logs", PolicyDocument=policy)
    machine = machines.states.describe_state_machine(stateMachineArn=make(f"{group}:*"))
    assert machine["loggingConfiguration"]["level"] == "ERROR"
    assert machine["tracingConfiguration"] == {"enabled": False}


# Names


def test_the_same_start_twice_is_one_execution_while_it_runs(machines: Machines) -> None:
    machine = machines.create(definition("Pause", Pause={"Type": "Wait", "Seconds": 60, "End": True}), machines.role())

    first = machines.start(machine, "a", {"x": 1})
    assert machines.start(machine, "a", {"x": 1}) == first
    assert machines.start(machine, "b", {"x": 1}) != first
    with refused("ExecutionAlreadyExists"):
        machines.start(machine, "a", {"x": 2})
    machines.states.stop_execution(executionArn=first)
    with refused("ExecutionAlreadyExists"):
        machines.start(machine, "a", {"x": 1})


@pytest.mark.parametrize(("run", "valid"), [("n" * 80, True), ("n" * 81, False), ("a b", False), ("a/b", False)])
def test_names_of_executions_are_checked(machines: Machines, run: str, valid: bool) -> None:
    machine = machines.create(definition("Done", Done={"Type": "Succeed"}), machines.role())

    if valid:
        machines.start(machine, run)
    else:
        with pytest.raises(ClientError, match="InvalidName"):
            machines.start(machine, run)


def test_input_that_is_no_json_is_refused(machines: Machines) -> None:
    machine = machines.create(definition("Done", Done={"Type": "Succeed"}), machines.role())

    with refused("InvalidExecutionInput"):
        machines.states.start_execution(stateMachineArn=machine, input="{")


# Errors


@pytest.mark.parametrize(
    ("source", "error", "cause"),
    [
        (RAISE, "Busy", '"errorMessage": "later"'),
        (CRASH, "Runtime.ExitError", "Runtime exited with error: exit status 3"),
        (KILLED, "Runtime.ExitError", "Runtime exited with error: signal: killed"),
        (SLEEP, "Sandbox.Timedout", "Task timed out after 1.00 seconds"),
    ],
)
def test_a_function_that_fails_gives_its_error(machines: Machines, source: str, error: str, cause: str) -> None:
    function = machines.function(source, Timeout=1 if source is SLEEP else 120)
    machine = machines.create(definition(Step=task(function)), machines.role(function))

    ended = machines.run(machine, {"seconds": 60})

    assert (ended["status"], ended["error"]) == ("FAILED", error)
    assert cause in ended["cause"]


def test_a_function_without_room_is_throttled(aws: Aws, machines: Machines) -> None:
    function = machines.function()
    aws.functions.put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=0)

    ended = machines.run(machines.create(definition(Step=task(function)), machines.role(function)))

    assert (ended["status"], ended["error"]) == ("FAILED", "Lambda.TooManyRequestsException")


@pytest.mark.parametrize("size", [262_000, 262_300])
def test_an_answer_above_the_limit_fails_past_every_catch(machines: Machines, size: int) -> None:
    function = machines.function(f"def handler(event, context):\n    return 'x' * {size}\n")
    catch = {"ErrorEquals": ["States.ALL"], "Next": "Caught"}
    document = definition(Step=task(function, Catch=[catch]), Caught={"Type": "Succeed"})

    ended = machines.run(machines.create(document, machines.role(function)))

    assert ended.get("error") == ("States.DataLimitExceeded" if size > 262_144 else None)


def test_a_task_that_takes_too_long_times_out(machines: Machines) -> None:
    ended = machines.run(machines.calling(SLEEP, TimeoutSeconds=1), {"seconds": 60})

    assert (ended["status"], ended["error"]) == ("FAILED", "States.Timeout")


@pytest.mark.usefixtures("fast")
def test_retries_then_catch_then_choice(aws: Aws, machines: Machines, queue: Any) -> None:
    function = aws.function(COUNT, aws.role("count", LAMBDA, {queue.arn: ["sqs:SendMessage"]}), "count")
    retry = {"ErrorEquals": ["RuntimeError"], "IntervalSeconds": 5, "MaxAttempts": 3, "MaxDelaySeconds": 600}
    catch = {"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Judge"}
    document = definition(
        Step=task(function, Retry=[retry], Catch=[catch]),
        Judge={
            "Type": "Choice",
            "Choices": [{"Variable": "$.error.Error", "StringEquals": "RuntimeError", "Next": "Known"}],
            "Default": "Other",
        },
        Known={"Type": "Fail", "Error": "GaveUp", "Cause": "four attempts"},
        Other={"Type": "Succeed"},
    )

    ended = machines.run(machines.create(document, machines.role(function)), {"queue": queue.url})

    assert (ended["status"], ended["error"], ended["cause"]) == ("FAILED", "GaveUp", "four attempts")
    assert aws.depth(queue) == 4


@pytest.mark.parametrize("path", ["$.missing", "$.list[2]"])
def test_what_a_path_does_not_find_fails_past_every_catch(machines: Machines, path: str) -> None:
    function = machines.function()
    parameters = {"FunctionName": function, "Payload": {"x.$": path}}
    catch = {"ErrorEquals": ["States.ALL"], "Next": "Caught"}
    document = definition(Step=task(function, Parameters=parameters, Catch=[catch]), Caught={"Type": "Succeed"})

    ended = machines.run(machines.create(document, machines.role(function)), {"list": [1, 2]})

    assert (ended["status"], ended["error"]) == ("FAILED", "States.Runtime")
    assert path in ended["cause"]


@pytest.mark.parametrize(
    ("rule", "document", "status"),
    [
        ({"Variable": "$.next", "StringEquals": "go"}, {}, "FAILED"),
        ({"Variable": "$.next", "IsPresent": True}, {}, "ABSENT"),
        ({"Variable": "$.next", "IsPresent": True}, {"next": None}, "PRESENT"),
        ({"Variable": "$.next", "IsNull": True}, {"next": None}, "PRESENT"),
    ],
)
def test_a_choice_tells_missing_from_null(machines: Machines, rule: Any, document: Any, status: str) -> None:
    machine = machines.create(
        definition(
            "Choose",
            Choose={"Type": "Choice", "Choices": [{**rule, "Next": "PRESENT"}], "Default": "ABSENT"},
            PRESENT={"Type": "Succeed"},
            ABSENT={"Type": "Succeed"},
        ),
        machines.role(),
    )

    ended = machines.run(machine, document)

    assert (ended["status"] if status == "FAILED" else machines.entered(ended["executionArn"])[-1]) == status


# Waits and stops


@pytest.mark.usefixtures("fast")
def test_waits_pass_faster_by_the_time_factor(machines: Machines) -> None:
    until = (datetime.now(UTC) + timedelta(days=-1, hours=25)).isoformat(timespec="seconds").replace("+00:00", "Z")
    machine = machines.create(
        definition(
            "Until",
            Until={"Type": "Wait", "TimestampPath": "$.until", "Next": "Seconds"},
            Seconds={"Type": "Wait", "Seconds": 3600, "End": True},
        ),
        machines.role(),
    )
    began = time.monotonic()

    assert machines.run(machine, {"until": until})["status"] == "SUCCEEDED"
    assert time.monotonic() - began > 1.5


def test_a_wait_that_goes_on_notices_a_new_time_factor(machines: Machines, faster: Callable[[float], None]) -> None:
    machine = machines.create(
        definition("Pause", Pause={"Type": "Wait", "Seconds": 86400, "End": True}), machines.role()
    )
    execution = machines.start(machine)
    wait_for("the wait", lambda: machines.entered(execution))
    faster(86400)

    assert machines.ended(execution)["status"] == "SUCCEEDED"


@pytest.mark.parametrize("until", ["tomorrow", "2026-01-01", "2026-01-01 00:00:00Z", 5, None])
def test_a_wait_for_what_is_no_moment_fails(machines: Machines, until: Any) -> None:
    machine = machines.create(
        definition("Until", Until={"Type": "Wait", "TimestampPath": "$.until", "End": True}), machines.role()
    )

    assert machines.run(machine, {"until": until})["error"] == "States.Runtime"


@pytest.mark.parametrize("reached", ["Step", "Pause"])
def test_after_a_stop_no_state_begins(
    aws: Aws, machines: Machines, faster: Callable[[float], None], reached: str
) -> None:
    gate, done = aws.queue("gate"), aws.queue("done")
    allowed = {gate.arn: ["sqs:GetQueueAttributes"], done.arn: ["sqs:SendMessage"]}
    function = aws.function(GATED.format(gate.url, done.url), aws.role("gated", LAMBDA, allowed), "gated")
    document = definition(
        Step=task(function, Next="Pause"),
        Pause={"Type": "Wait", "Seconds": 3600, "Next": "Last"},
        Last={"Type": "Succeed"},
    )
    machine = machines.create(document, machines.role(function))
    if reached == "Pause":
        aws.send(gate, "open")
    execution = machines.start(machine)
    wait_for(reached, lambda: reached in machines.entered(execution))

    machines.states.stop_execution(executionArn=execution, error="Stopped", cause="by hand")
    faster(86400)
    aws.send(gate, "open")
    wait_for("the end of the function", lambda: aws.depth(done))
    # What would have followed is over when another execution has gone the whole way.
    assert machines.run(machine, name="another")["status"] == "SUCCEEDED"

    ended = machines.ended(execution)
    assert (ended["status"], ended["error"], ended["cause"]) == ("ABORTED", "Stopped", "by hand")
    assert machines.entered(execution)[-1] == reached


def test_a_stop_ends_the_retries(aws: Aws, machines: Machines, queue: Queue, faster: Callable[[float], None]) -> None:
    other = aws.queue("other")
    allowed = {each.arn: ["sqs:SendMessage"] for each in (queue, other)}
    function = aws.function(COUNT, aws.role("count", LAMBDA, allowed), "count")
    retry = {"ErrorEquals": ["States.ALL"], "IntervalSeconds": 600, "BackoffRate": 1, "MaxAttempts": 1}
    machine = machines.create(definition(Step=task(function, Retry=[retry])), machines.role(function))
    execution = machines.start(machine, document={"queue": queue.url})
    wait_for("the first call", lambda: aws.depth(queue))

    machines.states.stop_execution(executionArn=execution)
    faster(86400)
    # The retry would be over when another execution has made its own.
    assert machines.run(machine, {"queue": other.url}, "another")["status"] == "FAILED"

    assert (aws.depth(queue), aws.depth(other)) == (1, 2)
    assert machines.ended(execution)["status"] == "ABORTED"


def test_intervals_grow_up_to_the_longest_delay() -> None:
    retrier = {"IntervalSeconds": 5, "BackoffRate": 2, "MaxDelaySeconds": 120}

    assert [delay(retrier, count) for count in range(7)] == [5, 10, 20, 40, 80, 120, 120]
    assert delay({**retrier, "JitterStrategy": "FULL"}, 1, draw=lambda: 0.5) == 5
    assert [delay({}, count) for count in range(3)] == [1, 2, 4]
