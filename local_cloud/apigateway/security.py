"""The security schemes of an OpenAPI document: AWS_IAM and authorizers."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

from ministack.services import apigateway_v1 as records

Authorization: TypeAlias = Mapping[str, Any]
_Scheme = Mapping[str, Any]
_TYPES: Final = {"token": "TOKEN", "request": "REQUEST", "cognito_user_pools": "COGNITO_USER_POOLS"}
_FUNCTION: Final = re.compile(
    r"arn:aws[a-z-]*:apigateway:[a-z0-9-]+:lambda:path/2015-03-31/functions/"
    r"arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:[\w:$-]+/invocations"
)
_USER_POOL: Final = re.compile(r"arn:aws[a-z-]*:cognito-idp:[a-z0-9-]+:\d{12}:userpool/[\w-]+")
_SOURCE: Final = re.compile(r"(method\.request\.(header|querystring)\.[\w-]+|(context|stageVariables)\.[\w.]+)")
_SECONDS: Final = range(3_601)
_DEFAULT_SECONDS: Final = 300

log = logging.getLogger("local_cloud.apigateway")


class SecurityError(Exception):
    """A scheme or requirement that API Gateway does not take."""


def add_authorizers(api_id: str, schemes: Mapping[str, _Scheme]) -> dict[str, Authorization]:
    """Make the authorizers that a document describes.

    Parameters
    ----------
    api_id
        The API.
    schemes
        `components.securitySchemes`.

    Returns
    -------
    dict
        What each scheme makes of a method that requires it.

    Raises
    ------
    SecurityError
        If an authorizer is faulty.
    """
    return {name: _authorization(api_id, name, scheme) for name, scheme in schemes.items()}


def of_method(
    requirements: Sequence[Mapping[str, Sequence[str]]] | None, schemes: Mapping[str, Authorization]
) -> Authorization:
    """Return what a method's `security` makes of it.

    Parameters
    ----------
    requirements
        The method's list, or the document's.
    schemes
        What `add_authorizers` returned.

    Returns
    -------
    Mapping
        Members of the method's record.

    Raises
    ------
    SecurityError
        If a scheme is not described.
    """
    required = [(name, scopes) for requirement in requirements or [] for name, scopes in requirement.items()]
    for name, _ in required:
        if name not in schemes:
            raise SecurityError(f"the security scheme {name} is not described")
    if not required:
        return {}
    name, scopes = required[0]
    return {**schemes[name], "authorizationScopes": list(scopes)}


def _authorization(api_id: str, name: str, scheme: _Scheme) -> Authorization:
    described = scheme.get("x-amazon-apigateway-authorizer")
    kind = str(scheme.get("x-amazon-apigateway-authtype", "")).lower()
    if scheme.get("type") != "apiKey":
        raise _error(name, "API Gateway reads security schemes of the type apiKey only")
    if not described:
        if kind == "awssigv4":
            return {"authorizationType": "AWS_IAM"}
        # As AWS does: the methods are open.
        log.warning("the security scheme %s names no authorizer of API Gateway: it protects nothing", name)
        return {}
    record = _record(name, scheme, described)
    made = json.loads(records._create_authorizer(api_id, record)[2])
    method_type = "COGNITO_USER_POOLS" if record["type"] == "COGNITO_USER_POOLS" else "CUSTOM"
    return {"authorizationType": method_type, "authorizerId": made["id"]}


def _record(name: str, scheme: _Scheme, described: Mapping[str, Any]) -> dict[str, Any]:
    kind = _TYPES.get(str(described.get("type", "")).lower())
    if kind is None:
        raise _error(name, f"Invalid authorizer type specified: {described.get('type')}")
    seconds = described.get("authorizerResultTtlInSeconds", _DEFAULT_SECONDS)
    if seconds not in _SECONDS:
        raise _error(name, "Authorizer result TTL must be between 0 and 3600 seconds")
    source = described.get("identitySource") or f"method.request.header.{scheme.get('name', 'Authorization')}"
    if kind == "REQUEST" and not described.get("identitySource"):
        if seconds:
            raise _error(name, "Identity source is required for request authorizer when caching is enabled")
        source = ""
    if any(not _SOURCE.fullmatch(part.strip()) for part in source.split(",") if part):
        raise _error(name, f"Invalid identity source specified: {source}")
    pools = described.get("providerARNs") or []
    if kind == "COGNITO_USER_POOLS":
        if not pools or any(not _USER_POOL.fullmatch(arn) for arn in pools):
            raise _error(name, "Invalid Cognito user pool ARN")
    elif not _FUNCTION.fullmatch(str(described.get("authorizerUri", ""))):
        raise _error(name, f"Invalid Authorizer URI: {described.get('authorizerUri')}")
    return {
        "name": name,
        "type": kind,
        "authType": scheme.get("x-amazon-apigateway-authtype"),
        "authorizerUri": described.get("authorizerUri", ""),
        "authorizerCredentials": described.get("authorizerCredentials"),
        "identitySource": source,
        "identityValidationExpression": described.get("identityValidationExpression", ""),
        "authorizerResultTtlInSeconds": seconds,
        "providerARNs": list(pools),
    }


def _error(name: str, problem: str) -> SecurityError:
    return SecurityError(f"Unable to create authorizer '{name}': {problem}")
