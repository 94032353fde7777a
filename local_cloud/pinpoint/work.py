"""What has to be done now, without anybody asking: campaigns and journeys, events that wait, export jobs."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final

from local_cloud.pinpoint.applications import Application
from local_cloud.pinpoint.campaign_runs import CampaignRun, end_activity
from local_cloud.pinpoint.campaign_store import Progress
from local_cloud.pinpoint.environment import Environment
from local_cloud.pinpoint.exports import Export
from local_cloud.pinpoint.journey_work import due_in_journeys
from local_cloud.pinpoint.stream_sender import StreamSender
from local_cloud.service.moments import iso_8601
from local_cloud.service.worker import Job

_STARTS: Final = frozenset({"SCHEDULED", "PENDING_NEXT_RUN"})


class Work:
    """Finds what is due.

    Parameters
    ----------
    environment
        The state, and what to work with.
    stream
        Writes to event streams.
    """

    def __init__(self, environment: Environment, stream: StreamSender) -> None:
        self._environment = environment
        self._stream = stream

    def do(self) -> None:
        """Do everything that is due, one thing after the other."""
        for job in self.due():
            job()
        self._stream.send()

    def due(self) -> list[Job]:
        """Return what is due; nothing is returned twice.

        Returns
        -------
        list
            Functions to call, in any thread.
        """
        with self._environment.lock:
            now = iso_8601(self._environment.wall_clock())
            return [
                job
                for application in self._environment.applications.all()
                for job in (
                    *self._campaigns(application, now),
                    *self._events(application),
                    *due_in_journeys(self._environment, application),
                    *self._exports(application),
                )
            ]

    def _campaigns(self, application: Application, now: str) -> Iterator[Job]:
        for campaign, progress in application.campaigns.all():
            listens = campaign["Schedule"].get("Frequency") == "EVENT"
            if progress.status in _STARTS and progress.due <= now:
                progress.status = "EXECUTING"
                if not listens:
                    yield CampaignRun(self._environment, application, campaign, progress)
            if listens and progress.status == "EXECUTING" and progress.ends is not None and progress.ends <= now:
                self._complete(progress)

    def _complete(self, progress: Progress) -> None:
        progress.status = "COMPLETED"
        for activity in progress.activities:
            end_activity(activity, self._environment.wall_clock())

    def _events(self, application: Application) -> Iterator[Job]:
        triggers, application.triggers = application.triggers, []
        for campaign_id, endpoint_id in triggers:
            if campaign_id in application.campaigns.versions:
                campaign = application.campaigns.versions.get(campaign_id)
                progress = application.campaigns.progress(campaign_id)
                yield partial(CampaignRun(self._environment, application, campaign, progress).for_event, endpoint_id)

    def _exports(self, application: Application) -> Iterator[Job]:
        for job in application.export_jobs.values():
            if job["JobStatus"] == "CREATED":
                job["JobStatus"] = "PROCESSING"
                yield Export(self._environment, application, job)
