"""Snapshots: the members of a segment, one per line, in a bucket."""

from __future__ import annotations

import copy
import json
import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from local_cloud.profiles.environment import Environment
from local_cloud.profiles.membership import Membership
from local_cloud.profiles.state import SECONDS_PER_DAY, Call, Domain, Handler, found
from local_cloud.service.messages import ServiceError
from local_cloud.service.neighbours import NeighbourError

# Connect quotas: per domain and day.
_MOST_A_DAY: Final = 200
_DESTINATION: Final = re.compile(r"s3://[a-z0-9.-]{3,63}(/.*)?")
_ANSWERED: Final = ("SnapshotId", "Status", "StatusMessage", "DataFormat", "RoleArn", "DestinationUri")
# How members are spread over files is not published: over several, so that readers count on it (reading).
_LINES: Final = 5_000


def _create(call: Call) -> dict[str, Any]:
    domain, name = call.domain, call.parameters["SegmentDefinitionName"]
    domain.segment(name)
    if call.parameters["DataFormat"] != "JSONL":
        raise ServiceError(400, "DataFormat: only JSONL is emulated")
    # Both are optional in the service model; where a snapshot would go without them is not published (reading).
    if "RoleArn" not in call.parameters or not _DESTINATION.fullmatch(call.parameters.get("DestinationUri", "")):
        raise ServiceError(400, "RoleArn and DestinationUri, like s3://bucket/folder, must be given")
    since = call.now - SECONDS_PER_DAY / call.time_factor
    if sum(one["CreatedAt"] > since for one in domain.snapshots.values()) >= _MOST_A_DAY:
        raise ServiceError(400, f"a domain can have at most {_MOST_A_DAY} snapshots a day")
    identifier = uuid.uuid4().hex
    domain.snapshots[identifier] = {
        "SnapshotId": identifier,
        "Status": "IN_PROGRESS",
        **call.given("SegmentDefinitionName", "DataFormat", "RoleArn", "DestinationUri"),
        "CreatedAt": call.now,
        "IsBegun": False,
    }
    return {"SnapshotId": identifier}


def _get(call: Call) -> dict[str, Any]:
    known = found(call.domain.snapshots, call.parameters["SnapshotId"], "snapshot")
    if known["SegmentDefinitionName"] != call.parameters["SegmentDefinitionName"]:
        raise ServiceError(404, "the snapshot does not exist")
    return {name: known[name] for name in _ANSWERED if name in known}


@dataclass(frozen=True)
class Snapshot:
    """The work of one snapshot.

    Attributes
    ----------
    environment
        What it works with.
    domain, snapshot
        The snapshot, which is begun.
    """

    environment: Environment
    domain: Domain
    snapshot: dict[str, Any]

    def __call__(self) -> None:
        """Write the files, and how it went."""
        outcome = {"Status": "COMPLETED"}
        try:
            with self.environment.lock:
                lines = [f"{json.dumps(member)}\n" for member in self._members()]
            self._write(lines)
        except (NeighbourError, ServiceError) as error:
            outcome = {"Status": "FAILED", "StatusMessage": str(error)[:1000]}
        with self.environment.lock:
            self.snapshot.update(outcome)

    def _members(self) -> list[dict[str, Any]]:
        name = self.snapshot["SegmentDefinitionName"]
        self.domain.segment(name)
        return copy.deepcopy(members(self.domain, name))

    def _write(self, lines: list[str]) -> None:
        bucket, _, folder = self.snapshot["DestinationUri"].removeprefix("s3://").partition("/")
        folder = f"{folder}/" if folder and not folder.endswith("/") else folder
        buckets, role = self.environment.neighbours.buckets, self.snapshot["RoleArn"]
        for number in range(0, max(1, len(lines)), _LINES):
            body = "".join(lines[number : number + _LINES]).encode()
            key = f"{folder}{self.snapshot['SnapshotId']}/part-{number // _LINES:05}.jsonl"
            buckets.put(bucket, key, body, role, self.domain.source)


def members(domain: Domain, segment: str) -> list[dict[str, Any]]:
    """Return the profiles of a segment, which exists."""
    membership = Membership(domain.segments)
    return [one for one in domain.profiles.documents.values() if membership.belongs(one, segment)]


def due_snapshots(environment: Environment, domain: Domain) -> Iterator[Snapshot]:
    """Return the work of the snapshots of a domain that were asked for, once."""
    for snapshot in domain.snapshots.values():
        if not snapshot["IsBegun"]:
            snapshot["IsBegun"] = True
            yield Snapshot(environment, domain, snapshot)


HANDLERS: Final[Mapping[str, Handler]] = {"CreateSegmentSnapshot": _create, "GetSegmentSnapshot": _get}
