"""Roles that a caller hands over to Pinpoint."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from local_cloud.service.messages import Request
from local_cloud.service.permissions import Permission

_HANDING_OVER: Final = frozenset({"CreateExportJob", "PutEventStream"})


def passed_roles(request: Request, operation: str, _parameters: Mapping[str, str]) -> list[Permission]:
    """Tell what a request needs because of the role in it.

    Parameters
    ----------
    request, operation
        The request and its operation.

    Returns
    -------
    list
        Who gives Pinpoint a role to write exports or an event stream with must be allowed to pass it on.
    """
    if operation not in _HANDING_OVER:
        return []
    try:
        role = str(json.loads(request.body)["RoleArn"])
    except (ValueError, KeyError, TypeError):
        return []
    return [Permission("iam:PassRole", role, {"iam:passedtoservice": "pinpoint.amazonaws.com"})]
