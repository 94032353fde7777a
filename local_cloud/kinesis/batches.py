"""Which records of a shard make a batch now."""

from __future__ import annotations

import bisect
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ministack.services import eventbridge, lambda_svc

Record = Mapping[str, Any]

# Kinesis, GetRecords: as many records at once. Lambda quotas: the payload of an invocation, and what a record weighs
# besides its data, generously.
_MOST_RECORDS: Final = 10_000
_MOST_PAYLOAD_BYTES: Final = 6 * 1024 * 1024
_RECORD_BYTES: Final = 1_000


@dataclass(frozen=True)
class Rules:
    """How a mapping makes batches.

    Attributes
    ----------
    size, window
        Records of a batch at most, and seconds for which it is waited for.
    patterns
        Filters, of which a record must match one; without any every record does.
    """

    size: int
    window: float
    patterns: tuple[str, ...]

    def matches(self, event: Record) -> bool:
        """Tell whether a record, as a function gets it, is one that the function wants.

        Lambda developer guide, filtering with Kinesis: data that is not JSON matches no pattern of data. The operators
        are EventBridge's.
        """
        if not self.patterns:
            return True
        view = lambda_svc._kinesis_record_for_match(event)
        return any(
            eventbridge._matches_detail(view, alternative)
            for pattern in self.patterns
            for alternative in eventbridge._compiled_pattern(pattern) or []
        )


@dataclass(frozen=True)
class Batch:
    """Records that go to the function together.

    Attributes
    ----------
    records
        Records as MiniStack keeps them, in their order; none if all that was read is left out by a filter.
    until
        Sequence number of the last record that is dealt with when these are.
    """

    records: tuple[Record, ...]
    until: str


def next_batch(
    records: Sequence[Record], after: str, rules: Rules, event: Callable[[Record], Record], now: float
) -> Batch | float | None:
    """Make a batch of what follows a position.

    Parameters
    ----------
    records
        All of a shard, in their order.
    after
        Sequence number of the last record that is dealt with, empty for none.
    rules
        How the mapping makes batches.
    event
        Turns a record into what the function gets.
    now
        Unix time.

    Returns
    -------
    Batch, float or None
        A batch that is due; or when one will be due at the latest; None if nothing is to read.
    """
    start = position_after(records, after)
    read = records[start : start + _MOST_RECORDS]
    if not read:
        return None
    wanted: list[Record] = []
    size, full, until = 0, False, ""
    for record in read:
        if rules.matches(event(record)):
            size += len(json.dumps(record["Data"])) + _RECORD_BYTES
            if len(wanted) == rules.size or (wanted and size > _MOST_PAYLOAD_BYTES):
                full = True
                break
            wanted.append(record)
        until = record["SequenceNumber"]
    if wanted and not full and len(wanted) < rules.size:
        closes: float = wanted[0]["ApproximateArrivalTimestamp"] + rules.window
        if now < closes:
            return closes
    return Batch(tuple(wanted), until)


def position_after(records: Sequence[Record], sequence_number: str) -> int:
    """Return the index of the first record after a sequence number."""
    return bisect.bisect_right(records, sequence_number, key=lambda record: str(record["SequenceNumber"]))
