"""Markers find every open shard, also while the stream is split."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from botocore.exceptions import ClientError

from engagement.adapters.interactions import Recorded
from engagement.adapters.stream import Stream

SHARDS = 5


@dataclass
class Kinesis:
    """A stream with one closed shard and five open ones, listed two at a time.

    Parameters
    ----------
    splits
        How many of the next records another shard takes, as after a split that the listing does not show yet.
    """

    splits: int = 0
    refuses: bool = False
    taken: list[tuple[str, str]] = field(default_factory=list)

    def list_shards(self, **request: Any) -> Mapping[str, Any]:
        assert len(request) == 1, "with a token the stream must not be named again"
        shards = [_shard(number) for number in range(SHARDS)]
        shards[0]["SequenceNumberRange"]["EndingSequenceNumber"] = "9"
        start = int(request.get("NextToken", 0))
        more = {"NextToken": str(start + 2)} if start + 2 < SHARDS else {}
        return {"Shards": shards[start : start + 2], **more}

    def put_record(self, **request: Any) -> Mapping[str, Any]:
        if self.refuses:
            raise ClientError({"Error": {"Code": "AccessDeniedException"}}, "PutRecord")
        self.taken.append((request["ExplicitHashKey"], json.loads(request["Data"])["shard"]))
        self.splits -= 1
        return {"ShardId": "a-new-one" if self.splits >= 0 else f"shard-{request['ExplicitHashKey']}"}


def _shard(number: int) -> dict[str, Any]:
    return {
        "ShardId": f"shard-{number}",
        "HashKeyRange": {"StartingHashKey": str(number)},
        "SequenceNumberRange": {"StartingSequenceNumber": "1"},
    }


def asked(kinesis: Kinesis) -> list[str]:
    return list(Stream(lambda: kinesis, "arn:stream", cast("Recorded", None)).ask("m.1"))


def test_every_open_shard_gets_a_marker_that_names_it() -> None:
    kinesis = Kinesis()

    assert asked(kinesis) == ["shard-1", "shard-2", "shard-3", "shard-4"]
    assert kinesis.taken == [(str(number), f"shard-{number}") for number in range(1, SHARDS)]


def test_a_shard_that_was_split_meanwhile_is_looked_for_again() -> None:
    assert asked(Kinesis(splits=1)) == ["shard-1", "shard-2", "shard-3", "shard-4"]


def test_a_stream_that_cannot_be_asked_is_none_that_was_heard() -> None:
    assert asked(Kinesis(refuses=True)) == []
    assert asked(Kinesis(splits=1_000)) == []
