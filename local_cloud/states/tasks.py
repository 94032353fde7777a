"""Tasks: Lambda functions, called with the machine's role, and the errors that AWS names."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from ministack.core.responses import get_account_id, get_region
from ministack.services import lambda_svc, stepfunctions

from local_cloud import patching, service_roles
from local_cloud.refusals import refusals
from local_cloud.states import executions

PRINCIPAL: Final = "states.amazonaws.com"
_INVOKE: Final = "lambda:InvokeFunction"
_INTEGRATION: Final = ":states:::lambda:invoke"


def install() -> None:
    """Change how tasks are run."""
    patching.replace("Lambda tasks only", stepfunctions, "_invoke_resource", "states:::lambda:invoke", by=_invoking)
    patching.guard(
        "tasks need the machine's role", stepfunctions, "_call_lambda", "_execute_function_with_config_scope"
    )
    stepfunctions._call_lambda = _call


def _invoking(invoke: Callable[[str, Any], Any]) -> Callable[[str, Any], Any]:
    def invoke_resource(resource: str, data: Any) -> object:  # noqa: ANN401 - JSON
        # Other integrations would be made without asking the machine's role.
        if not (resource.endswith(_INTEGRATION) or ":function:" in resource):
            raise stepfunctions._ExecutionError("States.Runtime", f"the local cloud does not carry out {resource}")
        return invoke(resource, data)

    return invoke_resource


def _call(reference: str, event: object) -> object:
    """Call a function and return what it answered."""
    _check_role(_arn(reference))
    record, config, name = lambda_svc._get_func_record_for_ref(reference)
    if not record or not config:
        raise stepfunctions._ExecutionError("Lambda.ResourceNotFoundException", f"Function not found: {name}")
    result = lambda_svc._execute_function_with_config_scope(
        lambda_svc._execution_record_for_config(record, config), event
    )
    body = result.get("body")
    if result.get("throttle"):
        raise stepfunctions._ExecutionError("Lambda.TooManyRequestsException", json.dumps(body))
    if result.get("error"):
        raise stepfunctions._ExecutionError(*_failure(body))
    if len(json.dumps(body).encode()) > executions.MOST_PAYLOAD_BYTES:
        raise stepfunctions._ExecutionError(
            "States.DataLimitExceeded",
            "The state/task returned a result with a size exceeding the maximum number of bytes service limit.",
        )
    return body


def _check_role(function_arn: str) -> None:
    execution = executions.current()
    # A running execution keeps the role that it began with (UpdateStateMachine).
    role = execution["events"][0]["executionStartedEventDetails"]["roleArn"]
    denial = service_roles.check(role, PRINCIPAL, _INVOKE, function_arn, execution["stateMachineArn"])
    if denial:
        refusals.add(denial.refusal)
        # With the machine's definition AWS calls both by this name (reading, for a role that cannot be assumed).
        raise stepfunctions._ExecutionError("Lambda.AWSLambdaException", denial.message)


def _arn(reference: str) -> str:
    """Return what IAM looks at: the function as it was named, with its qualifier if it had one."""
    if reference.startswith("arn:"):
        return reference
    return f"arn:aws:lambda:{get_region()}:{get_account_id()}:function:{reference}"


def _failure(body: object) -> tuple[str, str]:
    """Return error and cause of a function that failed."""
    kind = body.get("errorType") if isinstance(body, Mapping) else None
    if kind:
        return str(kind), json.dumps(body)
    told = json.dumps(body)
    return (
        "Lambda.Unknown",
        "The cause could not be determined because Lambda did not return an error type. Returned payload: " + told,
    )
