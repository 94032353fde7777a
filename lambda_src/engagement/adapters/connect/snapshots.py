"""Segment snapshots of Customer Profiles: who belongs to an audience, as files in a bucket."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from engagement.adapters.connect.sdk import ProfilesClient
from engagement.adapters.members import Folders, Member, pages
from engagement.adapters.telling import export_told
from engagement.domain.documents import json_object
from engagement.domain.plans.connect.segments import definition_name
from engagement.domain.stamps.exports import ExportState, Page, Progress

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_ENDED = {"COMPLETED": Progress.COMPLETED, "FAILED": Progress.FAILED}
_ACCOUNT = "accountnumber"
_DEEPEST = 3


class Snapshots:
    """Snapshots of the segments of a domain, each in a folder of its own.

    Which files a snapshot writes, and how a row names its profile, is not published: every file in the folder is read,
    and a row's account number is looked for in whatever case and however deep it stands.

    Parameters
    ----------
    profiles
        A client that makes one attempt per call.
    s3
        Client of S3.
    domain
        The domain of Customer Profiles.
    bucket
        Where the folders are.
    role_arn
        Role with which Customer Profiles writes there.

    Attributes
    ----------
    left_out
        Rows without an account number, for metrics: nobody can be told from them.
    """

    def __init__(self, profiles: ProfilesClient, s3: S3Client, domain: str, bucket: str, role_arn: str) -> None:
        self._profiles = profiles
        self._folders = Folders(s3, bucket)
        self._domain = domain
        self._role_arn = role_arn
        self.left_out = 0

    def start(self, segment_id: str, folder: str) -> str:
        """Start a snapshot.

        Parameters
        ----------
        folder
            Where it writes, without a slash at the end. Two snapshots in one folder would count everybody twice.

        Returns
        -------
        str
            Names of the segment definition and of the snapshot.

        Raises
        ------
        ExportError
            It was not started, or it is not known whether it was.
        """
        name = definition_name(segment_id)
        with export_told():
            answer = self._profiles.create_segment_snapshot(
                DomainName=self._domain,
                SegmentDefinitionName=name,
                DataFormat="JSONL",
                RoleArn=self._role_arn,
                DestinationUri=self._folders.url(folder),
            )
        return f"{name}/{answer['SnapshotId']}"

    def state(self, job_id: str, folder: str) -> ExportState:
        """How far a snapshot is; its members are counted in its files once it is completed."""
        name, _, snapshot = job_id.rpartition("/")
        answer = self._profiles.get_segment_snapshot(
            DomainName=self._domain, SegmentDefinitionName=name, SnapshotId=snapshot
        )
        progress = _ENDED.get(answer["Status"], Progress.RUNNING)
        return ExportState(progress, self._count(folder) if progress is Progress.COMPLETED else 0)

    def endpoints(self, folder: str, start: str = "") -> Iterator[Page]:
        """Members that a completed snapshot has written, by account number.

        Parameters
        ----------
        start
            `next` of the last page that was used up; from the beginning without it.
        """
        return pages(self._files(folder), self._members, start, self._leave_out)

    def _count(self, folder: str) -> int:
        return sum(member is not None for key in self._files(folder) for member in self._members(key))

    def _members(self, key: str) -> Iterator[Member | None]:
        """Members of a file; a row without an account number names nobody, and so does a line that is no object."""
        for line in self._folders.lines(key):
            account = account_number(json_object(line.decode("utf-8", "replace")) or {})
            # Nobody has looked at what another destination holds of them.
            yield (account, None) if account else None

    def _leave_out(self) -> None:
        self.left_out += 1

    def _files(self, folder: str) -> list[str]:
        """Keys of the files with members; markers of success are not."""
        return [key for key in self._folders.files(folder) if not key.rpartition("/")[2].startswith(("_", "."))]


def account_number(row: Mapping[str, Any]) -> str:
    """The account number of a row, from the outermost object that has one; empty if none has."""
    level: list[Mapping[str, Any]] = [row]
    for _ in range(_DEEPEST):
        for values in level:
            for name, value in values.items():
                if "".join(filter(str.isalnum, name)).lower() == _ACCOUNT and isinstance(value, str) and value:
                    return value
        level = [value for values in level for value in values.values() if isinstance(value, dict)]
    return ""
