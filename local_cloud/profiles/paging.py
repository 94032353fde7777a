"""Lists in pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from local_cloud.profiles.state import Call
from local_cloud.service.messages import ServiceError

# Service model: MaxResults is at most 100. How many come without it is not published.
_PAGE_SIZE: Final = 100


def page(items: Sequence[Any], call: Call) -> dict[str, Any]:
    """Return one page of a list.

    Parameters
    ----------
    items
        The whole list.
    call
        Says with `MaxResults` and `NextToken` which page.

    Returns
    -------
    dict
        `Items`, and `NextToken` unless this is the last page.

    Raises
    ------
    ServiceError
        400 if the token is not one of ours.
    """
    size, token = call.parameters.get("MaxResults", _PAGE_SIZE), call.parameters.get("NextToken", "0")
    if not token.isdecimal():
        raise ServiceError(400, "NextToken is not valid")
    end = int(token) + size
    shown = {"Items": list(items[int(token) : end])}
    return {**shown, "NextToken": str(end)} if end < len(items) else shown
