"""Permissions that a call needs besides the one of its own action: AWS does the rest of the work for the caller."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ministack import app as ministack
from ministack.core import iam_evaluator
from ministack.core.responses import get_region
from ministack.core.router import extract_access_key_id

from local_cloud import asgi
from local_cloud.iam import denial_sentence


def refusal(action: str, resource: str, context: Mapping[str, Any] | None = None) -> str | None:
    """Tell whether the caller of the current request may do something else too.

    Parameters
    ----------
    action, resource
        What is done for the caller.
    context
        Condition keys of the action.

    Returns
    -------
    str or None
        AWS's sentence if the caller may not.
    """
    if not ministack.AUTH:
        return None
    headers = {
        name.decode("latin-1").lower(): value.decode("latin-1") for name, value in asgi.current_scope.get()["headers"]
    }
    service = action.partition(":")[0]
    denial = iam_evaluator.enforce(
        extract_access_key_id(headers), action, service, get_region(), resource_arn=resource, service_context=context
    )
    if not isinstance(denial, iam_evaluator.EvalResult):
        return None
    return denial_sentence(denial.principal_arn, action, resource, denial.decision)
