"""Export jobs of Amazon Pinpoint: who belongs to an audience, as files in a bucket."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from engagement.adapters.refusals import call_of
from engagement.domain.destination import Call
from engagement.domain.stamps.batches import MOST_ENDPOINTS, Kept, kept
from engagement.domain.stamps.exports import ExportError, ExportState, Page, Progress

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
        self._s3 = s3
        self._application_id = application_id
        self._bucket = bucket
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
        try:
            answer = self._pinpoint.create_export_job(
                ApplicationId=self._application_id,
                ExportJobRequest={
                    "SegmentId": segment_id,
                    "S3UrlPrefix": self._url(folder),
                    "RoleArn": self._role_arn,
                },
            )
        except ClientError as error:
            raise ExportError(call_of(error)) from error
        except BotoCoreError as error:
            raise ExportError(Call.UNKNOWN) from error
        return answer["ExportJobResponse"]["Id"]

    def state(self, job_id: str) -> ExportState:
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
        first, done = json.loads(start) if start else ("", 0)
        for key in self._files(folder):
            if key >= first:
                yield from self._pages(key, done if key == first else 0)

    def _pages(self, key: str, done: int) -> Iterator[Page]:
        """Pages of one file, after as many endpoints as are done."""
        page: dict[str, Kept] = {}
        number = 0
        for number, (endpoint_id, keep) in enumerate(self._endpoints(key), start=1):
            if number > done:
                page[endpoint_id] = keep
            if page and number % MOST_ENDPOINTS == 0:
                yield Page(page, json.dumps([key, number]))
                page = {}
        if page:
            yield Page(page, json.dumps([key, number]))

    def _endpoints(self, key: str) -> Iterator[tuple[str, Kept]]:
        """Ids in a file, with what is kept of each endpoint: one JSON document per line."""
        body = self._s3.get_object(Bucket=self._bucket, Key=key)["Body"]
        with gzip.open(body) as lines:
            for line in lines:
                if line.strip():
                    endpoint = json.loads(line)
                    yield endpoint["Id"], kept(endpoint)

    def _files(self, folder: str) -> list[str]:
        """Keys of the files with endpoints: developer guide, exporting endpoints: those that end in .gz."""
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=f"{folder}/")
        keys = (item["Key"] for page in pages for item in page.get("Contents", []))
        return sorted(key for key in keys if key.endswith(".gz"))

    def _url(self, folder: str) -> str:
        return f"s3://{self._bucket}/{folder}/"
