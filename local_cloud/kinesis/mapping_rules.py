"""What AWS objects to before it makes or changes an event source mapping of a stream."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ministack.services import eventbridge, lambda_svc

from local_cloud.kinesis.dead_letters import SEND, destination
from local_cloud.mapping_polls import check_function_role, function_of
from local_cloud.refusals import refusals

_Data = Mapping[str, Any]

# AWSLambdaKinesisExecutionRole without what enhanced fan-out and logs need. DescribeStreamSummary alone does not do.
READING: Final = tuple(
    f"kinesis:{name}" for name in ("GetRecords", "GetShardIterator", "DescribeStream", "ListShards", "ListStreams")
)
"""What the function's role needs on its stream."""

# Service model of Lambda, CreateEventSourceMapping.
DEFAULTS: Final[_Data] = {
    "BatchSize": 100,
    "MaximumBatchingWindowInSeconds": 0,
    "MaximumRetryAttempts": -1,
    "MaximumRecordAgeInSeconds": -1,
    "BisectBatchOnFunctionError": False,
    "ParallelizationFactor": 1,
    "DestinationConfig": {"OnFailure": {}},
}
_RANGES: Final[Mapping[str, tuple[int, int]]] = {
    "BatchSize": (1, 10_000),
    "MaximumBatchingWindowInSeconds": (0, 300),
    "MaximumRetryAttempts": (-1, 10_000),
    "MaximumRecordAgeInSeconds": (-1, 604_800),
    "ParallelizationFactor": (1, 10),
    # Windows of aggregation are not emulated.
    "TumblingWindowInSeconds": (0, 0),
}
_SHORTEST_AGE: Final = 60
_MOST_FILTERS: Final = 5
_POSITIONS: Final = ("TRIM_HORIZON", "LATEST", "AT_TIMESTAMP")


def problem_of_mapping(data: _Data, readable: bool) -> str | None:
    """Tell what AWS objects to in a new mapping.

    Parameters
    ----------
    data
        The request.
    readable
        Whether the stream exists.

    Returns
    -------
    str or None
        AWS's sentence where it is known; None also for a function that does not exist, which MiniStack answers.
    """
    arn, (name, qualifier) = str(data["EventSourceArn"]), function_of(data)
    if lambda_svc._get_func_record_for_qualifier(name, qualifier)[0] is None:
        return None
    if not readable:
        stream, account = arn.rpartition("/")[2], arn.split(":")[4]
        return (
            f"Received Exception while reading from provided stream. Stream {stream} under account {account} not found."
        )
    position = data.get("StartingPosition")
    if position not in _POSITIONS:
        return f"StartingPosition must be one of {', '.join(_POSITIONS)} for a Kinesis stream: give one"
    if (position == "AT_TIMESTAMP") != ("StartingPositionTimestamp" in data):
        return "StartingPositionTimestamp belongs to StartingPosition AT_TIMESTAMP: give both or neither"
    denial = check_function_role(name, qualifier, READING, arn)
    if denial:
        refusals.add(denial.refusal)
        return (
            f"Cannot access stream {arn}. Please ensure the role can perform the GetRecords, GetShardIterator, "
            "DescribeStream, ListShards, and ListStreams Actions on your stream in IAM."
        )
    return problem_of_change(data, name, qualifier)


def problem_of_change(data: _Data, name: str, qualifier: str | None) -> str | None:
    """Tell what AWS objects to in settings of a mapping.

    Parameters
    ----------
    data
        The settings that a request gives.
    name, qualifier
        The mapping's function.

    Returns
    -------
    str or None
        What it objects to.
    """
    return _out_of_range(data) or _unreadable_filter(data) or _unreachable(data, name, qualifier)


def _out_of_range(data: _Data) -> str | None:
    for name, (least, most) in _RANGES.items():
        value = data.get(name, least)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            return f"{name} must be between {least} and {most}: {value}"
    if 0 <= data.get("MaximumRecordAgeInSeconds", -1) < _SHORTEST_AGE:
        return f"MaximumRecordAgeInSeconds must be -1 or at least {_SHORTEST_AGE}"
    return None


def _unreadable_filter(data: _Data) -> str | None:
    filters = (data.get("FilterCriteria") or {}).get("Filters") or []
    if len(filters) > _MOST_FILTERS:
        return f"FilterCriteria can have at most {_MOST_FILTERS} filters"
    for entry in filters:
        _, reason = eventbridge._parse_pattern_text(entry.get("Pattern", ""))
        if reason:
            return f"Invalid filter pattern definition. ({reason})"
    return None


def _unreachable(data: _Data, name: str, qualifier: str | None) -> str | None:
    target = destination(data)
    if not target:
        return None
    if target.split(":")[2:3] != ["sqs"]:
        return f"DestinationConfig.OnFailure.Destination must be a queue, others are not emulated: {target}"
    denial = check_function_role(name, qualifier, SEND, target)
    if denial is None:
        return None
    refusals.add(denial.refusal)
    return "The provided execution role does not have permissions to call SendMessage on SQS"
