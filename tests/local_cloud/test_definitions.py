"""Definitions of state machines: what AWS refuses is refused, with its place."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_cloud.states.definitions import faults
from tests.local_cloud.aws import Aws
from tests.local_cloud.machines import Machines, definition, task

FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:step"
STEPS = {
    "Comment": "a run, step by step",
    **definition(
        Step=task(
            FUNCTION,
            Next="Choose",
            TimeoutSeconds=900,
            Retry=[{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 5, "MaxAttempts": 8, "MaxDelaySeconds": 120}],
            Catch=[{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "GiveUp"}],
        ),
        Choose={
            "Type": "Choice",
            "Choices": [
                {"Variable": "$.next", "StringEquals": "wait", "Next": "Wait"},
                {"Or": [{"Variable": "$.next", "StringEquals": "step"}], "Next": "Step"},
                {"Not": {"Variable": "$.next", "IsPresent": True}, "Next": "Failed"},
            ],
            "Default": "Done",
        },
        Wait={"Type": "Wait", "TimestampPath": "$.until", "Next": "Step"},
        GiveUp=task(FUNCTION, Parameters={"FunctionName": FUNCTION, "Payload": {"run.$": "$.run"}}, Next="Failed"),
        Done={"Type": "Succeed"},
        Failed={"Type": "Fail", "Error": "Failed", "CausePath": "$.error.Cause"},
    ),
}


def changed(state: str, **fields: Any) -> dict[str, Any]:
    """The steps with one state changed; None removes a field."""
    document = json.loads(json.dumps(STEPS))
    document["States"][state].update(fields)
    document["States"][state] = {key: value for key, value in document["States"][state].items() if value is not None}
    return document


def test_a_definition_that_aws_takes_has_no_faults() -> None:
    assert faults(json.dumps(STEPS)) == []


@pytest.mark.parametrize(
    ("document", "location"),
    [
        ({**STEPS, "StartAt": "Nowhere"}, "/StartAt"),
        ({**STEPS, "Start": "Step"}, "/Start"),
        ({**STEPS, "TimeoutSeconds": 0}, "/TimeoutSeconds"),
        ({**STEPS, "QueryLanguage": "JSONata"}, "/QueryLanguage"),
        (changed("Step", Next="Nowhere"), "/States/Step"),
        (changed("Step", End=True), "/States/Step"),
        (changed("Step", Next=None), "/States/Step"),
        (changed("Step", Resource="lambda"), "/States/Step/Resource"),
        (changed("Step", Timeout=5), "/States/Step/Timeout"),
        (changed("Step", TimeoutSeconds="5"), "/States/Step/TimeoutSeconds"),
        (changed("Step", OutputPath="Payload"), "/States/Step/OutputPath"),
        (changed("Step", Parameters={"Payload.$": "run"}), "/States/Step/Parameters/Payload.$"),
        (changed("Step", Retry=[{"ErrorEquals": ["States.ALL", "Busy"]}]), "/States/Step/Retry[0]/ErrorEquals"),
        (changed("Step", Retry=[{"ErrorEquals": []}]), "/States/Step/Retry[0]/ErrorEquals"),
        (
            changed("Step", Retry=[{"ErrorEquals": ["Busy"], "IntervalSeconds": 5, "MaxDelaySeconds": 5}]),
            "/States/Step/Retry[0]/MaxDelaySeconds",
        ),
        (changed("Step", Retry=[{"ErrorEquals": ["Busy"], "BackoffRate": 0.5}]), "/States/Step/Retry[0]/BackoffRate"),
        (changed("Choose", Choices=[]), "/States/Choose/Choices"),
        (
            changed("Choose", Choices=[{"Variable": "$.a", "StringIs": "b", "Next": "Done"}]),
            "/States/Choose/Choices[0]",
        ),
        (changed("Wait", Seconds=5), "/States/Wait"),
        (changed("Wait", TimestampPath="until"), "/States/Wait/TimestampPath"),
        (changed("Done", Type="Map"), "/States/Done/Type"),
        (changed("Choose", Default="Step"), "/States/Done"),
    ],
)
def test_each_fault_is_told_with_its_place(document: dict[str, Any], location: str) -> None:
    assert location in [fault.location for fault in faults(json.dumps(document))]


def test_a_faulty_definition_makes_and_changes_no_machine(aws: Aws) -> None:
    machines = Machines(aws)
    role = machines.role()
    machine = machines.create(definition("Done", Done={"Type": "Succeed"}), role)

    for call in (
        lambda text: machines.states.create_state_machine(name=f"{aws.name}-2", definition=text, roleArn=role),
        lambda text: machines.states.update_state_machine(stateMachineArn=machine, definition=text),
    ):
        with pytest.raises(ClientError, match=r"InvalidDefinition.*MISSING_TRANSITION_TARGET.*at /StartAt"):
            call(json.dumps({**STEPS, "StartAt": "Nowhere"}))
    found = machines.states.validate_state_machine_definition(definition="{}")
    assert (found["result"], found["diagnostics"][0]["location"]) == ("FAIL", "/")
