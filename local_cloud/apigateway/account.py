"""The account-wide CloudWatch role: without it no stage may log."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from ministack.services import apigateway_v1 as records
from ministack.services.cloudformation import provisioners

from local_cloud import patching, service_roles
from local_cloud.refusals import refusals

_Response = tuple[int, dict[str, str], bytes]
_SERVICE: Final = "apigateway.amazonaws.com"
# What AmazonAPIGatewayPushToCloudWatchLogs allows and writing logs needs.
_ACTIONS: Final = ("logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogGroups", "logs:PutLogEvents")
_UNUSABLE_ROLE: Final = (
    "The role ARN does not have required permissions configured. Please grant trust permission for API Gateway and add "
    "the required role policy."
)


def install() -> None:
    """Refuse logging without the role, and a role that cannot log."""
    patching.replace("the logging role is checked", records, "_update_account", "_account_settings", by=_updating)
    handlers = provisioners._RESOURCE_HANDLERS["AWS::ApiGateway::Account"]
    patching.guard("the logging role is checked", provisioners, "_apigw_account_create", "_account_settings")
    handlers["create"] = _provisioning(handlers["create"])
    patching.replace("no logs without the role", records, "_create_stage", "accessLogSettings", by=_creating)
    patching.replace("no logs without the role", records, "_update_stage", "_apply_stage_patch", by=_patching)
    patching.replace("a stage without logs says so", records, "_get_stage", "_stages_v1", by=_reading)


def _updating(update: Callable[..., _Response]) -> Callable[..., _Response]:
    def update_account(data: Mapping[str, Any]) -> _Response:
        for operation in data.get("patchOperations", []):
            role = operation.get("value")
            if operation.get("path") == "/cloudwatchRoleArn" and role and not _can_log(role):
                return _refusal(_UNUSABLE_ROLE)
        return update(data)

    return update_account


def _provisioning(create: Callable[..., Any]) -> Callable[..., Any]:
    def create_account(logical_id: str, properties: Mapping[str, Any], stack: str) -> object:
        role = properties.get("CloudWatchRoleArn")
        if role and not _can_log(role):
            raise ValueError(_UNUSABLE_ROLE)
        return create(logical_id, properties, stack)

    return create_account


def _can_log(role: str) -> bool:
    denials = (service_roles.check(role, _SERVICE, action, "*") for action in _ACTIONS)
    denial = next((denial for denial in denials if denial), None)
    if denial:
        refusals.add(denial.refusal)
    return denial is None


def _creating(create: Callable[..., _Response]) -> Callable[..., _Response]:
    def create_stage(api_id: str, data: Mapping[str, Any]) -> _Response:
        if (data.get("accessLogSettings") or {}).get("destinationArn") and not _has_role():
            return _no_role()
        return _without_empty_logs(create(api_id, data))

    return create_stage


def _reading(get: Callable[..., _Response]) -> Callable[..., _Response]:
    return lambda api_id, stage_name: _without_empty_logs(get(api_id, stage_name))


def _without_empty_logs(response: _Response) -> _Response:
    # An empty object is a setting to Terraform, and it would plan to remove it for ever.
    stage = json.loads(response[2])
    if stage.get("accessLogSettings") == {}:
        del stage["accessLogSettings"]
        response = records._v1_response(stage, response[0])
    return response


def _patching(update: Callable[..., _Response]) -> Callable[..., _Response]:
    def update_stage(api_id: str, stage_name: str, data: Mapping[str, Any]) -> _Response:
        if _turns_logging_on(data.get("patchOperations", [])) and not _has_role():
            return _no_role()
        return update(api_id, stage_name, data)

    return update_stage


def _turns_logging_on(operations: Iterable[Mapping[str, Any]]) -> bool:
    for operation in operations:
        path, value = operation.get("path", ""), str(operation.get("value") or "")
        if operation.get("op") == "remove" or not value:
            continue
        if path == "/accessLogSettings/destinationArn":
            return True
        if path.endswith("/logging/loglevel") and value != "OFF":
            return True
        if path.endswith("/logging/dataTrace") and value.lower() == "true":
            return True
    return False


def _has_role() -> bool:
    return bool((records._account_settings.get("settings") or {}).get("cloudwatchRoleArn"))


def _no_role() -> _Response:
    return _refusal("CloudWatch Logs role ARN must be set in account settings to enable logging")


def _refusal(message: str) -> _Response:
    response: _Response = records._v1_error("BadRequestException", message, 400)
    return response
