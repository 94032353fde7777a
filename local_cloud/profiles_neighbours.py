"""SQS and S3 as Customer Profiles uses them: MiniStack's, with the permissions that AWS would ask for."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from local_cloud import resource_policies, sqs
from local_cloud.buckets import RoleBuckets
from local_cloud.profiles import Neighbours
from local_cloud.profiles.description import PRINCIPAL
from local_cloud.refusals import refusals
from local_cloud.resource_policies import Visitor
from local_cloud.service.neighbours import NeighbourError, Source

_SEND: Final = "sqs:SendMessage"


def neighbours() -> Neighbours:
    """Return MiniStack's services."""
    return Neighbours(queues=_Queues(), buckets=RoleBuckets(PRINCIPAL, "application/x-ndjson"))


class _Queues:
    """SQS. Customer Profiles has no role for it: the queue's own policy decides."""

    def send(self, queue_url: str, body: str, source: Source) -> None:
        """As `Queues.send`."""
        account, _, name = urlsplit(queue_url).path.strip("/").partition("/")
        arn = f"arn:aws:sqs:{source.region}:{account}:{name}"
        refusal = resource_policies.refusal(Visitor(PRINCIPAL, source.arn, source.account), _SEND, arn)
        if refusal:
            refusals.add(refusal)
            raise NeighbourError(refusal.reason)
        if not sqs.deliver(arn, body):
            raise NeighbourError(f"the queue {queue_url} does not exist, or is a FIFO queue")
