"""Kinesis as MiniStack does it, for several threads: modes, tags and hash keys as AWS checks them."""

from __future__ import annotations

import base64
import functools
import json
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from ministack.core.responses import error_response_json, request_scope
from ministack.services import kinesis

from local_cloud import patching

_Response = tuple[int, dict[str, str], bytes]
_Data = Mapping[str, Any]

# MiniStack writes on its event loop, and mappings read on threads of their own.
lock: Final = threading.RLock()
# Developer guide, on-demand mode: a new stream has four shards.
_ON_DEMAND_SHARDS: Final = 4
_NAME: Final = re.compile(r"[a-zA-Z0-9_.-]{1,128}")
# What reads or rewrites a shard's list of records.
_GUARDED: Final = {
    "_expire_records": 'shard["records"] = [r for r in shard["records"]',
    "_get_shard_iterator": "_start_position(records",
    "_get_records": 'shard["records"][pos:pos + limit]',
    "_merge_shards": 'stream["shards"][new_sid] = {',
    "_split_shard": 'del stream["shards"][shard_id]',
    "_update_shard_count": 'stream["shards"] = _build_shards(target)',
    "put_record_internal": '["records"].append({',
}


def install() -> None:
    """Change MiniStack's Kinesis."""
    for name, needle in _GUARDED.items():
        patching.replace("records are not lost between threads", kinesis, name, needle, by=patching.locked(lock))
    for name in ("_put_record", "_put_records"):
        patching.replace(
            "hash keys are checked",
            kinesis,
            name,
            '["records"].append({',
            by=lambda put: patching.locked(lock)(_putting(put)),
        )
    patching.replace("streams have modes and tags", kinesis, "_create_stream", '"tags": {}', by=_creating)


def exists(stream_arn: str) -> bool:
    """Tell whether there is a stream that takes records."""
    stream = kinesis._streams.get_scoped(*_scope(stream_arn), stream_arn.rpartition("/")[2])
    return stream is not None and stream["StreamStatus"] == "ACTIVE"


def write(stream_arn: str, records: Sequence[tuple[str, bytes]]) -> str | None:
    """Write records for a service of AWS whose permission was checked.

    Parameters
    ----------
    stream_arn
        The stream.
    records
        Partition key and data of each, at most what one PutRecords takes.

    Returns
    -------
    str or None
        Why they were refused, None if they were not.
    """
    entries = [{"PartitionKey": key, "Data": base64.b64encode(data).decode()} for key, data in records]
    with request_scope(*_scope(stream_arn)):
        status, _, answer = kinesis._put_records({"StreamARN": stream_arn, "Records": entries})
    return None if status < 300 else str(json.loads(answer)["message"])


def _scope(stream_arn: str) -> tuple[str, str]:
    _, _, _, region, account, _ = stream_arn.split(":", 5)
    return account, region


def _putting(put: Callable[[_Data], _Response]) -> Callable[[_Data], _Response]:
    @functools.wraps(put)
    def put_records(data: _Data) -> _Response:
        for record in data.get("Records", [data]):
            key = record.get("ExplicitHashKey")
            # Service model, HashKey: a decimal number below 2^128.
            if key is not None and not (str(key).isdecimal() and int(key) <= kinesis.MAX_HASH_KEY):
                return _refused("InvalidArgumentException", f"Invalid ExplicitHashKey: {key}")
            if not record.get("PartitionKey"):
                return _refused("ValidationException", "PartitionKey is required")
        return put(data)

    return put_records


def _creating(create: Callable[[_Data], _Response]) -> Callable[[_Data], _Response]:
    @functools.wraps(create)
    def create_stream(data: _Data) -> _Response:
        name, tags = str(data.get("StreamName", "")), data.get("Tags") or {}
        on_demand = (data.get("StreamModeDetails") or {}).get("StreamMode") == "ON_DEMAND"
        if not _NAME.fullmatch(name):
            return _refused("ValidationException", f"StreamName must match {_NAME.pattern}: {name}")
        if on_demand and "ShardCount" in data:
            return _refused("InvalidArgumentException", "ShardCount must not be set for a stream in mode ON_DEMAND")
        if not on_demand and "ShardCount" not in data:
            return _refused("InvalidArgumentException", "ShardCount must be set for a stream in mode PROVISIONED")
        answer = create({**data, "ShardCount": _ON_DEMAND_SHARDS} if on_demand else data)
        if answer[0] < 300:
            kinesis._streams[name]["tags"].update(tags)
        return answer

    return create_stream


def _refused(code: str, message: str) -> _Response:
    answer: _Response = error_response_json(code, message, 400)
    return answer
