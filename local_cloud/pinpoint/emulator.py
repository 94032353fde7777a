"""The emulator: one object that takes requests and gives answers, without sockets and without sleeping."""

from __future__ import annotations

import copy
import json
import logging
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from local_cloud.faults import PINPOINT, Fault, Faults
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
from local_cloud.pinpoint.journal import Entry, Journal
from local_cloud.pinpoint.journey_views import journey_of, journeys_of, summaries_of
from local_cloud.pinpoint.messages import Request, Response, ServiceError, failure, success
from local_cloud.pinpoint.neighbours import Neighbours
from local_cloud.pinpoint.outbox import Outbox
from local_cloud.pinpoint.routes import DATA_PLANE, SETUP, Operation, Routes, parse_query
from local_cloud.pinpoint.settings import Settings
from local_cloud.pinpoint.stream_queue import StreamQueue
from local_cloud.pinpoint.stream_sender import StreamSender
from local_cloud.pinpoint.template_store import AllTemplates
from local_cloud.pinpoint.text import iso_8601
from local_cloud.pinpoint.throttling import Throttle
from local_cloud.pinpoint.work import Work, Worker

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
# Pinpoint quotas: the payload of any call is at most 7 MB (decimal, the smaller reading).
_PAYLOAD_BYTES: Final = 7_000_000
_QUOTA: Final = Fault("quota", "throttle")
_ENDINGS: Final = frozenset({"throttle", "error", "cut", "hang"})

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Arrival:
    """A request that found its operation."""

    operation: Operation
    parameters: Mapping[str, Any]
    request: Request
    request_id: str
    now: str

    @property
    def application_id(self) -> str:
        return str(self.parameters.get("ApplicationId", ""))


class Pinpoint:
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
        self.faults = faults or Faults()
        self.journal = Journal()
        stream = StreamQueue()
        self.outbox = Outbox(heard=stream.sent)
        self._settings = settings or Settings()
        self._wall_clock = wall_clock
        self._routes = Routes()
        self._throttle = Throttle(clock, self._settings)
        self._applications = Applications()
        self._environment = Environment(
            applications=self._applications,
            templates=AllTemplates(),
            outbox=self.outbox,
            stream=stream,
            neighbours=neighbours or Neighbours(),
            wall_clock=wall_clock,
            settings=lambda: self._settings,
        )
        self._lock = self._environment.lock
        self._stream = StreamSender(self._environment, self.faults)
        self.work = Work(self._environment, self._stream)

    @property
    def settings(self) -> dict[str, float]:
        """The settings in force, by name."""
        return asdict(self._settings)

    def configure(self, values: Mapping[str, Any]) -> dict[str, float]:
        """Change some settings; every token bucket is full again.

        Parameters
        ----------
        values
            New values by name.

        Returns
        -------
        dict
            All settings in force.

        Raises
        ------
        SettingsError
            If a name is unknown or a value makes no sense; nothing has changed then.
        """
        with self._lock:
            self._settings = self._settings.changed(values)
            self._throttle.reset(self._settings)
            return self.settings

    def iam_action(self, method: str, path: str) -> tuple[str, str | None]:
        """Tell what a request must be allowed to do.

        Parameters
        ----------
        method
            HTTP method.
        path
            Path as it stands in the request line.

        Returns
        -------
        tuple
            The action, such as `mobiletargeting:PutEvents`, and the resource after the account's colon, such as
            `apps/1234/events`; None where no operation, hence no resource, belongs to the request.
        """
        return self._routes.iam_action(method, path)

    def handle(self, request: Request) -> Response:
        """Process one request.

        Parameters
        ----------
        request
            The request. Its caller has been authenticated and may do what `iam_action` says.

        Returns
        -------
        Response
            What the transport must do.
        """
        request_id = str(uuid.uuid4())
        try:
            operation, parameters = self._routes.match(request.method, request.path)
            arrival = _Arrival(
                operation=operation,
                parameters={**parameters, **parse_query(operation, request.query)},
                request=request,
                request_id=request_id,
                now=iso_8601(self._wall_clock()),
            )
        except ServiceError as error:
            return failure(error, request_id)
        response = self._answer(arrival)
        latency = self._settings.latency_seconds if operation.name in DATA_PLANE else 0.0
        return replace(response, delay_seconds=response.delay_seconds + latency)

    def worker(self) -> Worker:
        """Return what does the work in the background: campaigns, journeys, what waits, export jobs, event streams."""
        return Worker(self.work, self._environment, self._stream)

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

    def _answer(self, arrival: _Arrival) -> Response:
        """Answer a call: throttled, failing to order, or processed; and note it down."""
        request, name = arrival.request, arrival.operation.name
        with self._lock:
            slow = ending = None
            if not self._throttle.allows(request.account, request.region, name):
                ending = _QUOTA
            else:
                facts = {"application_id": arrival.application_id}
                slow = self.faults.take(f"{PINPOINT}{name}", kinds={"slow"}, **facts)
                ending = self.faults.take(f"{PINPOINT}{name}", kinds=_ENDINGS, **facts)
            processed = ending is None or ending.processed
            outcome = self._process(arrival) if processed else None
            response = _ending(ending, outcome, arrival.request_id)
            if name not in SETUP:
                self._note(arrival, response, outcome, slow if ending in {None, _QUOTA} else ending)
        return replace(response, delay_seconds=response.delay_seconds + (slow.seconds if slow else 0.0))

    def _note(self, arrival: _Arrival, response: Response, outcome: Response | None, injected: Fault | None) -> None:
        self.journal.append(
            Entry(
                operation=arrival.operation.name,
                application_id=arrival.application_id,
                account=arrival.request.account,
                region=arrival.request.region,
                status=response.status,
                processed=outcome is not None and outcome.status < 300,
                fault=injected.kind if injected else None,
                time=arrival.now,
                request=arrival.request.body,
                response=(outcome or response).body,
            )
        )

    def _process(self, arrival: _Arrival) -> Response:
        try:
            with self._lock:
                document = _HANDLERS[arrival.operation.name](self._applications, self._call(arrival))
                check = arrival.operation.check_answer
                mismatch = check(document) if check else None
                answer = success(arrival.operation.status, document, arrival.request_id)
        except ServiceError as error:
            return failure(error, arrival.request_id)
        if mismatch:
            _logger.error("%s answered what its service model does not allow: %s", arrival.operation.name, mismatch)
            return failure(
                ServiceError(500, f"the answer does not fit the service model{mismatch}"), arrival.request_id
            )
        return answer

    def _call(self, arrival: _Arrival) -> Call:
        request, check = arrival.request, arrival.operation.check_body
        if len(request.body) > _PAYLOAD_BYTES:
            raise ServiceError(413, f"a request can have at most {_PAYLOAD_BYTES} bytes")
        return Call(
            operation=arrival.operation.name,
            parameters=arrival.parameters,
            body=_parse_body(request.body, check) if check else None,
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


def _ending(ending: Fault | None, outcome: Response | None, request_id: str) -> Response:
    """Turn the outcome into what the caller sees of it."""
    if ending is None:
        assert outcome is not None  # noqa: S101 nothing ended the call, so it was processed
        return outcome
    if ending.kind == "throttle":
        return failure(ServiceError(429, "too many requests"), request_id)
    if ending.kind == "error":
        return failure(ServiceError(ending.status, "injected"), request_id)
    if ending.kind == "hang":
        return Response(0, delay_seconds=ending.seconds, connection="hang")
    return Response(0, connection="cut")


def _parse_body(body: bytes, check: Callable[[Any], str | None]) -> object:
    try:
        document: object = json.loads(body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise ServiceError(400, "the body is not JSON") from error
    fault = check(document)
    if fault:
        raise ServiceError(400, f"the body does not fit the service model{fault}")
    return document


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
