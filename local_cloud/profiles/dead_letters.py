"""What becomes of objects that find no profile."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass

from local_cloud.profiles.environment import Environment
from local_cloud.profiles.state import Domain, Pending
from local_cloud.service.neighbours import NeighbourError

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class DeadLetter:
    """The work of sending an object to the domain's queue. What it looks like there is not published.

    Attributes
    ----------
    environment
        What it works with.
    domain, pending, reason
        The object, and why it is here.
    """

    environment: Environment
    domain: Domain
    pending: Pending
    reason: str

    def __call__(self) -> None:
        """Send it; an object for which there is no queue, or none that takes it, is lost."""
        body = {
            "domainName": self.domain.name,
            "objectTypeName": self.pending.type_name,
            "profileObjectUniqueKey": self.pending.unique_key,
            "object": self.pending.text,
            "errorMessage": self.reason,
        }
        queue_url = self.domain.document.get("DeadLetterQueueUrl")
        if queue_url is None:
            _logger.warning("an object of %s is lost, there is no dead-letter queue: %s", self.domain.name, self.reason)
            return
        try:
            self.environment.neighbours.queues.send(queue_url, json.dumps(body), self.domain.source)
        except NeighbourError as error:
            _logger.warning("an object of %s is lost: %s", self.domain.name, error)
