"""Stacks of CloudFormation, for tests."""

from __future__ import annotations

import json

from botocore.exceptions import ClientError

from tests.local_cloud.aws import Aws, Document, wait_for


class Stack:
    """One stack."""

    def __init__(self, aws: Aws) -> None:
        self.client = aws.client("cloudformation")
        self.name = aws.name

    def settle(self) -> str:
        """Wait for the end of an operation and return its status, or DELETED."""

        def status() -> str | None:
            try:
                [found] = self.client.describe_stacks(StackName=self.name)["Stacks"]
            except ClientError:
                return "DELETED"
            state: str = found["StackStatus"]
            return None if state.endswith("_IN_PROGRESS") else state

        return wait_for("the stack", status)

    def create(self, **resources: Document) -> str:
        self.client.create_stack(StackName=self.name, TemplateBody=json.dumps({"Resources": resources}))
        return self.settle()

    def update(self, **resources: Document) -> str:
        self.client.update_stack(StackName=self.name, TemplateBody=json.dumps({"Resources": resources}))
        return self.settle()

    def delete(self) -> str:
        self.client.delete_stack(StackName=self.name)
        return self.settle()

    def reasons(self) -> str:
        events = self.client.describe_stack_events(StackName=self.name)["StackEvents"]
        return " ".join(event.get("ResourceStatusReason", "") for event in events)
