"""What Customer Profiles needs of other services: queues for dead letters, buckets for snapshots, campaigns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from local_cloud.service.neighbours import Buckets, NeighbourError, NoBuckets, Source


class Queues(Protocol):
    """Amazon SQS."""

    def send(self, queue_url: str, body: str, source: Source) -> None:
        """Send a message.

        Parameters
        ----------
        queue_url, body
            The queue and the message.
        source
            Who sends.

        Raises
        ------
        NeighbourError
            If the queue does not exist or does not let Customer Profiles in.
        """


class Campaigns(Protocol):
    """Outbound campaigns of Amazon Connect."""

    def take(self, campaign_arn: str, profile_id: str) -> None:
        """Take a profile over that an event trigger hands to a campaign.

        It comes back at once and locks nothing, since the profiles' own state is locked meanwhile. What becomes of the
        profile is the campaign's matter: one that does not exist or run takes nobody.

        Parameters
        ----------
        campaign_arn, profile_id
            Who shall enter which campaign.
        """


class _NoQueues:
    def send(self, queue_url: str, body: str, source: Source) -> None:  # noqa: ARG002 the protocol
        raise NeighbourError(f"there is no queue {queue_url} for {source.arn}")


class _NoCampaigns:
    def take(self, campaign_arn: str, profile_id: str) -> None:
        """Without any campaign, nobody enters one."""


@dataclass(frozen=True)
class Neighbours:
    """The other services; by default there are none."""

    queues: Queues = field(default_factory=_NoQueues)
    buckets: Buckets = field(default_factory=NoBuckets)
    campaigns: Campaigns = field(default_factory=_NoCampaigns)
