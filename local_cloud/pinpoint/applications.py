"""The state: one application after the other, each in its account and Region."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from local_cloud.faults import Faults
from local_cloud.pinpoint.endpoint_store import EndpointStore
from local_cloud.pinpoint.event_rules import EventNames
from local_cloud.pinpoint.messages import ServiceError
from local_cloud.pinpoint.outbox import Outbox


@dataclass
class Application:
    """Everything that belongs to one application.

    Attributes
    ----------
    account, region
        Where it is; nobody else can see it.
    summary
        `Id`, `Arn`, `Name`, `CreationDate`.
    tags
        Its tags.
    channels
        What each configured channel answers, by the channel's name in the path.
    settings
        What the settings answer.
    event_stream
        What the event stream answers, None without one.
    endpoints, event_names
        See there.
    """

    account: str
    region: str
    summary: dict[str, str]
    tags: dict[str, str]
    channels: dict[str, dict[str, Any]]
    settings: dict[str, Any]
    event_stream: dict[str, Any] | None
    endpoints: EndpointStore
    event_names: EventNames = field(default_factory=EventNames)

    def snapshot(self) -> dict[str, Any]:
        """Return the application as a JSON document."""
        return {
            "account": self.account,
            "region": self.region,
            "summary": self.summary,
            "tags": self.tags,
            "channels": self.channels,
            "settings": self.settings,
            "event_stream": self.event_stream,
            "endpoints": self.endpoints.snapshot(),
            "event_names": self.event_names.snapshot(),
        }

    @classmethod
    def restored(cls, snapshot: Mapping[str, Any]) -> Application:
        """Build an application from what `snapshot` returned.

        Parameters
        ----------
        snapshot
            The document.

        Returns
        -------
        Application
            The same application.
        """
        event_names = EventNames()
        event_names.restore(snapshot["event_names"])
        endpoints = EndpointStore.restored(snapshot["summary"]["Id"], snapshot["endpoints"])
        return cls(**{**snapshot, "endpoints": endpoints, "event_names": event_names})


@dataclass(frozen=True)
class Call:
    """A request that has the shape of its operation.

    Attributes
    ----------
    operation
        Name of the operation.
    parameters
        Parameters of path and query.
    body, body_bytes
        The document in the body, and the body's size.
    account, region
        Who calls.
    now, request_id
        Time and id of the request.
    faults
        Failures to inject into parts of the call.
    outbox
        Where messages to people go.
    """

    operation: str
    parameters: Mapping[str, Any]
    body: Any
    body_bytes: int
    account: str
    region: str
    now: str
    request_id: str
    faults: Faults
    outbox: Outbox


class Applications:
    """All applications of all accounts."""

    def __init__(self) -> None:
        self._applications: dict[str, Application] = {}

    def add(self, application: Application) -> None:
        """Add an application."""
        self._applications[application.summary["Id"]] = application

    def remove(self, application: Application) -> None:
        """Remove an application with everything in it."""
        del self._applications[application.summary["Id"]]

    def all(self) -> list[Application]:
        """Return the applications of every account, in the order of their creation."""
        return list(self._applications.values())

    def find(self, application_id: str) -> Application | None:
        """Return an application of any account, None if there is none."""
        return self._applications.get(application_id)

    def of(self, call: Call) -> Application:
        """Return the application that a call is about.

        Parameters
        ----------
        call
            The call.

        Returns
        -------
        Application
            The application.

        Raises
        ------
        ServiceError
            404 if it does not exist in the caller's account and Region.
        """
        application = self._applications.get(call.parameters["ApplicationId"])
        if application is None or (application.account, application.region) != (call.account, call.region):
            raise ServiceError(404, "the application does not exist")
        return application

    def visible_to(self, call: Call) -> list[Application]:
        """Return the applications of the caller's account and Region, in the order of their creation."""
        return [
            application
            for application in self._applications.values()
            if (application.account, application.region) == (call.account, call.region)
        ]

    def snapshot(self) -> list[dict[str, Any]]:
        """Return all applications as JSON documents."""
        return [application.snapshot() for application in self._applications.values()]

    def restore(self, snapshot: list[dict[str, Any]]) -> None:
        """Take over what `snapshot` returned, instead of everything that is here.

        Parameters
        ----------
        snapshot
            The documents.
        """
        self._applications = {}
        for document in snapshot:
            self.add(Application.restored(document))


# An operation takes the state and a call, and returns the answer's document, None for an empty answer.
Handler = Callable[[Applications, Call], Mapping[str, Any] | None]
