"""Export jobs of Amazon Pinpoint: who belongs to an audience, as files in a bucket."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from engagement.adapters.members import Folders, Member, pages
from engagement.adapters.telling import export_told
from engagement.domain.stamps.batches import kept
from engagement.domain.stamps.exports import ExportState, Page, Progress

if TYPE_CHECKING:
    from mypy_boto3_pinpoint import PinpointClient
    from mypy_boto3_s3 import S3Client

_ENDED = {"COMPLETED": Progress.COMPLETED, "FAILED": Progress.FAILED}


class Exports:
    """Exports of the audiences of a Pinpoint project, each in a folder of its own.

    Parameters
    ----------
    pinpoint
        A client that makes one attempt per call.
    s3
        Client of S3.
    application_id
        ID of the project.
    bucket
        Where the folders are.
    role_arn
        Role with which Pinpoint writes there.
    """

    def __init__(self, pinpoint: PinpointClient, s3: S3Client, application_id: str, bucket: str, role_arn: str) -> None:
        self._pinpoint = pinpoint
        self._application_id = application_id
        self._folders = Folders(s3, bucket)
        self._role_arn = role_arn

    def start(self, segment_id: str, folder: str) -> str:
        """Start a job.

        Parameters
        ----------
        folder
            Where it writes, without a slash at the end. Two jobs in one folder would count everybody twice.

        Returns
        -------
        str
            ID of the job.

        Raises
        ------
        ExportError
            It was not started, or it is not known whether it was.
        """
        with export_told():
            answer = self._pinpoint.create_export_job(
                ApplicationId=self._application_id,
                ExportJobRequest={
                    "SegmentId": segment_id,
                    "S3UrlPrefix": self._folders.url(folder),
                    "RoleArn": self._role_arn,
                },
            )
        return answer["ExportJobResponse"]["Id"]

    def state(self, job_id: str, folder: str) -> ExportState:  # noqa: ARG002 (Pinpoint counts itself)
        """How far a job is."""
        job = self._pinpoint.get_export_job(ApplicationId=self._application_id, JobId=job_id)["ExportJobResponse"]
        return ExportState(_ENDED.get(job["JobStatus"], Progress.RUNNING), job.get("TotalProcessed", 0))

    def endpoints(self, folder: str, start: str = "") -> Iterator[Page]:
        """What a completed job has written.

        Parameters
        ----------
        start
            `next` of the last page that was used up; from the beginning without it.
        """
        # Developer guide, exporting endpoints: the files with endpoints end in .gz.
        files = (key for key in self._folders.files(folder) if key.endswith(".gz"))
        return pages(files, self._endpoints, start)

    def _endpoints(self, key: str) -> Iterator[Member]:
        """Ids in a file, with what is kept of each endpoint: one JSON document per line."""
        for line in self._folders.lines(key):
            endpoint = json.loads(line)
            yield endpoint["Id"], kept(endpoint)
