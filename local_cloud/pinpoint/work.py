"""What has to be done now, without anybody asking: campaigns and journeys, events that wait, export jobs."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

from local_cloud.pinpoint.applications import Application
from local_cloud.pinpoint.campaign_runs import CampaignRun, end_activity
from local_cloud.pinpoint.campaign_store import Progress
from local_cloud.pinpoint.environment import Environment
from local_cloud.pinpoint.exports import Export
from local_cloud.pinpoint.journey_work import due_in_journeys
from local_cloud.pinpoint.stream_sender import StreamSender
from local_cloud.pinpoint.text import iso_8601

Job = Callable[[], None]

_STARTS: Final = frozenset({"SCHEDULED", "PENDING_NEXT_RUN"})
_INTERVAL_SECONDS: Final = 0.05
_MOST_AT_ONCE: Final = 32

_logger = logging.getLogger(__name__)


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


class Worker:
    """Does what is due in threads of its own, between `start` and `stop`.

    Parameters
    ----------
    work
        Finds what is due.
    environment
        Says when to stop.
    stream
        Writes to event streams at the same time.
    """

    def __init__(self, work: Work, environment: Environment, stream: StreamSender) -> None:
        self._work = work
        self._stream = stream
        self._stopping = environment.stopping
        self._places = threading.BoundedSemaphore(_MOST_AT_ONCE)
        self._thread = threading.Thread(target=self._run, name="pinpoint-worker", daemon=True)

    def start(self) -> None:
        """Begin to work."""
        self._stopping.clear()
        self._thread.start()
        self._stream.start()

    def stop(self) -> None:
        """Stop: what is under way sends no further batch. Functions that run are not waited for."""
        self._stopping.set()
        self._thread.join()
        self._stream.stop()

    def _run(self) -> None:
        while not self._stopping.wait(_INTERVAL_SECONDS):
            for job in self._work.due():
                threading.Thread(target=self._do, args=(job,), name="pinpoint-work", daemon=True).start()

    def _do(self, job: Job) -> None:
        with self._places:
            if not self._stopping.is_set():
                try:
                    job()
                except Exception:
                    _logger.exception("work in the background failed")
