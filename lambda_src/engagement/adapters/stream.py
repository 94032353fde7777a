"""The stream through which interactions come, as a step that waits for them uses it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from engagement.adapters.interactions import Recorded
from engagement.domain.interactions.records import MARKER, Marker

_ATTEMPTS = 3


class KinesisClient(Protocol):
    """What is used of Amazon Kinesis."""

    def list_shards(self, **request: Any) -> Mapping[str, Any]: ...  # noqa: ANN401 (of the SDK)

    def put_record(self, **request: Any) -> Mapping[str, Any]: ...  # noqa: ANN401 (of the SDK)


class Stream:
    """Markers: put into every open shard, and looked for in the table.

    Parameters
    ----------
    kinesis
        Gives the client of Kinesis, which few steps need.
    arn
        The stream.
    recorded
        Where the recorder writes markers.
    """

    def __init__(self, kinesis: Callable[[], KinesisClient], arn: str, recorded: Recorded) -> None:
        self._kinesis = kinesis
        self._arn = arn
        self._recorded = recorded

    def ask(self, marker: str) -> Sequence[str]:
        """Put a marker into every open shard and return their IDs; nothing if that cannot be done now."""
        try:
            for _ in range(_ATTEMPTS):
                shards = self._open()
                if all(self._put(Marker(marker, shard["ShardId"]), shard) for shard in shards):
                    return [shard["ShardId"] for shard in shards]
        except (BotoCoreError, ClientError):
            pass
        return ()

    def heard(self, marker: str) -> Collection[str]:
        """The shards whose marker has been recorded, as far as that can be read now."""
        try:
            return self._recorded.heard(marker)
        except (BotoCoreError, ClientError):
            return ()

    def _put(self, marker: Marker, shard: Mapping[str, Any]) -> bool:
        """Put it; False if the shard has just been split or merged, and another one took it."""
        answer = self._kinesis().put_record(
            StreamARN=self._arn,
            Data=marker.text().encode(),
            PartitionKey=MARKER,
            ExplicitHashKey=shard["HashKeyRange"]["StartingHashKey"],
        )
        return bool(answer["ShardId"] == marker.shard)

    def _open(self) -> list[Mapping[str, Any]]:
        """The shards that take records; whatever a closed one holds is read before these."""
        found: list[Mapping[str, Any]] = []
        page: dict[str, str] = {"StreamARN": self._arn}
        while page:
            answer = self._kinesis().list_shards(**page)
            found += answer["Shards"]
            # With a token the stream must not be named again.
            page = {"NextToken": answer["NextToken"]} if answer.get("NextToken") else {}
        return [shard for shard in found if "EndingSequenceNumber" not in shard["SequenceNumberRange"]]
