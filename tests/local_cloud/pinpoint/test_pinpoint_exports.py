"""Export jobs: the only way to learn how many endpoints a segment has."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from tests.local_cloud.pinpoint.conftest import status_of
from tests.local_cloud.pinpoint.project import ROLE, Project
from tests.local_cloud.sdk import ACCOUNT

BAD_REQUEST = (400, "BadRequestException")
NOT_FOUND = (404, "NotFoundException")


def export(project: Project, **members: Any) -> str:
    request: Any = {"RoleArn": ROLE, "S3UrlPrefix": "s3://bucket/counts/", **members}
    made = project.client.create_export_job(ApplicationId=project.id, ExportJobRequest=request)["ExportJobResponse"]
    assert (made["JobStatus"], made["Type"], made["Definition"]) == ("CREATED", "EXPORT", request)
    return made["Id"]


def job(project: Project, job_id: str) -> dict[str, Any]:
    answer = project.client.get_export_job(ApplicationId=project.id, JobId=job_id)
    return dict(answer["ExportJobResponse"])


def test_a_job_writes_the_members_of_a_segment_whoever_they_are(project: Project) -> None:
    project.endpoint("ada", Attributes={"plan": ["gold"]})
    project.endpoint("bob", "SMS", Attributes={"plan": ["gold"]}, OptOut="ALL")
    project.endpoint("eve")
    gold = project.segment(Dimensions={"Attributes": {"plan": {"Values": ["gold"]}}})
    identifier = export(project, SegmentId=gold)

    project.later(seconds=1)

    [((bucket, key), body)] = project.buckets.objects.items()
    lines = [json.loads(line) for line in gzip.decompress(body).decode().splitlines()]
    done = job(project, identifier)
    assert (bucket, key) == ("bucket", f"counts/{identifier}.json.gz")
    assert [line["Id"] for line in lines] == ["ada", "bob"]
    assert (done["JobStatus"], done["TotalProcessed"], done["TotalPieces"]) == ("COMPLETED", 2, 1)
    assert done["CompletionDate"] == "2026-03-04T05:06:08.000Z"
    listed = project.client.get_export_jobs(ApplicationId=project.id)["ExportJobsResponse"]["Item"]
    assert listed == [done]


def test_without_a_segment_every_endpoint_is_written_and_a_prefix_is_a_folder(project: Project) -> None:
    project.endpoint("ada")
    identifier = export(project, S3UrlPrefix="s3://bucket/all")

    project.later()

    assert job(project, identifier)["TotalProcessed"] == 1
    assert list(project.buckets.objects) == [("bucket", f"all/{identifier}.json.gz")]


def test_a_role_that_may_not_write_fails_the_job(project: Project) -> None:
    project.endpoint("ada")
    role = f"arn:aws:iam::{ACCOUNT}:role/other"
    identifier = export(project, RoleArn=role)

    project.later()

    done = job(project, identifier)
    assert (done["JobStatus"], done["TotalProcessed"], done["FailedPieces"]) == ("FAILED", 0, 1)
    assert role in done["Failures"][0]


@pytest.mark.parametrize(
    "request_", [{"S3UrlPrefix": "https://bucket/x"}, {"S3UrlPrefix": "s3://bucket"}, {"RoleArn": "export"}]
)
def test_a_faulty_job_is_refused(project: Project, request_: dict[str, Any]) -> None:
    assert status_of(lambda: export(project, **request_)) == BAD_REQUEST


def test_a_job_needs_a_segment_that_exists(project: Project) -> None:
    segment = project.segment()

    assert status_of(lambda: export(project, SegmentId="none")) == NOT_FOUND
    assert status_of(lambda: export(project, SegmentId=segment, SegmentVersion=2)) == NOT_FOUND
    assert status_of(lambda: job(project, "none")) == NOT_FOUND


def test_a_job_whose_segment_is_deleted_before_it_begins_fails(project: Project) -> None:
    segment = project.segment()
    identifier = export(project, SegmentId=segment)
    project.client.delete_segment(ApplicationId=project.id, SegmentId=segment)

    project.later()

    assert job(project, identifier)["JobStatus"] == "FAILED"
