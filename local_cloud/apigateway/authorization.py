"""Who may call a method: the API's resource policy together with the method's own authorization, in AWS's order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ministack.core import iam_evaluator
from ministack.core.arn import execute_api_arn
from ministack.services import apigateway_v1 as records

from local_cloud.apigateway import lambda_authorizer, signatures
from local_cloud.apigateway.deployments import Snapshot
from local_cloud.apigateway.errors import GatewayError
from local_cloud.apigateway.exchange import Exchange
from local_cloud.apigateway.java import JavaMap, to_java
from local_cloud.refusals import Refusal, refusals

_ACTION: Final = "execute-api:Invoke"
_ANYONE: Final = "anonymous"


async def check(method: Mapping[str, Any], snapshot: Snapshot, exchange: Exchange) -> None:
    """Let a request through or end it, and tell the templates who calls.

    Parameters
    ----------
    method
        MiniStack's record of the method.
    snapshot
        The deployment.
    exchange
        The request.

    Raises
    ------
    GatewayError
        If it may not be made.
    """
    kind = method["authorizationType"]
    arn = execute_api_arn(
        exchange.region, exchange.account, exchange.api_id, exchange.stage_name, exchange.method, exchange.path
    )
    policy = _policy(snapshot.policy, exchange)
    if kind == "AWS_IAM":
        _check_signed(policy, arn, exchange)
        return
    by_policy = _judge_anyone(policy, arn, exchange)
    if kind == "CUSTOM":
        # Evaluated before and after the function: a denial is enough, an allowance of either side too.
        if by_policy == "Deny":
            raise _refused_by_policy(arn, by_policy)
        authorizer = snapshot.authorizers.get(method["authorizerId"])
        await lambda_authorizer.check(
            authorizer, arn, exchange, allowed_by_policy=bool(policy) and by_policy == "Allow"
        )
        return
    if kind == "COGNITO_USER_POOLS":
        await _check_user(snapshot.authorizers.get(method["authorizerId"]), method, exchange)
    if by_policy != "Allow":
        raise _refused_by_policy(arn, by_policy)


def _policy(policy: str, exchange: Exchange) -> str:
    # AWS takes this short form for the API that the policy belongs to.
    prefix = f"arn:aws:execute-api:{exchange.region}:{exchange.account}:{exchange.api_id}/"
    return policy.replace('"execute-api:/', f'"{prefix}')


def _judge_anyone(policy: str, arn: str, exchange: Exchange) -> str:
    if not policy:
        return "Allow"
    context = iam_evaluator.EvalContext(
        "*", "Anonymous", "", _ACTION, arn, exchange.region, source_ip=exchange.source_ip, secure_transport=True
    )
    decision: str = iam_evaluator.evaluate_resource_policy(policy, context).decision
    return decision


def _refused_by_policy(arn: str, decision: str) -> GatewayError:
    because = (
        "with an explicit deny in a resource-based policy"
        if decision == "Deny"
        else f"because no resource-based policy allows the {_ACTION} action"
    )
    return _refusal(_ANYONE, arn, because)


def _refusal(principal: str, arn: str, because: str) -> GatewayError:
    message = f"User: {principal} is not authorized to perform: {_ACTION} on resource: {_masked(arn)} {because}"
    refusals.add(Refusal(principal, _ACTION, arn, message))
    return GatewayError("ACCESS_DENIED", message)


def _masked(arn: str) -> str:
    """Hide an account as AWS does in what a caller reads."""
    head, account, tail = arn.split(":", 5)[:4], arn.split(":")[4], arn.split(":", 5)[5]
    return ":".join([*head, f"********{account[-4:]}", tail])


def _check_signed(policy: str, arn: str, exchange: Exchange) -> None:
    caller = signatures.caller(exchange)
    principal = caller.principal
    context = iam_evaluator.EvalContext(
        principal.arn,
        principal.type,
        principal.account,
        _ACTION,
        arn,
        exchange.region,
        source_ip=exchange.source_ip,
        secure_transport=True,
        principal_keys=principal.keys,
    )
    identity = (
        iam_evaluator.EvalResult("Allow")
        if principal.policies is None
        else iam_evaluator.evaluate(context, principal.policies, *principal.limits)
    )
    result = iam_evaluator.combine_resource_policy(
        identity, context, policy or None, exchange.account, limits=tuple(principal.limits)
    )
    if result.decision != "Allow":
        kind = "resource-based" if result.resource_policy_arn else "identity-based"
        because = (
            f"with an explicit deny in {'a' if kind == 'resource-based' else 'an'} {kind} policy"
            if result.decision == "Deny"
            else f"because no {_missing(identity)} policy allows the {_ACTION} action"
        )
        raise _refusal(principal.arn, arn, because)
    exchange.context["identity"] = JavaMap(
        {
            "sourceIp": exchange.source_ip,
            "userAgent": exchange.header("user-agent"),
            **caller.identity,
        }
    )


def _missing(identity: iam_evaluator.EvalResult) -> str:
    return "resource-based" if identity.decision == "Allow" else "identity-based"


async def _check_user(authorizer: Mapping[str, Any] | None, method: Mapping[str, Any], exchange: Exchange) -> None:
    if authorizer is None:
        raise GatewayError("AUTHORIZER_CONFIGURATION_ERROR", "Internal server error")
    query = {name: list(values) for name, values in exchange.query.items()}
    claims, error = await records._validate_cognito_authorizer(
        authorizer, method, dict(exchange.headers), query, exchange.stage
    )
    if error is not None:
        raise GatewayError(error.response_type, error.message)
    # Without scopes the token must be one of identity, with scopes one of access.
    if claims.get("token_use") != ("access" if method["authorizationScopes"] else "id"):
        raise GatewayError("UNAUTHORIZED", "Unauthorized")
    exchange.context["authorizer"] = to_java({"claims": records._stringify_claims(claims)})
