"""The state: one application after the other, each in its account and Region."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from local_cloud.faults import PINPOINT
from local_cloud.pinpoint.campaign_store import Campaigns
from local_cloud.pinpoint.endpoint_store import EndpointStore
from local_cloud.pinpoint.event_rules import EventNames
from local_cloud.pinpoint.journey_store import Journeys
from local_cloud.pinpoint.message_counts import MessageCounts
from local_cloud.pinpoint.neighbours import Neighbours
from local_cloud.pinpoint.settings import Settings
from local_cloud.pinpoint.stream_queue import StreamQueue
from local_cloud.pinpoint.template_store import Templates
from local_cloud.pinpoint.versions import Versions
from local_cloud.service.calls import ServiceCall
from local_cloud.service.messages import ServiceError
from local_cloud.service.moments import iso_8601
from local_cloud.service.neighbours import Source
from local_cloud.service.outbox import Outbox
from local_cloud.service.store import Store


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
    endpoints, event_names, segments, campaigns, message_counts, journeys
        See there.
    export_jobs
        What each export job answers, by id.
    triggers
        Events that wait to start an event-based campaign: ids of the campaign and of the endpoint.
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
    segments: Versions = field(default_factory=lambda: Versions("segment"))
    campaigns: Campaigns = field(default_factory=Campaigns)
    message_counts: MessageCounts = field(default_factory=MessageCounts)
    journeys: Journeys = field(default_factory=Journeys)
    export_jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    triggers: list[tuple[str, str]] = field(default_factory=list)

    @property
    def source(self) -> Source:
        """The application as other services see it."""
        return Source(self.account, self.region, self.summary["Arn"])

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
            "segments": self.segments.snapshot(),
            "campaigns": self.campaigns.snapshot(),
            "message_counts": self.message_counts.snapshot(),
            "journeys": self.journeys.snapshot(),
            "export_jobs": self.export_jobs,
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
        stores = {
            "endpoints": EndpointStore.restored(snapshot["summary"]["Id"], snapshot["endpoints"]),
            "event_names": event_names,
            "segments": Versions.restored("segment", snapshot["segments"]),
            "campaigns": Campaigns.restored(snapshot["campaigns"]),
            "message_counts": MessageCounts.restored(snapshot["message_counts"]),
            "journeys": Journeys.restored(snapshot["journeys"]),
            # A job that was under way begins anew.
            "export_jobs": {
                identifier: {**job, "JobStatus": "CREATED"} if job["JobStatus"] == "PROCESSING" else job
                for identifier, job in snapshot["export_jobs"].items()
            },
        }
        return cls(**{**snapshot, **stores})


@dataclass(frozen=True)
class Call(ServiceCall):
    """A call, and what operations need besides.

    Attributes
    ----------
    body_bytes
        The body's size.
    account, region
        Who calls.
    request_id
        Id of the request.
    outbox
        Where messages to people go.
    stream
        Where events go that an event stream tells.
    templates
        Message templates of the account and Region.
    neighbours
        Other services.
    settings
        The settings in force.
    """

    body_bytes: int
    account: str
    region: str
    request_id: str
    outbox: Outbox
    stream: StreamQueue
    templates: Templates
    neighbours: Neighbours
    settings: Settings

    def listed(self, documents: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return the documents that a list shows: with the fault `lag`, none that is younger.

        Parameters
        ----------
        documents
            All of them, each with `CreationDate` and `ApplicationId`.

        Returns
        -------
        list
            Those to show.
        """
        facts = {"application_id": self.parameters["ApplicationId"]}
        lag = self.faults.take(f"{PINPOINT}{self.operation}", kinds={"lag"}, **facts)
        if lag is None:
            return documents
        until = iso_8601(self.moment - timedelta(seconds=lag.seconds))
        return [document for document in documents if document["CreationDate"] <= until]


class Applications(Store[str, Application]):
    """All applications of all accounts, by id."""

    def __init__(self) -> None:
        super().__init__(lambda application: application.summary["Id"], Application.restored)

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
        application = self.find(call.parameters["ApplicationId"])
        if application is None or (application.account, application.region) != (call.account, call.region):
            raise ServiceError(404, "the application does not exist")
        return application

    def visible_to(self, call: Call) -> list[Application]:
        """Return the applications of the caller's account and Region, in the order of their creation."""
        return [
            application
            for application in self.all()
            if (application.account, application.region) == (call.account, call.region)
        ]


# An operation takes the state and a call, and returns the answer's document, None for an empty answer.
Handler = Callable[[Applications, Call], Mapping[str, Any] | None]
