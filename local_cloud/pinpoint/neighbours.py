"""What Pinpoint needs of other services: functions to call, buckets and streams to write to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from local_cloud.service.neighbours import Buckets, NeighbourError, NoBuckets, Source


class Functions(Protocol):
    """AWS Lambda."""

    def check(self, function: str, source: Source) -> None:
        """Make sure that a function exists and that its policy lets the source call it.

        Parameters
        ----------
        function
            Name or ARN.
        source
            Who calls.

        Raises
        ------
        NeighbourError
            If not.
        """

    def invoke(self, function: str, payload: Mapping[str, Any], source: Source) -> object:
        """Call a function and wait for its answer.

        Parameters
        ----------
        function, source
            As for `check`, which comes first.
        payload
            The event.

        Returns
        -------
        object
            Its answer, a JSON document.

        Raises
        ------
        NeighbourError
            If it may not be called, fails, is throttled, or does not answer JSON.
        """


class Streams(Protocol):
    """Amazon Kinesis Data Streams."""

    def check(self, stream_arn: str, role_arn: str, source: Source) -> None:
        """Make sure that a stream exists and that a role may describe it.

        Parameters
        ----------
        stream_arn, role_arn
            The stream, and the role with which Pinpoint looks at it.
        source
            Whose role it is.

        Raises
        ------
        NeighbourError
            If not.
        """

    def put(self, stream_arn: str, role_arn: str, records: Sequence[tuple[str, bytes]], source: Source) -> None:
        """Write records.

        Parameters
        ----------
        stream_arn, role_arn
            The stream, and the role with which Pinpoint writes.
        records
            Partition key and data of each, at most what one PutRecords takes.
        source
            Who writes.

        Raises
        ------
        NeighbourError
            If the role or the stream does not allow it.
        """


class _NoFunctions:
    def check(self, function: str, source: Source) -> None:
        raise NeighbourError(f"there is no function {function} for {source.arn}")

    def invoke(self, function: str, payload: Mapping[str, Any], source: Source) -> object:  # noqa: ARG002 the protocol
        self.check(function, source)
        return None


class _NoStreams:
    def check(self, stream_arn: str, role_arn: str, source: Source) -> None:
        """Without any stream, every one can be named."""

    def put(self, stream_arn: str, role_arn: str, records: Sequence[tuple[str, bytes]], source: Source) -> None:  # noqa: ARG002
        raise NeighbourError(f"there is no stream {stream_arn} for {source.arn}")


@dataclass(frozen=True)
class Neighbours:
    """The other services; by default there are none."""

    functions: Functions = field(default_factory=_NoFunctions)
    buckets: Buckets = field(default_factory=NoBuckets)
    streams: Streams = field(default_factory=_NoStreams)
