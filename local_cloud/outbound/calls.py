"""A call of one of the three services."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from local_cloud.outbound.errors import invalid
from local_cloud.outbound.neighbours import CustomerProfiles
from local_cloud.outbound.settings import Settings
from local_cloud.outbound.store import Account
from local_cloud.service.calls import ServiceCall


@dataclass(frozen=True)
class Call(ServiceCall):
    """A call, and what operations need besides.

    Attributes
    ----------
    settings
        The settings in force.
    time_factor
        How many times faster durations pass.
    profiles
        Customer Profiles.
    """

    settings: Settings
    time_factor: float
    profiles: CustomerProfiles

    def page(
        self, name: str, items: Sequence[Mapping[str, Any]], most: int, given: Mapping[str, Any], token: str, size: str
    ) -> dict[str, Any]:
        """Return one page of a list.

        Parameters
        ----------
        name
            Member of the answer.
        items
            The whole list.
        most
            How many a page has without a wish.
        given
            Where the wishes are: body or parameters.
        token, size
            Names of their members.

        Returns
        -------
        dict
            The answer, with the token unless this is the last page.

        Raises
        ------
        ServiceError
            400 if the token is not one of this list.
        """
        start = given.get(token, "0")
        if not start.isdecimal():
            raise invalid(f"{token} is not valid")
        end = int(start) + given.get(size, most)
        answer: dict[str, Any] = {name: list(items[int(start) : end])}
        return {**answer, token: str(end)} if end < len(items) else answer


# An operation takes what the caller's account has and a call; it returns the answer, None for an empty one.
Handler = Callable[[Account, Call], Mapping[str, Any] | None]
