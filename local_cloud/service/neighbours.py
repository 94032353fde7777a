"""What emulated services need of other services."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class NeighbourError(Exception):
    """Another service refused or failed; the text says why."""


@dataclass(frozen=True)
class Source:
    """On whose behalf a service calls.

    Attributes
    ----------
    account, region
        Where the caller is.
    arn
        ARN of the campaign, application or domain.
    """

    account: str
    region: str
    arn: str


class Buckets(Protocol):
    """Amazon S3."""

    def put(self, bucket: str, key: str, body: bytes, role_arn: str, source: Source) -> None:
        """Write an object.

        Parameters
        ----------
        bucket, key, body
            The object.
        role_arn
            Role with which the service writes.
        source
            Who writes.

        Raises
        ------
        NeighbourError
            If the role or the bucket does not allow it.
        """


class NoBuckets:
    """No bucket at all."""

    def put(self, bucket: str, key: str, body: bytes, role_arn: str, source: Source) -> None:  # noqa: ARG002 the protocol
        """As `Buckets.put`."""
        raise NeighbourError(f"there is no bucket {bucket} for {source.arn}")
