"""The emulator: one object that takes requests and gives answers, without sockets and without sleeping."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from local_cloud.faults import Faults
from local_cloud.profiles import (
    domains,
    estimates,
    integrations,
    object_types,
    objects,
    profiles,
    segments,
    snapshots,
    tags,
    triggers,
)
from local_cloud.profiles.description import CUSTOMER_PROFILES, SETUP, more_permissions
from local_cloud.profiles.environment import Environment
from local_cloud.profiles.neighbours import Neighbours
from local_cloud.profiles.settings import Settings
from local_cloud.profiles.state import Call, Domains, Handler
from local_cloud.profiles.work import Work
from local_cloud.service.emulator import Emulator
from local_cloud.service.front import Arrival, Habits
from local_cloud.service.messages import Request, Response
from local_cloud.service.worker import Worker

_HANDLERS: Final[Mapping[str, Handler]] = {
    **domains.HANDLERS,
    **object_types.HANDLERS,
    **objects.HANDLERS,
    **profiles.HANDLERS,
    **segments.HANDLERS,
    **estimates.HANDLERS,
    **snapshots.HANDLERS,
    **triggers.HANDLERS,
    **integrations.HANDLERS,
    **tags.HANDLERS,
}


class Profiles(Emulator[Settings]):
    """Amazon Connect Customer Profiles for every account and Region of one process. Thread safe.

    Parameters
    ----------
    clock
        Seconds, never going back; paces the throttling.
    wall_clock
        The time that dates show.
    faults
        Failures to inject.
    settings
        Latency and rates to begin with.
    neighbours
        Services that dead letters and snapshots go to; by default there are none.
    time_factor
        Returns how many times faster days pass.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        faults: Faults | None = None,
        settings: Settings | None = None,
        neighbours: Neighbours | None = None,
        time_factor: Callable[[], float] = lambda: 1.0,
    ) -> None:
        super().__init__(settings or Settings(), faults, clock, wall_clock)
        self._domains = Domains()
        self._environment = Environment(
            domains=self._domains,
            neighbours=neighbours or Neighbours(),
            wall_clock=wall_clock,
            time_factor=time_factor,
            lock=self._lock,
        )
        self.front = self._add_front(
            CUSTOMER_PROFILES,
            self._process,
            Habits(
                facts=lambda parameters: {"domain_name": str(parameters.get("DomainName", ""))},
                silent=SETUP,
                latency=lambda name: 0.0 if name in SETUP else self._settings.latency_seconds,
                permissions=more_permissions,
            ),
            Settings.limit,
        )
        self.journal = self.front.journal
        self.work = Work(self._environment)

    def handle(self, request: Request) -> Response:
        """Process one request, as `Front.handle`."""
        return self.front.handle(request)

    def worker(self) -> Worker:
        """Return what does the work in the background."""
        return Worker(self.work.due, self._environment.stopping, "profiles")

    def domains(self) -> list[dict[str, Any]]:
        """Return the domains of every account, for people and tests.

        Returns
        -------
        list
            Each with `name`, `arn`, `account`, `region`, and the number of its `profiles`.
        """
        with self._lock:
            return [
                {
                    "name": domain.name,
                    "arn": domain.arn,
                    "account": domain.account,
                    "region": domain.region,
                    "profiles": len(domain.profiles.documents),
                }
                for domain in self._domains.all()
            ]

    def profiles(self, domain_arn: str) -> list[dict[str, Any]] | None:
        """Return the profiles of a domain with their objects, for people and tests.

        Parameters
        ----------
        domain_arn
            The domain.

        Returns
        -------
        list or None
            Each profile as `SearchProfiles` shows it, with `objects`, oldest first: `type`, `stored` (seconds since
            1970) and `text`. None if there is no such domain.
        """
        with self._lock:
            domain = self._domains.by_arn(domain_arn)
            if domain is None:
                return None
            return [
                {
                    **copy.deepcopy(document),
                    "objects": [
                        {"type": one.type_name, "stored": one.stored, "text": one.text}
                        for one in domain.objects.of_profile(identifier)
                    ],
                }
                for identifier, document in domain.profiles.documents.items()
            ]

    def exists(self, arn: str) -> bool:
        """Tell whether there is a domain, or a segment definition, with an ARN, in any account."""
        with self._lock:
            domain = self._domains.by_arn(arn)
            if domain is None:
                return False
            kind, _, name = arn.removeprefix(domain.arn).removeprefix("/").partition("/")
            return not kind or (kind == "segment-definitions" and name in domain.segments)

    def members(self, segment_arn: str) -> list[dict[str, Any]]:
        """Return the profiles of a segment at this moment.

        Parameters
        ----------
        segment_arn
            `SegmentDefinitionArn`.

        Returns
        -------
        list
            Each as `SearchProfiles` shows it; nobody if there is no such segment.
        """
        with self._lock:
            domain = self._domains.by_arn(segment_arn)
            if domain is None or not self.exists(segment_arn) or segment_arn == domain.arn:
                return []
            return copy.deepcopy(snapshots.members(domain, segment_arn.rpartition("/")[2]))

    def profile(self, domain_arn: str, profile_id: str) -> dict[str, Any] | None:
        """Return a profile of a domain of any account, None if there is none."""
        with self._lock:
            domain = self._domains.by_arn(domain_arn)
            return copy.deepcopy(domain.profiles.documents.get(profile_id)) if domain else None

    def snapshot(self) -> dict[str, Any]:
        """Return the state as a JSON document: everything but settings, faults and the calls in the journal."""
        with self._lock:
            return copy.deepcopy({"domains": self._domains.snapshot(), "next_number": self.journal.next_number})

    def restore(self, snapshot: Mapping[str, Any]) -> None:
        """Take over what `snapshot` returned, instead of everything that is here.

        Parameters
        ----------
        snapshot
            The document.
        """
        with self._lock:
            self._domains.restore(snapshot["domains"])
            self.journal.start_at(snapshot["next_number"])

    def _process(self, arrival: Arrival, body: Any) -> Mapping[str, Any]:  # noqa: ANN401 - JSON
        call = Call(
            operation=arrival.operation.name,
            parameters={**(body or {}), **arrival.parameters},
            account=arrival.request.account,
            region=arrival.request.region,
            now=self._environment.now(),
            domains=self._domains,
            faults=self.faults,
            throttle=self.front.throttle,
            time_factor=self._environment.time_factor(),
        )
        return copy.deepcopy(_HANDLERS[call.operation](call))
