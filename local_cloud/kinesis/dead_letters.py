"""Records that a mapping gave up: what its on-failure destination is told."""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from local_cloud import sqs
from local_cloud.kinesis.batches import Record
from local_cloud.mapping_polls import check_function_role
from local_cloud.refusals import refusals

SEND: Final = ("sqs:SendMessage",)

log = logging.getLogger("local_cloud.kinesis")


@dataclass(frozen=True)
class Discarded:
    """Records of one shard that the function will not see again.

    Attributes
    ----------
    shard_id, records
        The records, in their order.
    condition
        Why, in AWS's words.
    calls
        How often the function was called with them.
    """

    shard_id: str
    records: tuple[Record, ...]
    condition: str
    calls: int


def destination(mapping: Mapping[str, Any]) -> str:
    """Return the ARN of a mapping's on-failure destination, empty without one."""
    return str(((mapping.get("DestinationConfig") or {}).get("OnFailure") or {}).get("Destination") or "")


def send(mapping: Mapping[str, Any], function: Mapping[str, Any], discarded: Discarded) -> None:
    """Tell the on-failure destination of a mapping, if it has one. The records themselves are not in the message.

    Parameters
    ----------
    mapping, function
        MiniStack's records of the mapping and its function.
    discarded
        What was given up.
    """
    target = destination(mapping)
    where = f"{len(discarded.records)} records of {mapping['EventSourceArn']} {discarded.shard_id}"
    if not target:
        log.warning("%s were discarded (%s): the mapping has no destination", where, discarded.condition)
        return
    denial = check_function_role(mapping["FunctionName"], mapping.get("Qualifier"), SEND, target)
    if denial:
        refusals.add(denial.refusal)
        log.warning("%s were discarded (%s) and the destination not told", where, discarded.condition)
        return
    if not sqs.deliver(target, json.dumps(_document(mapping, function, discarded))):
        log.warning("%s were discarded (%s): there is no queue %s", where, discarded.condition, target)


def _document(mapping: Mapping[str, Any], function: Mapping[str, Any], discarded: Discarded) -> dict[str, Any]:
    """Lambda developer guide, Kinesis, on-failure destinations."""
    first, last = discarded.records[0], discarded.records[-1]
    answered = {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"}
    return {
        "requestContext": {
            "requestId": str(uuid.uuid4()),
            "functionArn": function["config"]["FunctionArn"],
            "condition": discarded.condition,
            "approximateInvokeCount": discarded.calls,
        },
        **({"responseContext": answered} if discarded.calls else {}),
        "version": "1.0",
        "timestamp": _iso_8601(datetime.now(UTC)),
        "KinesisBatchInfo": {
            "shardId": discarded.shard_id,
            "startSequenceNumber": first["SequenceNumber"],
            "endSequenceNumber": last["SequenceNumber"],
            "approximateArrivalOfFirstRecord": _arrival(first),
            "approximateArrivalOfLastRecord": _arrival(last),
            "batchSize": len(discarded.records),
            "streamArn": mapping["EventSourceArn"],
        },
    }


def _arrival(record: Record) -> str:
    return _iso_8601(datetime.fromtimestamp(record["ApproximateArrivalTimestamp"], UTC))


def _iso_8601(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
