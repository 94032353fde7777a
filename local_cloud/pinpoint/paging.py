"""Lists in pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from local_cloud.pinpoint.applications import Call
from local_cloud.service.messages import ServiceError

_PAGE_SIZE: Final = 100


def page(items: Sequence[Mapping[str, Any]], call: Call, token: str = "Token") -> dict[str, Any]:  # noqa: S107
    """Return one page of a list.

    Parameters
    ----------
    items
        The whole list.
    call
        Says with `PageSize` (default 100) and a token which page.
    token
        Name of the parameter that holds the token.

    Returns
    -------
    dict
        `Item`, and `NextToken` unless this is the last page.

    Raises
    ------
    ServiceError
        400 if size or token is not valid.
    """
    size, start = call.parameters.get("PageSize", str(_PAGE_SIZE)), call.parameters.get(token, "0")
    if not (size.isdecimal() and int(size) >= 1 and start.isdecimal()):
        raise ServiceError(400, "page-size or token is not valid")
    end = int(start) + int(size)
    found = list(items[int(start) : end])
    return {"Item": found, "NextToken": str(end)} if end < len(items) else {"Item": found}
