"""Secrets under a customer-managed key: whoever reads one needs kms:Decrypt on the key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ministack.core.responses import error_response_json, get_region
from ministack.services import kms, secretsmanager, ssm

from local_cloud import callers, patching

_Response = tuple[int, dict[str, str], bytes]


def install() -> None:
    """Change how MiniStack reads parameters and secrets."""
    patching.replace(
        "a SecureString needs its key", ssm, "_get_parameter", 'data.get("WithDecryption", False)', by=_parameter
    )
    patching.replace(
        "a secret needs its key", secretsmanager, "_get_secret_value", "_, secret = _resolve(secret_id)", by=_secret
    )


def _parameter(get: Callable[..., _Response]) -> Callable[..., _Response]:
    def get_parameter(data: Mapping[str, Any]) -> _Response:
        parameter, _ = ssm._select_parameter(data.get("Name"))
        if parameter and parameter["Type"] == "SecureString" and data.get("WithDecryption"):
            refused = _refusal(parameter.get("KeyId"), "ssm")
            if refused:
                return _denied(refused)
        return get(data)

    return get_parameter


def _secret(get: Callable[..., _Response]) -> Callable[..., _Response]:
    def get_secret_value(data: Mapping[str, Any]) -> _Response:
        _, secret = secretsmanager._resolve(data.get("SecretId"))
        if secret and _refusal(secret.get("KmsKeyId"), "secretsmanager"):
            return _denied("Access to KMS is not allowed")
        return get(data)

    return get_secret_value


def _refusal(key_id: str | None, service: str) -> str | None:
    # The keys of AWS's own let everybody in the account decrypt through the service.
    if not key_id or key_id.startswith("alias/aws/"):
        return None
    key = kms._resolve_key(key_id)
    if key is None:
        return None
    via = f"{service}.{get_region()}.amazonaws.com"
    return callers.refusal("kms:Decrypt", key["Arn"], {"kms:ViaService": via})


def _denied(message: str) -> _Response:
    response: _Response = error_response_json("AccessDeniedException", message, 400)
    return response
