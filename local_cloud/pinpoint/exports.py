"""Export jobs: the members of a segment, one per line, in a bucket."""

from __future__ import annotations

import gzip
import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from local_cloud.pinpoint.applications import Application, Applications, Call, Handler
from local_cloud.pinpoint.environment import Environment
from local_cloud.pinpoint.members import Membership
from local_cloud.pinpoint.paging import page
from local_cloud.pinpoint.visibility import visible_endpoints
from local_cloud.service.messages import ServiceError
from local_cloud.service.moments import iso_8601
from local_cloud.service.neighbours import NeighbourError, Source

# Service model, ExportJobRequest: s3://bucket-name/folder-name/, and an IAM role.
_PREFIX: Final = re.compile(r"s3://[a-z0-9.-]{3,63}/.*")
_ROLE_ARN: Final = re.compile(r"arn:[^:]+:iam::\d{12}:role/\S+")
# What an endpoint shows to its owner only.
_HIDDEN: Final = ("RequestId", "CohortId")


def _create(applications: Applications, call: Call) -> dict[str, Any]:
    application, request = applications.of(call), call.body
    if not _PREFIX.fullmatch(request["S3UrlPrefix"]):
        raise ServiceError(400, "S3UrlPrefix must be like s3://bucket-name/folder-name/")
    if not _ROLE_ARN.fullmatch(request["RoleArn"]):
        raise ServiceError(400, "RoleArn must be the ARN of a role")
    if "SegmentId" in request:
        application.segments.get(request["SegmentId"], request.get("SegmentVersion"))
    identifier = uuid.uuid4().hex
    job = {
        "ApplicationId": application.summary["Id"],
        "CreationDate": call.now,
        "Definition": dict(request),
        "Id": identifier,
        "JobStatus": "CREATED",
        "Type": "EXPORT",
    }
    application.export_jobs[identifier] = job
    return job


def _get(applications: Applications, call: Call) -> dict[str, Any]:
    job = applications.of(call).export_jobs.get(call.parameters["JobId"])
    if job is None:
        raise ServiceError(404, "the export job does not exist")
    return job


def _list(applications: Applications, call: Call) -> dict[str, Any]:
    return page(list(applications.of(call).export_jobs.values()), call)


@dataclass(frozen=True)
class Export:
    """The work of one job.

    Attributes
    ----------
    environment
        What it works with.
    application, job
        The job, whose status is PROCESSING.
    """

    environment: Environment
    application: Application
    job: dict[str, Any]

    def __call__(self) -> None:
        """Write the file, and how it went.

        Pinpoint developer guide, exporting endpoints: lines of JSON. One compressed file for all (reading); endpoints
        that campaigns leave out, such as those that opted out, are in it too.
        """
        members: list[Mapping[str, Any]] = []
        outcome: dict[str, Any] = {"JobStatus": "COMPLETED", "CompletedPieces": 1, "FailedPieces": 0, "Failures": []}
        try:
            with self.environment.lock:
                members = self._members()
            self._write("".join(f"{json.dumps(endpoint)}\n" for endpoint in members).encode())
        except (NeighbourError, ServiceError) as error:
            outcome = {"JobStatus": "FAILED", "CompletedPieces": 0, "FailedPieces": 1, "Failures": [str(error)]}
        with self.environment.lock:
            self.job.update(
                **outcome,
                CompletionDate=iso_8601(self.environment.wall_clock()),
                TotalFailures=len(outcome["Failures"]),
                TotalPieces=1,
                TotalProcessed=len(members) if outcome["CompletedPieces"] else 0,
            )

    def _members(self) -> list[Mapping[str, Any]]:
        now, definition = self.environment.wall_clock(), self.job["Definition"]
        known = visible_endpoints(self.environment, self.application, now)
        if "SegmentId" in definition:
            segments, factor = self.application.segments, self.environment.settings().time_factor
            segment = segments.get(definition["SegmentId"], definition.get("SegmentVersion"))
            membership = Membership(segments, now, factor)
            known = [endpoint for endpoint in known if membership.belongs(endpoint, segment)]
        return [{name: value for name, value in endpoint.items() if name not in _HIDDEN} for endpoint in known]

    def _write(self, body: bytes) -> None:
        definition = self.job["Definition"]
        bucket, _, folder = definition["S3UrlPrefix"].removeprefix("s3://").partition("/")
        folder = f"{folder}/" if folder and not folder.endswith("/") else folder
        source = Source(self.application.account, self.application.region, self.application.summary["Arn"])
        key = f"{folder}{self.job['Id']}.json.gz"
        self.environment.neighbours.buckets.put(bucket, key, gzip.compress(body), definition["RoleArn"], source)


HANDLERS: Final[Mapping[str, Handler]] = {"CreateExportJob": _create, "GetExportJob": _get, "GetExportJobs": _list}
