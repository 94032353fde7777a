"""Lambda authorizers: the function is called with API Gateway's rights, and its policy decides."""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Mapping
from typing import Any, Final

from ministack.core import iam_evaluator
from ministack.core.responses import request_scope
from ministack.services import apigateway_v1 as records
from ministack.services import lambda_svc

from local_cloud import service_roles
from local_cloud.apigateway import mapping
from local_cloud.apigateway.errors import GatewayError
from local_cloud.apigateway.exchange import Exchange
from local_cloud.apigateway.java import JavaMap
from local_cloud.refusals import Refusal, refusals

_SERVICE: Final = "apigateway.amazonaws.com"
_ACTION: Final = "lambda:InvokeFunction"
_HEADER: Final = "method.request.header."
_Verdict = tuple[Mapping[str, Any], Mapping[str, str]]

log = logging.getLogger("local_cloud.apigateway")
_cache: dict[tuple[object, ...], tuple[float, _Verdict]] = {}


async def check(authorizer: Mapping[str, Any] | None, arn: str, exchange: Exchange, *, allowed_by_policy: bool) -> None:
    """Ask the function, unless it has just answered for the same caller.

    Parameters
    ----------
    authorizer
        MiniStack's record of the authorizer.
    arn
        ARN of the method that is called.
    exchange
        The request.
    allowed_by_policy
        Whether the API's resource policy allows the call.

    Raises
    ------
    GatewayError
        If the request may not be made, or nobody can tell.
    """
    if authorizer is None:
        raise _configuration_error("the method's authorizer is gone")
    values = _identity(authorizer, exchange)
    seconds = int(authorizer["authorizerResultTtlInSeconds"])
    key = (exchange.account, exchange.region, exchange.api_id, authorizer["id"], exchange.stage_name, values)
    until, verdict = _cache.get(key, (0.0, None))
    if verdict is None or until <= time.monotonic():
        verdict = await _ask(authorizer, arn, exchange)
        _keep(key, seconds, verdict)
    document, context = verdict
    decision = records._evaluate_policy(document, arn)
    if decision == "Deny" or (decision != "Allow" and not allowed_by_policy):
        error = records._deny_error(decision == "Deny")
        raise GatewayError(error.response_type, error.message)
    exchange.context["authorizer"] = JavaMap(dict(context))


def _identity(authorizer: Mapping[str, Any], exchange: Exchange) -> tuple[str, ...]:
    """Return what identifies the caller; what must be there and is not ends the request before the function."""
    sources = [source.strip() for source in (authorizer["identitySource"] or "").split(",") if source.strip()]
    values = tuple(mapping.evaluate(source, exchange) or "" for source in sources)
    token = authorizer["type"] == "TOKEN"
    if (token or int(authorizer["authorizerResultTtlInSeconds"]) > 0) and not all(values):
        raise GatewayError("UNAUTHORIZED", "Unauthorized")
    pattern = authorizer.get("identityValidationExpression")
    if token and pattern and not re.fullmatch(pattern, values[0]):
        raise GatewayError("UNAUTHORIZED", "Unauthorized")
    return values


async def _ask(authorizer: Mapping[str, Any], arn: str, exchange: Exchange) -> _Verdict:
    _check_permission(authorizer, exchange)
    result = await records._invoke_authorizer_lambda(
        authorizer, _event(authorizer, arn, exchange), exchange.account, exchange.region
    )
    if result is None:
        raise _configuration_error("the authorizer's function does not exist")
    answer = result.get("body")
    if result.get("error"):
        reason = answer.get("errorMessage") if isinstance(answer, dict) else answer
        if reason == "Unauthorized":
            raise GatewayError("UNAUTHORIZED", "Unauthorized")
        log.error("the authorizer failed: %s", reason)
        raise GatewayError("AUTHORIZER_FAILURE", None)
    if isinstance(answer, (str, bytes)):
        try:
            answer = json.loads(answer)
        except ValueError as error:
            raise _configuration_error(f"the authorizer did not answer JSON: {error}") from error
    if not isinstance(answer, dict) or not isinstance(answer.get("policyDocument"), dict):
        raise _configuration_error("the authorizer did not answer a policy")
    context = answer.get("context") or {}
    if not isinstance(context, dict) or any(isinstance(value, (dict, list)) for value in context.values()):
        raise _configuration_error("the context of the authorizer's answer holds more than texts, numbers and booleans")
    texts = records._stringify_context(context)
    if answer.get("principalId"):
        texts["principalId"] = str(answer["principalId"])
    return answer["policyDocument"], texts


def _check_permission(authorizer: Mapping[str, Any], exchange: Exchange) -> None:
    function = records._extract_lambda_ref_from_integration_uri(authorizer["authorizerUri"])
    role = authorizer.get("authorizerCredentials")
    if role:
        denial = service_roles.check(role, _SERVICE, _ACTION, function)
        refusal = denial and denial.refusal
    else:
        refusal = _refused_by_function(function, authorizer["id"], exchange)
    if refusal:
        refusals.add(refusal)
        raise _configuration_error(f"API Gateway may not call the authorizer: {refusal.reason}")


def _refused_by_function(function: str, authorizer_id: str, exchange: Exchange) -> Refusal | None:
    account, region = function.split(":")[4], function.split(":")[3]
    source = f"arn:aws:execute-api:{exchange.region}:{exchange.account}:{exchange.api_id}/authorizers/{authorizer_id}"
    context = iam_evaluator.EvalContext(
        _SERVICE,
        "Service",
        exchange.account,
        _ACTION,
        function,
        exchange.region,
        source_ip="",
        secure_transport=True,
        service_context={"aws:sourcearn": source, "aws:sourceaccount": exchange.account},
    )
    with request_scope(account, region):
        policy = lambda_svc.function_policy_for_arn(function)
    if policy and iam_evaluator.evaluate_resource_policy(policy[0], context, service=_SERVICE).decision == "Allow":
        return None
    return Refusal(_SERVICE, _ACTION, function, f"the function's policy does not let {source} call it")


def _event(authorizer: Mapping[str, Any], arn: str, exchange: Exchange) -> dict[str, Any]:
    if authorizer["type"] == "TOKEN":
        return {
            "type": "TOKEN",
            "authorizationToken": exchange.header(authorizer["identitySource"].removeprefix(_HEADER)),
            "methodArn": arn,
        }
    several: dict[str, list[str]] = {}
    for name, value in exchange.headers:
        several.setdefault(name, []).append(value)
    return {
        "type": "REQUEST",
        "methodArn": arn,
        "resource": exchange.resource_path,
        "path": exchange.path,
        "httpMethod": exchange.method,
        "headers": dict(exchange.headers),
        "multiValueHeaders": several,
        "queryStringParameters": dict(exchange.querystring),
        "multiValueQueryStringParameters": {name: list(values) for name, values in exchange.query.items()},
        "pathParameters": dict(exchange.path_parameters),
        "stageVariables": dict(exchange.stage_variables),
        "requestContext": {
            "accountId": exchange.account,
            "apiId": exchange.api_id,
            "httpMethod": exchange.method,
            "identity": {"sourceIp": exchange.source_ip, "userAgent": exchange.header("user-agent")},
            "path": exchange.context.get("path"),
            "requestId": exchange.request_id,
            "resourcePath": exchange.resource_path,
            "stage": exchange.stage_name,
        },
    }


def _keep(key: tuple[object, ...], seconds: int, verdict: _Verdict) -> None:
    now = time.monotonic()
    for old in [known for known, (until, _) in _cache.items() if until <= now]:
        del _cache[old]
    if seconds > 0:
        _cache[key] = (now + seconds, verdict)


def _configuration_error(reason: str) -> GatewayError:
    log.error("Execution failed due to configuration error: %s", reason)
    return GatewayError("AUTHORIZER_CONFIGURATION_ERROR", "Internal server error")
