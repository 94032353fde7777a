"""Roles that a service holds: API Gateway's credentials, a function's event source, a state machine, a schedule.

MiniStack enforces the policies of callers; what a service does with a role of its own passes there unchecked.
"""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from ministack.core import iam_evaluator
from ministack.core.responses import get_region
from ministack.services import iam as records

from local_cloud import patching
from local_cloud.iam import denial_sentence
from local_cloud.refusals import Refusal

_ROLE_ARN: Final = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):role/(?:.*/)?([^/]+)")
# An address that no aws:SourceIp condition of a test lists by accident: the service calls, not the user.
_SERVICE_ADDRESS: Final = "10.0.0.1"
# A role that may do something now may do it for another moment, unless IAM is changed. A change of a resource's policy
# is noticed that late: on AWS it takes longer.
_REMEMBERED_SECONDS: Final = 0.1
_allowed_until: dict[tuple[str | None, str, str, str, str | None], float] = {}


def install() -> None:
    """Let a change of IAM count at once: tests need not wait for what takes seconds on AWS."""
    patching.replace("a changed role is seen at once", records, "handle_request", "handler(params)", by=_forgetting)


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


def check(role_arn: str | None, service: str, action: str, resource: str, source: str | None = None) -> Denial | None:
    """Tell whether a service may use a role for an action.

    Parameters
    ----------
    role_arn
        The role that was given to the service.
    service
        Principal of the service, such as `apigateway.amazonaws.com`.
    action, resource
        What it would do.
    source
        ARN that the service gives as `aws:SourceArn`, where AWS documents that it does.

    Returns
    -------
    Denial or None
        None if it may: the role trusts the service, its policies within its boundary allow the action, and the
        resource's own policy does not object.
    """
    key = (role_arn, service, action, resource, source)
    if _allowed_until.get(key, 0.0) > time.monotonic():
        return None
    denial = _check(role_arn, service, action, resource, source)
    if denial is None:
        _allowed_until[key] = time.monotonic() + _REMEMBERED_SECONDS
    return denial


def trusts(role: Mapping[str, Any], service: str, source: str | None = None) -> bool:
    """Tell whether a role's trust policy lets a service take it on.

    Parameters
    ----------
    role
        MiniStack's record of the role.
    service
        Principal of the service.
    source
        ARN that the service gives as `aws:SourceArn`, with its account as `aws:SourceAccount`. Without it no condition
        on the source holds: AWS does not document that every service sends one.

    Returns
    -------
    bool
        Whether it does.
    """
    context = iam_evaluator.EvalContext(
        principal_arn=service,
        principal_type="Service",
        principal_account="",
        action="sts:AssumeRole",
        resource_arn=role["Arn"],
        region=get_region(),
        source_ip=_SERVICE_ADDRESS,
        service_context={"aws:sourcearn": source, "aws:sourceaccount": source.split(":")[4]} if source else {},
    )
    policy = role.get("AssumeRolePolicyDocument")
    return bool(iam_evaluator.evaluate_resource_policy(policy, context, service=service).decision == "Allow")


def unusable(role_arn: str | None, service: str, source: str | None = None) -> str | None:
    """Tell why a service cannot take a role on, whatever the role may do.

    Parameters
    ----------
    role_arn, service, source
        As in `check`.

    Returns
    -------
    str or None
        The reason, None if it can.
    """
    found = _ROLE_ARN.fullmatch(role_arn or "")
    role = records._roles.get_scoped(found[1], None, found[2]) if found else None
    if role is None:
        return "the role does not exist"
    return None if trusts(role, service, source) else f"the role does not trust {service}"


@contextmanager
def acting_as(role_arn: str, service: str) -> Iterator[None]:
    """Let MiniStack see a service with a role as the caller, for the policies of the resources that are called.

    Parameters
    ----------
    role_arn, service
        The role, which exists, and the principal of the service.
    """
    token = iam_evaluator._request_caller_arn.set(_session_arn(role_arn, service))
    try:
        yield
    finally:
        iam_evaluator._request_caller_arn.reset(token)


def _forgetting(handle: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    async def handle_request(*arguments: object) -> Any:  # noqa: ANN401 - MiniStack's own
        answer = await handle(*arguments)
        _allowed_until.clear()
        return answer

    return handle_request


def _check(role_arn: str | None, service: str, action: str, resource: str, source: str | None) -> Denial | None:
    reason = unusable(role_arn, service, source)
    if role_arn is None or reason:
        return Denial(Refusal(role_arn or "(no role)", action, resource, str(reason)), unusable=True)
    account, name = role_arn.split(":")[4], role_arn.rpartition("/")[2]
    principal = _session_arn(role_arn, service)
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
    limits = iam_evaluator._permissions_boundary(records._roles, name, account)
    result = iam_evaluator.evaluate(context, iam_evaluator._gather_role_policies(name, account), *limits)
    policy = iam_evaluator._resource_policy(action.partition(":")[0], resource)
    if policy is not None:
        result = iam_evaluator.combine_resource_policy(result, context, *policy, limits=limits)
    if result.decision == "Allow":
        return None
    reason = denial_sentence(principal, action, resource, result.decision)
    return Denial(Refusal(principal, action, resource, reason), unusable=False)


def _session_arn(role_arn: str, service: str) -> str:
    account, name = role_arn.split(":")[4], role_arn.rpartition("/")[2]
    return f"arn:aws:sts::{account}:assumed-role/{name}/{service.partition('.')[0]}"
