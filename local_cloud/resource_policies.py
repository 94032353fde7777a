"""What a resource's own policy says to an AWS service that comes without a role."""

from __future__ import annotations

from dataclasses import dataclass

from ministack.core import iam_evaluator
from ministack.core.responses import request_scope

from local_cloud.refusals import Refusal


@dataclass(frozen=True)
class Visitor:
    """An AWS service that acts for a resource.

    Attributes
    ----------
    service
        Principal of the service, such as `events.amazonaws.com`.
    source
        ARN of what it acts for: `aws:SourceArn`.
    account
        Account of that: `aws:SourceAccount`.
    """

    service: str
    source: str
    account: str


def refusal(visitor: Visitor, action: str, resource: str) -> Refusal | None:
    """Tell why a resource does not let a service in.

    Parameters
    ----------
    visitor
        Who comes.
    action, resource
        What it would do.

    Returns
    -------
    Refusal or None
        None if the resource's policy allows it.
    """
    if allows(visitor, action, resource):
        return None
    reason = f"the policy of {resource} does not let {visitor.service} in for {visitor.source}"
    return Refusal(visitor.service, action, resource, reason)


def allows(visitor: Visitor, action: str, resource: str) -> bool:
    """Tell whether a resource's policy lets a service in.

    Parameters
    ----------
    visitor
        Who comes.
    action, resource
        What it would do.

    Returns
    -------
    bool
        Whether a statement allows it and none denies it.
    """
    region, owner = resource.split(":")[3:5]
    context = iam_evaluator.EvalContext(
        visitor.service,
        "Service",
        visitor.account,
        action,
        resource,
        region,
        source_ip="",
        secure_transport=True,
        service_context={
            "aws:sourcearn": visitor.source,
            "aws:sourceaccount": visitor.account,
            "aws:principalisawsservice": "true",
            "aws:principalservicename": visitor.service,
        },
    )
    with request_scope(owner, region):
        policy = iam_evaluator._resource_policy(action.partition(":")[0], resource)
    if policy is None:
        return False
    return bool(iam_evaluator.evaluate_resource_policy(policy[0], context, service=visitor.service).decision == "Allow")
