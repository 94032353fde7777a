"""Requests that are signed with AWS credentials: the signature is checked, and says who calls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from ministack import app as ministack
from ministack.core import iam_evaluator, responses
from ministack.core.responses import request_scope
from ministack.core.router import extract_access_key_id
from ministack.core.sigv4 import foreign_authorization_failure
from ministack.services import apigateway_v1 as records

from local_cloud import asgi
from local_cloud.apigateway.errors import GatewayError
from local_cloud.apigateway.exchange import Exchange

_UNKNOWN: Final = ("DEFAULT_4XX", "UnrecognizedClientException")
_SHOWN: Final = ("accessKey", "accountId", "caller", "user", "userArn")


@dataclass(frozen=True)
class Caller:
    """Who signed a request.

    Attributes
    ----------
    principal
        MiniStack's record of the principal, with its policies.
    identity
        What `$context.identity` holds of it.
    """

    principal: iam_evaluator.PrincipalInfo
    identity: Mapping[str, Any]


def caller(exchange: Exchange) -> Caller:
    """Check a request's signature.

    Parameters
    ----------
    exchange
        The request.

    Returns
    -------
    Caller
        Who signed it.

    Raises
    ------
    GatewayError
        If it is not signed, or not as AWS wants it.
    """
    scope = asgi.current_scope.get()
    headers = {name.lower(): value for name, value in exchange.headers}
    query = {name: list(values) for name, values in exchange.query.items()}
    authorization = headers.get("authorization", "")
    if authorization and not authorization.startswith("AWS4-HMAC-SHA256"):
        foreign = foreign_authorization_failure(headers)
        if foreign:
            raise _error(*foreign)
    key = extract_access_key_id(headers, query)
    if not key:
        raise GatewayError("MISSING_AUTHENTICATION_TOKEN", "Missing Authentication Token")
    with request_scope(exchange.account, exchange.region):
        # A signed request acts in the account of its key, whoever owns the API.
        responses.set_request_account_id(ministack._request_account_scope(key))
        raw_path = scope.get("raw_path") or quote(scope["path"]).encode()
        iam_evaluator.pin_signed_request(exchange.method, raw_path.decode("latin-1"), query, scope["headers"])
        ministack.pin_signed_body(exchange.body)
        account = responses.get_account_id()
        checked = iam_evaluator.authenticate(key, account)
        if not isinstance(checked, iam_evaluator.AuthError):
            checked = iam_evaluator.resolve_principal(key, account, checked)
        if isinstance(checked, iam_evaluator.AuthError):
            raise _error(checked.code, checked.message)
        known = records._iam_caller_identity(headers, query) or {}
    return Caller(checked, {name: known.get(name) for name in _SHOWN})


def _error(code: str, message: str) -> GatewayError:
    response_type, error_type = records._AUTHENTICATION_GATEWAY_ERRORS.get(code, _UNKNOWN)
    return GatewayError(response_type, message, error_type=error_type)
