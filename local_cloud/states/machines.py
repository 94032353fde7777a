"""State machines: a role that can be used, logs that can be written, and a definition that holds together."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from ministack.services import cloudwatch_logs, stepfunctions

from local_cloud import patching, service_roles
from local_cloud.refusals import Refusal, refusals
from local_cloud.states import definitions
from local_cloud.states.tasks import PRINCIPAL

_Data = Mapping[str, Any]
_Response = tuple[int, dict[str, str], bytes]
# Step Functions developer guide, "Logging using CloudWatch Logs": what the machine's role needs, on every resource.
_LOG_ACTIONS: Final = (
    "logs:CreateLogDelivery",
    "logs:GetLogDelivery",
    "logs:UpdateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:DescribeResourcePolicies",
    "logs:DescribeLogGroups",
)
_NOT_TRACED: Final = {"enabled": False}


def install() -> None:
    """Change how state machines are made and changed."""
    patching.replace("machines are checked", stepfunctions, "_create_state_machine", "validate_role_arn", by=_creating)
    patching.replace("machines are checked", stepfunctions, "_update_state_machine", 'sm["roleArn"]', by=_updating)
    patching.replace("tracing is told", stepfunctions, "_describe_state_machine", "_SM_INTERNAL_KEYS", by=_describing)
    patching.replace(
        "definitions are validated",
        stepfunctions,
        "_validate_state_machine_definition",
        '"diagnostics": []',
        by=lambda _: _validate,
    )


def _creating(create: Callable[[_Data], _Response]) -> Callable[[_Data], _Response]:
    def create_state_machine(data: _Data) -> _Response:
        arn = (
            f"arn:aws:states:{stepfunctions.get_region()}:{stepfunctions.get_account_id()}:stateMachine:{data['name']}"
        )
        refused = _problem(data, arn, data.get("roleArn"))
        if refused:
            return refused
        answer = create(data)
        if answer[0] == 200:
            _trace(arn, data)
        return answer

    return create_state_machine


def _updating(update: Callable[[_Data], _Response]) -> Callable[[_Data], _Response]:
    def update_state_machine(data: _Data) -> _Response:
        arn = str(data.get("stateMachineArn"))
        machine = stepfunctions._state_machines.get(arn)
        refused = _problem(data, arn, data.get("roleArn", machine["roleArn"])) if machine else None
        if refused:
            return refused
        answer = update(data)
        if answer[0] == 200:
            _trace(arn, data)
        return answer

    return update_state_machine


def _trace(arn: str, data: _Data) -> None:
    if "tracingConfiguration" in data:
        stepfunctions._state_machines[arn]["tracingConfiguration"] = data["tracingConfiguration"]


def _describing(describe: Callable[[_Data], _Response]) -> Callable[[_Data], _Response]:
    def describe_state_machine(data: _Data) -> _Response:
        status, headers, body = describe(data)
        if status != 200:
            return status, headers, body
        return status, headers, json.dumps({"tracingConfiguration": _NOT_TRACED, **json.loads(body)}).encode()

    return describe_state_machine


def _problem(data: _Data, arn: str, role: str | None) -> _Response | None:
    """Tell what AWS objects to before it makes or changes a machine."""
    if data.get("type", "STANDARD") != "STANDARD":
        return _error("StateMachineTypeNotSupported", "the local cloud has STANDARD state machines only")
    if "definition" in data:
        faults = definitions.faults(data["definition"])
        if faults:
            written = ", ".join(str(fault) for fault in faults)
            return _error("InvalidDefinition", f"Invalid State Machine Definition: '{written}'")
    reason = service_roles.unusable(role, PRINCIPAL, arn)
    if reason:
        refusals.add(Refusal(role or "(no role)", "sts:AssumeRole", arn, reason))
        return _error(
            "AccessDeniedException",
            f"Neither the global service principal {PRINCIPAL}, nor the regional one is authorized to assume the "
            "provided role.",
        )
    return _logging_problem(data.get("loggingConfiguration") or {}, arn, role)


def _logging_problem(logging: _Data, arn: str, role: str | None) -> _Response | None:
    destinations = logging.get("destinations") or []
    if logging.get("level", "OFF") == "OFF" and not destinations:
        return None
    if len(destinations) != 1:
        return _error(
            "InvalidLoggingConfiguration", "Invalid Logging Configuration: Must specify exactly one Log Destination."
        )
    group = str(destinations[0].get("cloudWatchLogsLogGroup", {}).get("logGroupArn", ""))
    if not group.endswith(":*") or group.removesuffix(":*").rpartition(":")[2] not in cloudwatch_logs._log_groups:
        return _error(
            "InvalidLoggingConfiguration", f"Invalid Logging Configuration: Log Destination {group} is not valid."
        )
    for action in _LOG_ACTIONS:
        denial = service_roles.check(role, PRINCIPAL, action, "*", arn)
        if denial:
            refusals.add(denial.refusal)
            return _error(
                "AccessDeniedException", "The state machine IAM Role is not authorized to access the Log Destination"
            )
    return None


def _validate(data: _Data) -> _Response:
    found = definitions.faults(data.get("definition", ""))
    diagnostics = [
        {"severity": "ERROR", "code": fault.code, "message": fault.message, "location": fault.location}
        for fault in found
    ]
    answer: _Response = stepfunctions.json_response(
        {"result": "FAIL" if found else "OK", "diagnostics": diagnostics, "truncated": False}
    )
    return answer


def _error(code: str, message: str) -> _Response:
    refused: _Response = stepfunctions.error_response_json(code, message, 400)
    return refused
