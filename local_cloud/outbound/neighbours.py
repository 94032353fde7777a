"""Customer Profiles as campaigns see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol


class CustomerProfiles(Protocol):
    """Where campaigns find the people that they reach."""

    def exists(self, arn: str) -> bool:
        """Tell whether there is a domain or a segment definition.

        Parameters
        ----------
        arn
            Its ARN.

        Returns
        -------
        bool
            Whether there is.
        """

    def members(self, segment_arn: str) -> Sequence[Mapping[str, Any]]:
        """Return who belongs to a segment now.

        Parameters
        ----------
        segment_arn
            ARN of a segment definition.

        Returns
        -------
        Sequence
            `Profile` of the service model each; nobody if the segment is gone.
        """

    def profile(self, domain_arn: str, profile_id: str) -> Mapping[str, Any] | None:
        """Return a profile as it is now.

        Parameters
        ----------
        domain_arn, profile_id
            Which one.

        Returns
        -------
        Mapping or None
            `Profile` of the service model; None if it is gone.
        """


class NoCustomerProfiles:
    """No domain at all."""

    def exists(self, arn: str) -> bool:  # noqa: ARG002 the protocol
        """As `CustomerProfiles.exists`."""
        return False

    def members(self, segment_arn: str) -> Sequence[Mapping[str, Any]]:  # noqa: ARG002 the protocol
        """As `CustomerProfiles.members`."""
        return ()

    def profile(self, domain_arn: str, profile_id: str) -> Mapping[str, Any] | None:  # noqa: ARG002 the protocol
        """As `CustomerProfiles.profile`."""
        return None
