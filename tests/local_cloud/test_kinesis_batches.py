"""Which records make a batch: all of them once, in order, none larger or earlier than allowed."""

from __future__ import annotations

import base64
import functools
import json
import logging
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from local_cloud.kinesis.batches import Batch, Rules, next_batch
from local_cloud.kinesis.readers import Reader, Reading

if TYPE_CHECKING:
    import pytest

WANTED = '{"data": {"wanted": [true]}}'


@functools.cache
def data(wanted: bool, size: int) -> str:
    return base64.b64encode(json.dumps({"wanted": wanted, "x": "x" * size}).encode()).decode()


def record(number: int, *, wanted: bool = True, arrived: float = 0.0, size: int = 0) -> dict[str, Any]:
    return {"SequenceNumber": f"{number:030}", "ApproximateArrivalTimestamp": arrived, "Data": data(wanted, size)}


def event(known: Any) -> dict[str, Any]:
    return {"kinesis": {"data": known["Data"]}}


def batches(records: Sequence[Any], rules: Rules, now: float = 1e9) -> list[Batch]:
    found, after = [], ""
    while isinstance(batch := next_batch(records, after, rules, event, now), Batch):
        found.append(batch)
        after = batch.until
    return found


@given(
    st.lists(st.tuples(st.booleans(), st.sampled_from([0, 0, 0, 1_500_000])), max_size=20),
    st.integers(1, 12),
    st.booleans(),
)
def test_every_record_that_is_wanted_comes_once_and_in_order(
    made: list[tuple[bool, int]], size: int, filtered: bool
) -> None:
    records = [record(number, wanted=wanted, size=bulk) for number, (wanted, bulk) in enumerate(made)]

    found = batches(records, Rules(size, 0, (WANTED,) if filtered else ()))

    wanted = [known for known, (is_wanted, _) in zip(records, made, strict=True) if is_wanted or not filtered]
    assert [known for batch in found for known in batch.records] == wanted
    assert all(len(batch.records) <= size for batch in found)
    assert all(sum(len(known["Data"]) for known in batch.records) < 6 * 1024 * 1024 for batch in found)
    assert not records or found[-1].until == records[-1]["SequenceNumber"]
    # A batch stops only where it is full.
    for batch, following in pairwise(found):
        carried = sum(len(known["Data"]) + 2_000 for known in (*batch.records, *following.records[:1]))
        assert len(batch.records) == size or carried > 6 * 1024 * 1024


def test_a_batch_waits_for_its_window_unless_it_is_full() -> None:
    records = [record(0, wanted=False, arrived=1.0), record(1, arrived=10.0), record(2, arrived=12.0)]

    assert next_batch(records, "", Rules(3, 5, (WANTED,)), event, 14.9) == 15.0
    assert len(batches(records, Rules(3, 5, (WANTED,)), 15.0)[0].records) == 2
    assert len(batches(records, Rules(2, 5, (WANTED,)), 12.0)[0].records) == 2


def test_what_no_filter_wants_is_passed_at_once() -> None:
    [batch] = batches([record(0, wanted=False), record(1, wanted=False)], Rules(10, 300, (WANTED,)), 0.0)

    assert (batch.records, batch.until) == ((), record(1)["SequenceNumber"])


def test_records_that_are_too_old_are_given_up_without_a_call(caplog: pytest.LogCaptureFixture) -> None:
    mapping = {"UUID": "m", "FunctionName": "f", "EventSourceArn": "arn", "MaximumRecordAgeInSeconds": 60}
    advanced: list[str] = []
    reading = Reading(mapping, {}, "shardId-000000000000", event, advanced.append)
    records = [record(number) for number in range(3)]
    reader = Reader()

    reader.look(reading, records, "", Rules(100, 0, ()))
    with caplog.at_level(logging.WARNING, "local_cloud.kinesis"):
        reader.work(reading)

    assert advanced == [records[-1]["SequenceNumber"]]
    assert "3 records of arn shardId-000000000000 were discarded (MaxRecordAgeExceeded)" in caplog.text
    assert not reader.busy
