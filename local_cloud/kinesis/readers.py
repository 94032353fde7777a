"""One shard as one mapping reads it: in order, and not past what fails before its retries are used up."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ministack.services import lambda_svc

from local_cloud.kinesis.batches import Batch, Record, Rules, next_batch
from local_cloud.kinesis.dead_letters import Discarded, send
from local_cloud.monitoring import points
from local_cloud.partial_batch import failed_ids

_BACKOFF_SECONDS: Final = 0.25
_FOR_EVER: Final = -1

log = logging.getLogger("local_cloud.kinesis")


@dataclass(frozen=True)
class Reading:
    """A shard and the mapping that reads it, as they are at one moment.

    Attributes
    ----------
    record, function
        MiniStack's records of the mapping and its function.
    shard_id
        The shard.
    event
        Turns a record into what the function gets.
    advance
        Keeps the sequence number of the last record that is dealt with.
    """

    record: dict[str, Any]
    function: Mapping[str, Any]
    shard_id: str
    event: Callable[[Record], Record]
    advance: Callable[[str], None]

    def number(self, name: str) -> int:
        """Return a setting, -1 for no limit."""
        return int(self.record.get(name, _FOR_EVER))


@dataclass(frozen=True)
class _Piece:
    """Records that go to the function together; a batch, or what is left or split of one."""

    records: tuple[Record, ...]
    until: str
    retries: int = 0

    def halves(self) -> tuple[_Piece, _Piece]:
        middle = len(self.records) // 2
        first = self.records[:middle]
        return (
            _Piece(first, first[-1]["SequenceNumber"], self.retries),
            _Piece(self.records[middle:], self.until, self.retries),
        )


class Reader:
    """Reads a shard. Its methods are called by one thread at a time.

    Attributes
    ----------
    busy
        Whether `work` is due or under way.
    """

    def __init__(self) -> None:
        self.busy = False
        self._pieces: deque[_Piece] = deque()
        self._rests_until = 0.0

    def look(self, reading: Reading, records: Sequence[Record], after: str, rules: Rules) -> float | None:
        """Look for work.

        Parameters
        ----------
        reading
            The mapping and its shard.
        records
            All records of the shard.
        after
            Sequence number of the last one that is dealt with.
        rules
            How the mapping makes batches.

        Returns
        -------
        float or None
            When to look again; None if work is due, if `busy`, or if there is nothing.
        """
        now = time.time()
        if self._pieces:
            if now < self._rests_until:
                return self._rests_until
            self.busy = True
            return None
        found = next_batch(records, after, rules, reading.event, now)
        if not isinstance(found, Batch):
            return found
        if found.records:
            self._pieces.append(_Piece(found.records, found.until))
            self.busy = True
            return None
        reading.advance(found.until)
        return now

    def work(self, reading: Reading) -> None:
        """Call the function with the records that come next.

        Parameters
        ----------
        reading
            The mapping and its shard.
        """
        try:
            self._work(reading)
        finally:
            self.busy = False

    def _work(self, reading: Reading) -> None:
        piece = self._fresh(reading, self._pieces.popleft())
        if not piece.records:
            reading.advance(piece.until)
            return
        arrived = piece.records[-1]["ApproximateArrivalTimestamp"]
        dimensions = {"FunctionName": str(reading.record["FunctionName"])}
        points.put("AWS/Lambda", "IteratorAge", dimensions, {(time.time() - arrived) * 1000: 1}, unit="Milliseconds")
        result = lambda_svc._execute_function(
            reading.function, {"Records": [reading.event(record) for record in piece.records]}
        )
        failed = _first_failed(reading, piece, result)
        if failed is None:
            reading.advance(piece.until)
            reading.record["LastProcessingResult"] = f"OK - {len(piece.records)} records"
            return
        if failed:
            reading.advance(piece.records[failed - 1]["SequenceNumber"])
        reading.record["LastProcessingResult"] = "PROBLEM: Function call failed"
        log.warning(
            "%s failed on %d records of %s: %s",
            reading.record["FunctionName"],
            len(piece.records) - failed,
            reading.shard_id,
            result.get("body"),
        )
        self._rests_until = time.time() + _BACKOFF_SECONDS
        self._retry(reading, piece, failed, result)

    def _fresh(self, reading: Reading, piece: _Piece) -> _Piece:
        """Discard what is older than the mapping allows."""
        age = reading.number("MaximumRecordAgeInSeconds")
        if age == _FOR_EVER:
            return piece
        oldest = time.time() - age
        old = tuple(record for record in piece.records if record["ApproximateArrivalTimestamp"] < oldest)
        if old:
            send(reading.record, reading.function, Discarded(reading.shard_id, old, "MaxRecordAgeExceeded", 0))
        return _Piece(piece.records[len(old) :], piece.until, piece.retries)

    def _retry(self, reading: Reading, piece: _Piece, failed: int, result: Mapping[str, Any]) -> None:
        """Keep what failed at the front of the shard, or give it up.

        Lambda developer guide: splitting a batch does not count as a retry; a batch that the function split by the
        number that it reported goes on from there. A throttled function is retried as long as the records are there.
        """
        rest = _Piece(piece.records[failed:], piece.until, piece.retries)
        most = reading.number("MaximumRetryAttempts")
        if reading.record.get("BisectBatchOnFunctionError") and (failed or len(rest.records) > 1):
            self._pieces.extendleft(reversed((rest,) if failed else rest.halves()))
        elif result.get("throttle") or most == _FOR_EVER or piece.retries < most:
            retries = piece.retries + (0 if result.get("throttle") else 1)
            self._pieces.appendleft(_Piece(rest.records, rest.until, retries))
        else:
            discarded = Discarded(reading.shard_id, rest.records, "RetryAttemptsExhausted", piece.retries + 1)
            send(reading.record, reading.function, discarded)
            reading.advance(rest.until)


def _first_failed(reading: Reading, piece: _Piece, result: Mapping[str, Any]) -> int | None:
    """Return the index of the first record that failed, None if none did.

    Lambda developer guide, Kinesis, partial batch responses: everything from the lowest number reported comes again;
    an answer that cannot be read fails the whole batch.
    """
    if result.get("error"):
        return 0
    if "ReportBatchItemFailures" not in (reading.record.get("FunctionResponseTypes") or []):
        return None
    numbers = [record["SequenceNumber"] for record in piece.records]
    failed = failed_ids(result.get("body"), set(numbers))
    if failed is None:
        return 0
    return numbers.index(min(failed)) if failed else None
