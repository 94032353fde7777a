"""State machines for tests."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from tests.local_cloud.aws import LAMBDA, Aws, Document, wait_for

STATES = "states.amazonaws.com"
INVOKE = "arn:aws:states:::lambda:invoke"
ECHO = "def handler(event, context):\n    return event\n"


def task(function: str, **fields: Any) -> Document:
    """A task that calls a function with the whole input and goes on with its answer."""
    return {
        "Type": "Task",
        "Resource": INVOKE,
        "Parameters": {"FunctionName": function, "Payload.$": "$"},
        "OutputPath": "$.Payload",
        **({} if "Next" in fields else {"End": True}),
        **fields,
    }


def definition(first: str = "Step", **states: Document) -> Document:
    """A definition that begins with its first state."""
    return {"StartAt": first, "States": states}


class Machines:
    """State machines of an account."""

    def __init__(self, aws: Aws) -> None:
        self._aws = aws
        self.states: Any = aws.client("stepfunctions")

    def function(self, source: str = ECHO, suffix: str = "step", **options: Any) -> str:
        """A function that needs no permission."""
        return self._aws.function(source, self._aws.role(f"{suffix}-role", LAMBDA, {}), suffix, **options)

    def role(self, *functions: str, suffix: str = "machine") -> str:
        """A role with which a machine may call functions."""
        return self._aws.role(suffix, STATES, {function: ["lambda:InvokeFunction"] for function in functions})

    def create(self, document: Document, role: str, suffix: str = "machine", **options: Any) -> str:
        """A state machine."""
        text = json.dumps(document)
        made = self.states.create_state_machine(
            name=f"{self._aws.name}-{suffix}", definition=text, roleArn=role, **options
        )
        return str(made["stateMachineArn"])

    def calling(self, source: str = ECHO, **fields: Any) -> str:
        """A state machine that calls one function."""
        function = self.function(source)
        return self.create(definition(Step=task(function, **fields)), self.role(function))

    def start(self, machine: str, name: str = "run", document: object = None) -> str:
        """An execution."""
        text = json.dumps({} if document is None else document)
        return str(self.states.start_execution(stateMachineArn=machine, name=name, input=text)["executionArn"])

    def ended(self, execution: str, seconds: float = 120.0) -> Any:
        """An execution that has ended."""

        def probe() -> Any:
            found = self.states.describe_execution(executionArn=execution)
            return None if found["status"] == "RUNNING" else found

        return wait_for("the end of the execution", probe, seconds)

    def run(self, machine: str, document: object = None, name: str = "run") -> Any:
        """What became of an execution."""
        return self.ended(self.start(machine, name, document))

    def entered(self, execution: str) -> Sequence[str]:
        """Names of the states that an execution entered, in order."""
        events = self.states.get_execution_history(executionArn=execution, maxResults=1000)["events"]
        return [event["stateEnteredEventDetails"]["name"] for event in events if "stateEnteredEventDetails" in event]
