"""Listings of Amazon Pinpoint; botocore has no paginators for this service."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

_PAGE = "100"


def pages(ask: Callable[..., Any], application_id: str) -> Iterator[Any]:
    """All items of a listing.

    Parameters
    ----------
    ask
        Asks for one page, with `ApplicationId`, `PageSize` and `Token`.
    """
    token: dict[str, str] = {}
    while True:
        answer = ask(ApplicationId=application_id, PageSize=_PAGE, **token)
        yield from answer["Item"]
        if not answer.get("NextToken"):
            return
        token = {"Token": answer["NextToken"]}
