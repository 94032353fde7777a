"""The state machine that walks runs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from engagement.domain.runs.position import Position, payload_of

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient


class Machine:
    """Executions, one for each run, under a name that follows from it."""

    def __init__(self, stepfunctions: SFNClient, arn: str) -> None:
        self._stepfunctions = stepfunctions
        self._arn = arn

    def start(self, name: str, run: str) -> None:
        """Start the execution of a run; one that exists already is left alone, whether it has ended or not."""
        try:
            self._stepfunctions.start_execution(
                stateMachineArn=self._arn, name=name, input=json.dumps(payload_of(Position(run)))
            )
        except self._stepfunctions.exceptions.ExecutionAlreadyExists:
            return

    def stop(self, name: str, cause: str) -> None:
        """Stop an execution; one that has ended, or never began, stays as it is."""
        arn = self._arn.replace(":stateMachine:", ":execution:")
        try:
            self._stepfunctions.stop_execution(executionArn=f"{arn}:{name}", error="Stopped", cause=cause)
        except self._stepfunctions.exceptions.ExecutionDoesNotExist:
            return
