"""What has to be done now, without anybody asking: objects find profiles and let triggers come, snapshots."""

from __future__ import annotations

from collections.abc import Iterator

from local_cloud.profiles.dead_letters import DeadLetter
from local_cloud.profiles.environment import Environment
from local_cloud.profiles.estimates import count
from local_cloud.profiles.firing import Firing
from local_cloud.profiles.matching import match
from local_cloud.profiles.snapshots import due_snapshots
from local_cloud.profiles.state import Domain
from local_cloud.service.messages import ServiceError
from local_cloud.service.worker import Job


class Work:
    """Finds what is due.

    Parameters
    ----------
    environment
        The state, and what to work with.
    """

    def __init__(self, environment: Environment) -> None:
        self._environment = environment

    def do(self) -> None:
        """Do everything that is due, one thing after the other."""
        for job in self.due():
            job()

    def due(self) -> list[Job]:
        """Do what is the state's own matter, and return what calls other services; nothing is returned twice.

        Returns
        -------
        list
            Functions to call, in any thread.
        """
        with self._environment.lock:
            now = self._environment.now()
            jobs: list[Job] = []
            for domain in self._environment.domains.all():
                domain.objects.expire(now)
                jobs += self._matches(domain, now)
                count(domain)
                jobs += due_snapshots(self._environment, domain)
            return jobs

    def _matches(self, domain: Domain, now: float) -> Iterator[Job]:
        waiting, domain.pending = domain.pending, []
        factor = self._environment.time_factor()
        firing = Firing(domain, self._environment.neighbours.campaigns, now, factor)
        for pending in waiting:
            try:
                firing.fire(match(domain, pending, now, factor), pending.received)
            except ServiceError as error:
                yield DeadLetter(self._environment, domain, pending, error.message)
