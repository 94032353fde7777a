"""The emulator: one object that takes requests and gives answers, without sockets and without sleeping."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Final

from local_cloud.faults import Faults
from local_cloud.pinpoint import (
    application_settings,
    apps,
    campaigns,
    channels,
    direct_messages,
    endpoints,
    event_stream,
    events,
    exports,
    interactions,
    journey_metrics,
    journeys,
    segments,
    templates,
)
from local_cloud.pinpoint.applications import Applications, Call, Handler
from local_cloud.pinpoint.environment import Environment
from local_cloud.pinpoint.journey_views import journey_of, journeys_of, summaries_of
from local_cloud.pinpoint.neighbours import Neighbours
from local_cloud.pinpoint.passed_roles import passed_roles
from local_cloud.pinpoint.routes import DATA_PLANE, PINPOINT, SETUP
from local_cloud.pinpoint.settings import Settings
from local_cloud.pinpoint.stream_queue import StreamQueue
from local_cloud.pinpoint.stream_sender import StreamSender
from local_cloud.pinpoint.template_store import AllTemplates
from local_cloud.pinpoint.work import Work
from local_cloud.service.emulator import Emulator
from local_cloud.service.front import Arrival, Habits
from local_cloud.service.messages import Request, Response
from local_cloud.service.outbox import Outbox
from local_cloud.service.worker import Worker

_HANDLERS: Final[Mapping[str, Handler]] = {
    **apps.HANDLERS,
    **application_settings.HANDLERS,
    **channels.HANDLERS,
    **event_stream.HANDLERS,
    **endpoints.HANDLERS,
    **events.HANDLERS,
    **direct_messages.HANDLERS,
    **segments.HANDLERS,
    **campaigns.HANDLERS,
    **journeys.HANDLERS,
    **journey_metrics.HANDLERS,
    **exports.HANDLERS,
    **templates.HANDLERS,
}


class Pinpoint(Emulator[Settings]):
    """Amazon Pinpoint for every account and Region of one process. Thread safe.

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
        Services that campaigns and export jobs use; by default there are none.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        faults: Faults | None = None,
        settings: Settings | None = None,
        neighbours: Neighbours | None = None,
    ) -> None:
        super().__init__(settings or Settings(), faults, clock, wall_clock)
        stream = StreamQueue()
        self.outbox = Outbox(heard=stream.sent)
        self._applications = Applications()
        self._environment = Environment(
            applications=self._applications,
            templates=AllTemplates(),
            outbox=self.outbox,
            stream=stream,
            neighbours=neighbours or Neighbours(),
            wall_clock=wall_clock,
            settings=lambda: self._settings,
            lock=self._lock,
        )
        self.front = self._add_front(
            PINPOINT,
            self._process,
            Habits(
                facts=lambda parameters: {"application_id": str(parameters.get("ApplicationId", ""))},
                silent=SETUP,
                latency=lambda name: self._settings.latency_seconds if name in DATA_PLANE else 0.0,
                permissions=passed_roles,
            ),
            Settings.limit,
        )
        self.journal = self.front.journal
        self._stream = StreamSender(self._environment, self.faults)
        self.work = Work(self._environment, self._stream)

    def handle(self, request: Request) -> Response:
        """Process one request, as `Front.handle`."""
        return self.front.handle(request)

    def worker(self) -> Worker:
        """Return what does the work in the background: campaigns, journeys, what waits, export jobs, event streams."""
        return Worker(self.work.due, self._environment.stopping, "pinpoint", [self._stream])

    def applications(self) -> list[dict[str, Any]]:
        """Return the applications of every account, for people and tests.

        Returns
        -------
        list
            Each with `id`, `name`, `account`, `region`, the number of its `endpoints`, and whether it has an
            `event_stream`.
        """
        with self._lock:
            return [
                {
                    "id": application.summary["Id"],
                    "name": application.summary["Name"],
                    "account": application.account,
                    "region": application.region,
                    "endpoints": len(application.endpoints),
                    "event_stream": application.event_stream is not None,
                }
                for application in self._applications.all()
            ]

    def endpoints(self, application_id: str) -> dict[str, dict[str, Any]] | None:
        """Return the endpoints of an application of any account, for people and tests.

        Parameters
        ----------
        application_id
            The application.

        Returns
        -------
        dict or None
            Endpoints by id; None if there is no such application.
        """
        with self._lock:
            application = self._applications.find(application_id)
            return application.endpoints.documents() if application else None

    def endpoint_changes(self, application_id: str) -> list[dict[str, Any]] | None:
        """Return the last changes of endpoints of an application, oldest first.

        Parameters
        ----------
        application_id
            The application.

        Returns
        -------
        list or None
            Each with `time`, `endpoint_id` and `change`, which is None for a deletion; None if there is no such
            application.
        """
        with self._lock:
            application = self._applications.find(application_id)
            return application.endpoints.changes() if application else None

    def campaigns(self, application_id: str) -> list[dict[str, Any]] | None:
        """Return the campaigns of an application of any account, for people and tests.

        Parameters
        ----------
        application_id
            The application.

        Returns
        -------
        list or None
            Each with `id`, `name`, and all of its progress: `status`, `planned`, `due`, `activities`, who was
            `skipped` and why, `errors` of functions. None if there is no such application.
        """
        with self._lock:
            application = self._applications.find(application_id)
            if application is None:
                return None
            found = copy.deepcopy(list(application.campaigns.all()))
        return [{"id": one["Id"], "name": one["Name"], **asdict(progress)} for one, progress in found]

    def journeys(self) -> list[dict[str, Any]]:
        """Return the journeys of every application and who stands where, for people and tests: see `journey_of`."""
        with self._lock:
            return [one for application in self._applications.all() for one in journeys_of(application)]

    def journey_summaries(self) -> list[dict[str, Any]]:
        """Return the journeys of every application in a few words each: see `summaries_of`."""
        with self._lock:
            return [one for application in self._applications.all() for one in summaries_of(application)]

    def journey(self, application_id: str, journey_id: str) -> dict[str, Any] | None:
        """Return a journey of an application of any account and who stands where, for people and tests.

        Parameters
        ----------
        application_id, journey_id
            The journey.

        Returns
        -------
        dict or None
            See `journey_of`; None if there is no such journey.
        """
        with self._lock:
            application = self._applications.find(application_id)
            if application is None or journey_id not in application.journeys.documents:
                return None
            return journey_of(application, journey_id)

    def interact(self, document: object) -> dict[str, str]:
        """Let a person do something with a message of the outbox, as `interactions.interact`."""
        return interactions.interact(self._environment, document)

    def snapshot(self) -> dict[str, Any]:
        """Return the state as a JSON document: everything but settings, faults and the calls in the journal."""
        # Before the state is locked, as whoever sends does it.
        stream = self._stream.snapshot()
        with self._lock:
            return copy.deepcopy(
                {
                    "applications": self._applications.snapshot(),
                    "templates": self._environment.templates.snapshot(),
                    "next_number": self.journal.next_number,
                    "stream": stream,
                }
            )

    def restore(self, snapshot: Mapping[str, Any]) -> None:
        """Take over what `snapshot` returned, instead of everything that is here.

        Parameters
        ----------
        snapshot
            The document.
        """
        self._stream.restore(snapshot["stream"])
        with self._lock:
            self._applications.restore(snapshot["applications"])
            self._environment.templates.restore(snapshot["templates"])
            self.journal.start_at(snapshot["next_number"])

    def _process(self, arrival: Arrival, body: Any) -> Mapping[str, Any] | None:  # noqa: ANN401 - JSON
        request = arrival.request
        call = Call(
            operation=arrival.operation.name,
            parameters=arrival.parameters,
            body=body,
            body_bytes=len(request.body),
            account=request.account,
            region=request.region,
            now=arrival.now,
            request_id=arrival.request_id,
            faults=self.faults,
            outbox=self.outbox,
            stream=self._environment.stream,
            templates=self._environment.templates.of(request.account, request.region),
            neighbours=self._environment.neighbours,
            settings=self._settings,
        )
        return _HANDLERS[call.operation](self._applications, call)
