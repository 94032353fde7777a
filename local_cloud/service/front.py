"""The front of an emulated service: what happens to a request before and after its operation."""

from __future__ import annotations

import json
import logging
import threading
import time
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from local_cloud.faults import Fault, Faults
from local_cloud.service.description import Service
from local_cloud.service.journal import Entry, Journal
from local_cloud.service.messages import Request, Response, ServiceError, failure, success
from local_cloud.service.moments import iso_8601
from local_cloud.service.permissions import Permission
from local_cloud.service.routes import Operation, Routes, parse_query
from local_cloud.service.throttling import Limit, Throttle

_QUOTA: Final = Fault("quota", "throttle")
_ENDINGS: Final = frozenset({"throttle", "error", "cut", "hang"})

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Arrival:
    """A request that found its operation.

    Attributes
    ----------
    operation
        The operation.
    parameters
        Parameters of path and query.
    request, request_id
        The request and its id.
    now
        When it came, ISO 8601.
    """

    operation: Operation
    parameters: Mapping[str, Any]
    request: Request
    request_id: str
    now: str


# Takes an arrival and the document in its body; returns the answer's document, None for an empty answer.
Process = Callable[[Arrival, Any], Mapping[str, Any] | None]


@dataclass(frozen=True)
class Habits:
    """How a service differs from others in what it does with requests.

    Attributes
    ----------
    facts
        Returns what a request is about, by name: for faults and the journal.
    silent
        Operations that are not in the journal.
    latency
        Returns how long an operation's answer takes, in seconds.
    permissions
        Returns what a request must be allowed to do besides its own action on its own resource; it takes the request,
        the name of its operation and the parameters of its path.
    context
        Returns the values of the condition keys of a request's own action, with names in lower case; it takes the same.
    """

    facts: Callable[[Mapping[str, Any]], Mapping[str, str]]
    silent: Collection[str] = ()
    latency: Callable[[str], float] = lambda _: 0.0
    permissions: Callable[[Request, str, Mapping[str, str]], Sequence[Permission]] = lambda *_: ()
    context: Callable[[Request, str, Mapping[str, str]], Mapping[str, Any]] = lambda *_: {}


class Front:
    """Takes requests of one service, for every account and Region of one process. Thread safe.

    Parameters
    ----------
    service
        The service.
    process
        Carries out an operation; the lock is held meanwhile.
    habits
        How the service differs from others.
    limit
        Returns the rates in force.
    faults
        Failures to inject.
    lock
        Guards the state.
    clock
        Seconds, never going back; paces the throttling.
    wall_clock
        The time that dates show.

    Attributes
    ----------
    service, journal, throttle
        The service, its calls, and its token buckets.
    """

    def __init__(
        self,
        service: Service,
        process: Process,
        habits: Habits,
        limit: Limit,
        faults: Faults,
        lock: threading.RLock,
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.service = service
        self.journal = Journal()
        self.throttle = Throttle(clock, limit)
        self._process = process
        self._habits = habits
        self._faults = faults
        self._lock = lock
        self._wall_clock = wall_clock
        self._routes = Routes(service)

    def iam_action(self, method: str, path: str) -> tuple[str, str | None]:
        """Tell what a request must be allowed to do, as `Routes.iam_action`."""
        return self._routes.iam_action(method, path)

    def permissions(self, request: Request) -> list[Permission]:
        """Tell everything that a request must be allowed to do.

        Parameters
        ----------
        request
            The request.

        Returns
        -------
        list
            Its own action first.
        """
        action, resource = self.iam_action(request.method, request.path)
        arn = self.arn(request, resource) if resource else "*"
        try:
            operation, parameters = self._routes.find(request.method, request.path)
        except ServiceError:
            return [Permission(action, arn)]
        own = Permission(action, arn, self._habits.context(request, operation.name, parameters))
        return [own, *self._habits.permissions(request, operation.name, parameters)]

    def arn(self, request: Request, resource: str) -> str:
        """Return the ARN of a resource where a request was sent.

        Parameters
        ----------
        request
            The request.
        resource
            What comes after the account's colon.

        Returns
        -------
        str
            The ARN.
        """
        return f"arn:aws:{self.service.signing_name}:{request.region}:{request.account}:{resource}"

    def handle(self, request: Request) -> Response:
        """Process one request.

        Parameters
        ----------
        request
            The request. Its caller has been authenticated and may do what `permissions` says.

        Returns
        -------
        Response
            What the transport must do.
        """
        request_id = str(uuid.uuid4())
        try:
            operation, parameters = self._routes.match(request.method, request.path)
            arrival = Arrival(
                operation=operation,
                parameters={**parameters, **parse_query(operation, request.query)},
                request=request,
                request_id=request_id,
                now=iso_8601(self._wall_clock()),
            )
        except ServiceError as error:
            return self._failure(error, request_id)
        response = self._answer(arrival)
        return replace(response, delay_seconds=response.delay_seconds + self._habits.latency(operation.name))

    def refuse(self, status: int, message: str) -> Response:
        """Build an answer to a request that is not even looked at."""
        return self._failure(ServiceError(status, message), str(uuid.uuid4()))

    def _failure(self, error: ServiceError, request_id: str) -> Response:
        return failure(error, request_id, self.service.errors)

    def _answer(self, arrival: Arrival) -> Response:
        """Answer a call: throttled, failing to order, or processed; and note it down."""
        request, name = arrival.request, arrival.operation.name
        facts = self._habits.facts(arrival.parameters)
        with self._lock:
            slow = ending = None
            if not self.throttle.allows(request.account, request.region, name):
                ending = _QUOTA
            else:
                target = f"{self.service.label}.{name}"
                slow = self._faults.take(target, kinds={"slow"}, **facts)
                ending = self._faults.take(target, kinds=_ENDINGS, **facts)
            processed = ending is None or ending.processed
            outcome = self._processed(arrival) if processed else None
            response = self._ending(ending, outcome, arrival.request_id)
            if name not in self._habits.silent:
                injected = slow if ending in {None, _QUOTA} else ending
                self.journal.append(_entry(arrival, facts, response, outcome, injected))
        return replace(response, delay_seconds=response.delay_seconds + (slow.seconds if slow else 0.0))

    def _processed(self, arrival: Arrival) -> Response:
        try:
            document = self._process(arrival, self._body(arrival))
            check = arrival.operation.check_answer
            mismatch = check(document) if check else None
            answer = success(arrival.operation.status, document, arrival.request_id)
        except ServiceError as error:
            return self._failure(error, arrival.request_id)
        if mismatch:
            _logger.error("%s answered what its service model does not allow: %s", arrival.operation.name, mismatch)
            wrong = ServiceError(500, f"the answer does not fit the service model{mismatch}")
            return self._failure(wrong, arrival.request_id)
        return answer

    def _body(self, arrival: Arrival) -> object:
        body, check, most = arrival.request.body, arrival.operation.check_body, self.service.largest_body
        if most is not None and len(body) > most:
            raise ServiceError(413, f"a request can have at most {most} bytes")
        return _parse_body(body, check) if check else None

    def _ending(self, ending: Fault | None, outcome: Response | None, request_id: str) -> Response:
        """Turn the outcome into what the caller sees of it."""
        if ending is None:
            assert outcome is not None  # noqa: S101 nothing ended the call, so it was processed
            return outcome
        if ending.kind == "throttle":
            return self._failure(self.service.throttled, request_id)
        if ending.kind == "error":
            return self._failure(ServiceError(ending.status, "injected"), request_id)
        if ending.kind == "hang":
            return Response(0, delay_seconds=ending.seconds, connection="hang")
        return Response(0, connection="cut")


def _entry(
    arrival: Arrival, facts: Mapping[str, str], response: Response, outcome: Response | None, injected: Fault | None
) -> Entry:
    return Entry(
        operation=arrival.operation.name,
        facts=facts,
        account=arrival.request.account,
        region=arrival.request.region,
        status=response.status,
        processed=outcome is not None and outcome.status < 300,
        fault=injected.kind if injected else None,
        time=arrival.now,
        request=arrival.request.body,
        response=(outcome or response).body,
    )


def _parse_body(body: bytes, check: Callable[[Any], str | None]) -> object:
    try:
        # An SDK sends no body at all where it would be empty.
        document: object = json.loads(body or b"{}", parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise ServiceError(400, "the body is not JSON") from error
    fault = check(document)
    if fault:
        raise ServiceError(400, f"the body does not fit the service model{fault}")
    return document


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
