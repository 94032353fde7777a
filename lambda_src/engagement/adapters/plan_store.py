"""Plans in their bucket: what Terraform wrote under `defaults/`, and what marketers wrote under `plans/`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engagement.domain.runs.ports import StoredPlan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_s3 import S3Client

FOLDERS = ("plans/", "defaults/")
"""The first that has a plan wins."""
_SUFFIX = ".json"


class PlanStore:
    """The bucket of plans."""

    def __init__(self, s3: S3Client, bucket: str) -> None:
        self._s3 = s3
        self._bucket = bucket

    def current(self, plan: str) -> StoredPlan | None:
        """The plan of an event as it is now; None if there is none."""
        for folder in FOLDERS:
            try:
                return self._read(f"{folder}{plan}{_SUFFIX}")
            except self._s3.exceptions.NoSuchKey:
                continue
        return None

    def version(self, key: str, version: str) -> StoredPlan:
        """A plan as it was."""
        return self._read(key, version)

    def names(self) -> list[str]:
        """Events that have a plan, sorted."""
        return sorted({plan_of(key) for key in self._keys()} - {""})

    def _keys(self) -> Iterator[str]:
        pages = self._s3.get_paginator("list_objects_v2")
        for folder in FOLDERS:
            for page in pages.paginate(Bucket=self._bucket, Prefix=folder):
                yield from (entry["Key"] for entry in page.get("Contents", []))

    def _read(self, key: str, version: str = "") -> StoredPlan:
        wanted = {"VersionId": version} if version else {}
        answer = self._s3.get_object(Bucket=self._bucket, Key=key, **wanted)  # type: ignore[arg-type]
        text = answer["Body"].read().decode("utf-8", "replace")
        return StoredPlan(text, key, answer.get("VersionId", ""), answer["LastModified"])


def plan_of(key: str) -> str:
    """The event whose plan an object holds; empty if it holds none."""
    for folder in FOLDERS:
        if key.startswith(folder) and key.endswith(_SUFFIX):
            return key.removeprefix(folder).removesuffix(_SUFFIX)
    return ""
