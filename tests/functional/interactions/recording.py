"""A small cloud with interactions: a stream, the recorder that reads it, the table, and the filter of campaigns."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import boto3

from engagement.adapters import clients
from local_cloud.service.neighbours import NeighbourError, Source
from tests.environment import FILTER, PLAN_SETTINGS, RECORDER
from tests.functional.functions import REGION, Context, load
from tests.functional.runs.cloud import Cloud, running
from tests.functional.runs.deaths import Death, Deaths
from tests.unit.interactions import builders

if TYPE_CHECKING:
    import pytest

FILTER_ARN = "arn:aws:lambda:eu-west-1:000000000000:function:filter"
SHARDS = 3
Event = dict[str, Any]


@dataclass
class Filters:
    """AWS Lambda as campaigns use it: the filter's handler in this process."""

    handler: Any
    deaths: Deaths
    answers: list[set[str]] = field(default_factory=list)

    def check(self, function: str, source: Source) -> None:
        """Every campaign may call it."""

    def invoke(self, function: str, payload: Mapping[str, Any], source: Source) -> object:  # noqa: ARG002
        assert function == FILTER_ARN
        try:
            answer = self.handler(json.loads(json.dumps(payload)), Context(14))
        except Death as death:
            self.deaths.forget()
            raise NeighbourError("the function ended") from death
        except Exception as error:
            raise NeighbourError(str(error)) from error
        self.answers.append(set(answer))
        return answer


class Recording:
    """The stream, the recorder and the filter of a cloud.

    Attributes
    ----------
    paused
        Whether the recorder is not called at all.
    """

    def __init__(self, cloud: Cloud, monkeypatch: pytest.MonkeyPatch, here: Mapping[str, str]) -> None:
        self.cloud = cloud
        self.paused = False
        self.table = here["INTERACTIONS_TABLE"]
        self._read: dict[str, int] = {}
        cloud.create_table(self.table)
        # Asked for after every twenty seconds of days of waiting: whether there is anything new must cost nothing.
        self._fresh = False
        clients._SESSION.register("before-call.kinesis.PutRecord", self._put)
        self._kinesis = boto3.client("kinesis", region_name=REGION)
        self._kinesis.create_stream(StreamName="events", ShardCount=SHARDS)
        environment = {**here, "PINPOINT_APPLICATION_ID": cloud.application_id}
        self.recorder = load(monkeypatch, "engagement.handlers.recorder", {**RECORDER, **environment})
        self.filter = load(monkeypatch, "engagement.handlers.filter", {**FILTER, **environment})
        self.filters = Filters(self.filter.handler, cloud.deaths)
        cloud.functions.invoke = self.filters.invoke  # type: ignore[method-assign]
        cloud.on_time = self.pump

    def stream(self, *records: Mapping[str, Any]) -> None:
        """What Amazon Pinpoint does: records of this project, spread over the shards."""
        self._fresh = True
        for record in records:
            ours = {**record, "application": {"app_id": self.cloud.application_id}}
            self._kinesis.put_record(StreamName="events", Data=json.dumps(ours).encode(), PartitionKey=uuid.uuid4().hex)

    def pump(self) -> bool:
        """What Lambda does: hand each shard's new records to the recorder, and again from where it failed.

        Whether there is any such shard.
        """
        if not self._fresh or self.paused:
            return False
        numbered = {shard: self._new(shard) for shard in self._shards()}
        failed = [self._hand_over(shard, records) for shard, records in numbered.items() if records]
        self._fresh = any(failed)
        return self._fresh

    def record(self, *batch: Mapping[str, Any]) -> list[str]:
        """Hand a batch of this project's records to the recorder; what it returned."""
        ours = [{**one, "application": {"app_id": self.cloud.application_id}} for one in batch]
        return self._recorded([(str(number), json.dumps(one).encode()) for number, one in enumerate(ours)])

    def items(self) -> dict[str, set[str]]:
        """What the table holds of endpoints, by partition and endpoint."""
        items = self.cloud.dynamodb.scan(TableName=self.table)["Items"]
        return {f"{item['pk']['S']} {item['sk']['S']}": set(item["did"]["SS"]) for item in items if "did" in item}

    def forget(self) -> None:
        """Empty the table."""
        for item in self.cloud.dynamodb.scan(TableName=self.table)["Items"]:
            self.cloud.dynamodb.delete_item(TableName=self.table, Key={name: item[name] for name in ("pk", "sk")})

    def campaign_of(self, step: str) -> str:
        """ID of the only campaign of a step."""
        (found,) = [one for one in self.cloud.campaigns() if f"-{step}-" in one["name"]]
        return str(found["id"])

    def _put(self, **_: object) -> None:
        self._fresh = True

    def _shards(self) -> list[str]:
        return [shard["ShardId"] for shard in self._kinesis.list_shards(StreamName="events")["Shards"]]

    def _new(self, shard: str) -> list[tuple[str, bytes]]:
        """Records behind those that were handed over, by their numbers."""
        iterator = self._kinesis.get_shard_iterator(
            StreamName="events", ShardId=shard, ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        records = self._kinesis.get_records(ShardIterator=iterator, Limit=10_000)["Records"]
        return [(one["SequenceNumber"], one["Data"]) for one in records[self._read.get(shard, 0) :]]

    def _hand_over(self, shard: str, numbered: Sequence[tuple[str, bytes]]) -> bool:
        """Whether something of it has to come again."""
        failed = self._recorded(numbered)
        numbers = [number for number, _ in numbered]
        done = numbers.index(failed[0]) if failed else len(numbers)
        self._read[shard] = self._read.get(shard, 0) + done
        return bool(failed)

    def _recorded(self, numbered: Sequence[tuple[str, bytes]]) -> list[str]:
        records = [
            {"kinesis": {"sequenceNumber": number, "data": base64.b64encode(data).decode()}}
            for number, data in numbered
        ]
        try:
            answer = self.recorder.handler({"Records": records}, Context(60))
        except Death:
            self.cloud.deaths.forget()
            return [numbered[0][0]]
        return [one["itemIdentifier"] for one in answer["batchItemFailures"]]


def said(kind: str, endpoint_id: str, campaign_id: str) -> Event:
    """A record of what became of a message."""
    return builders.record(kind, endpoint_id, campaign_id)


@contextmanager
def recording(monkeypatch: pytest.MonkeyPatch, **environment: str) -> Iterator[Recording]:
    """A cloud with interactions while the context lasts."""
    here = {
        "INTERACTIONS_TABLE": f"interactions-{uuid.uuid4().hex}",
        "INTERACTIONS_STREAM_ARN": f"arn:aws:kinesis:{REGION}:123456789012:stream/events",
        "PLAN_SETTINGS": json.dumps({**json.loads(PLAN_SETTINGS), "filter_function": FILTER_ARN}),
        **environment,
    }
    with running(monkeypatch, here, Cloud) as cloud:
        yield Recording(cloud, monkeypatch, here)
