"""IAM as MiniStack enforces it on callers: what it refuses is kept, and loopback counts as TLS."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, Final

from ministack import app as ministack
from ministack.core import iam_evaluator

from local_cloud import patching
from local_cloud.refusals import Refusal, refusals

_LOOPBACK: Final = "127.0.0.1"
# SQS knows no permission of its own for a batch: that for the single call covers it (SQS developer guide, "Amazon SQS
# API permissions").
_BATCH_ACTIONS: Final = {
    f"sqs:{action}Batch": f"sqs:{action}" for action in ("ChangeMessageVisibility", "DeleteMessage", "SendMessage")
}
# A parameter may be asked for by its ARN (Systems Manager API reference, GetParameter), which is then the resource.
_NAMED_BY_ARN: Final = re.compile(r"^arn:[^/]+:parameter/arn:")


def install() -> None:
    """Change MiniStack's enforcement."""
    patching.replace(
        "refusals are kept", iam_evaluator, "enforce", "result.principal_arn = principal.arn", by=_enforcing
    )
    # A policy that demands TLS would shut out everybody otherwise, Terraform included.
    iam_evaluator._request_origin = ContextVar("local_cloud_origin", default=(_LOOPBACK, True))
    patching.replace(
        "loopback counts as TLS",
        ministack,
        "pin_request_origin",
        "_request_origin.set((source_ip, secure_transport))",
        by=lambda pin: lambda source_ip, _secure: pin(source_ip, True),
    )


def denial_sentence(principal: str, action: str, resource: str, decision: str) -> str:
    """Say what was refused as AWS says it.

    Parameters
    ----------
    principal, action, resource
        Who wanted what.
    decision
        `Deny` if a policy says so, `ImplicitDeny` if none allows it.

    Returns
    -------
    str
        The sentence.
    """
    because = "with an explicit deny" if decision == "Deny" else "because no policy allows it"
    return f"User: {principal} is not authorized to perform: {action} on resource: {resource} {because}"


def _enforcing(enforce: Callable[..., Any]) -> Callable[..., Any]:
    def enforced(
        access_key_id: str, iam_action: str, service: str, region: str, resource_arn: str = "*", **details: object
    ) -> object:
        action = _BATCH_ACTIONS.get(iam_action, iam_action)
        resource_arn = _NAMED_BY_ARN.sub("arn:", resource_arn)
        result = enforce(access_key_id, action, service, region, resource_arn=resource_arn, **details)
        if isinstance(result, iam_evaluator.EvalResult):
            reason = denial_sentence(result.principal_arn, action, resource_arn, result.decision)
            refusals.add(Refusal(result.principal_arn, action, resource_arn, reason))
        return result

    return enforced
