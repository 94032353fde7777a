"""IAM for roles that a service holds: API Gateway's credentials and a function's event source.

MiniStack enforces the policies of callers; what a service does with a role of its own passes there unchecked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final

from ministack import app as ministack
from ministack.core import iam_evaluator
from ministack.core.responses import get_region
from ministack.services import iam as ministack_iam

from local_cloud import patching
from local_cloud.refusals import Refusal, refusals

_ROLE_ARN: Final = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):role/(?:.*/)?([^/]+)")
_LOOPBACK: Final = "127.0.0.1"
# An address that no aws:SourceIp condition of a test lists by accident: the service calls, not the user.
_SERVICE_ADDRESS: Final = "10.0.0.1"
# SQS knows no permission of its own for a batch: that for the single call covers it (SQS developer guide, "Amazon SQS
# API permissions").
_BATCH_ACTIONS: Final = {
    f"sqs:{action}Batch": f"sqs:{action}" for action in ("ChangeMessageVisibility", "DeleteMessage", "SendMessage")
}


@dataclass(frozen=True)
class Denial:
    """Why a service may not do something with a role.

    Attributes
    ----------
    refusal
        Who, what and why.
    unusable
        Whether the service could not even take the role on.
    """

    refusal: Refusal
    unusable: bool

    @property
    def message(self) -> str:
        """The sentence that AWS answers with."""
        return self.refusal.reason


def session_arn(role_arn: str, service: str) -> str:
    """Return who a service is while it uses a role.

    Parameters
    ----------
    role_arn, service
        The role, which exists, and the principal of the service.

    Returns
    -------
    str
        ARN of the assumed role.
    """
    account, name = role_arn.split(":")[4], role_arn.rpartition("/")[2]
    return f"arn:aws:sts::{account}:assumed-role/{name}/{service.partition('.')[0]}"


@contextmanager
def acting_as(principal: str) -> Iterator[None]:
    """Let MiniStack see somebody as the caller, for the policies of the resources that are called.

    Parameters
    ----------
    principal
        ARN of the caller.
    """
    token = iam_evaluator._request_caller_arn.set(principal)
    try:
        yield
    finally:
        iam_evaluator._request_caller_arn.reset(token)


def check_role(role_arn: str | None, service: str, action: str, resource: str) -> Denial | None:
    """Tell whether a service may use a role for an action.

    Parameters
    ----------
    role_arn
        The role that was given to the service.
    service
        Principal of the service, such as `apigateway.amazonaws.com`.
    action, resource
        What the service is about to do.

    Returns
    -------
    Denial or None
        None if it may: the role trusts the service, its policies within its boundary allow the action, and the
        resource's own policy does not object.
    """
    found = _ROLE_ARN.fullmatch(role_arn or "")
    role = ministack_iam._roles.get_scoped(found[1], None, found[2]) if found else None
    if found is None or role is None:
        return _denial(role_arn or "(no role)", action, resource, "the role does not exist", unusable=True)
    account, name = found.groups()
    if not trusts(role, service):
        return _denial(str(role_arn), action, resource, f"the role does not trust {service}", unusable=True)
    principal = session_arn(str(role_arn), service)
    context = iam_evaluator.EvalContext(
        principal_arn=principal,
        principal_type="AssumedRole",
        principal_account=account,
        action=action,
        resource_arn=resource,
        region=get_region(),
        source_ip=_SERVICE_ADDRESS,
        secure_transport=True,
    )
    limits = iam_evaluator._permissions_boundary(ministack_iam._roles, name, account)
    result = iam_evaluator.evaluate(context, iam_evaluator._gather_role_policies(name, account), *limits)
    policy = iam_evaluator._resource_policy(action.partition(":")[0], resource)
    if policy is not None:
        result = iam_evaluator.combine_resource_policy(result, context, *policy, limits=limits)
    if result.decision == "Allow":
        return None
    return _denial(principal, action, resource, _sentence(principal, action, resource, result), unusable=False)


def trusts(role: dict[str, Any], service: str) -> bool:
    """Tell whether a role's trust policy lets a service take it on.

    Parameters
    ----------
    role
        MiniStack's record of the role.
    service
        Principal of the service.

    Returns
    -------
    bool
        Whether any statement allows it.
    """
    document = role.get("AssumeRolePolicyDocument") or {}
    if isinstance(document, str):
        document = json.loads(document)
    statements = document.get("Statement", [])
    return any(
        statement.get("Effect") == "Allow"
        and iam_evaluator._service_principal_matches(statement.get("Principal"), service)
        for statement in (statements if isinstance(statements, list) else [statements])
    )


def install() -> None:
    """Record what MiniStack itself refuses, and treat loopback as TLS."""
    patching.replace(
        "refusals are kept",
        iam_evaluator,
        "enforce",
        "result.principal_arn = principal.arn",
        by=_recording,
    )
    # Loopback counts as TLS: a policy that demands it would shut out everybody otherwise, Terraform included.
    iam_evaluator._request_origin = ContextVar("local_cloud_origin", default=(_LOOPBACK, True))
    patching.replace(
        "loopback counts as TLS",
        ministack,
        "pin_request_origin",
        "_request_origin.set((source_ip, secure_transport))",
        by=lambda pin: lambda source_ip, _secure: pin(source_ip, True),  # noqa: FBT003 - MiniStack's own flag
    )


def _recording(enforce: Callable[..., Any]) -> Callable[..., Any]:
    def recorded(
        access_key_id: str, iam_action: str, service: str, region: str, resource_arn: str = "*", **details: Any
    ) -> Any:  # noqa: ANN401 - MiniStack's own results
        iam_action = _BATCH_ACTIONS.get(iam_action, iam_action)
        result = enforce(access_key_id, iam_action, service, region, resource_arn=resource_arn, **details)
        if isinstance(result, iam_evaluator.EvalResult):
            reason = _sentence(result.principal_arn, iam_action, resource_arn, result)
            refusals.add(Refusal(result.principal_arn, iam_action, resource_arn, reason))
        return result

    return recorded


def _denial(principal: str, action: str, resource: str, reason: str, *, unusable: bool) -> Denial:
    return Denial(Refusal(principal, action, resource, reason), unusable)


def _sentence(principal: str, action: str, resource: str, result: Any) -> str:  # noqa: ANN401 - MiniStack's own result
    because = "with an explicit deny" if result.decision == "Deny" else "because no policy allows it"
    return f"User: {principal} is not authorized to perform: {action} on resource: {resource} {because}"
