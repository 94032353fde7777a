"""Permissions of Kinesis: a shard iterator belongs to a stream, and so does reading with it."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping
from typing import Final

from ministack.core import iam_actions
from ministack.services import kinesis

from local_cloud import patching

_GET_RECORDS: Final = "Kinesis_20131202.GetRecords"


def install() -> None:
    """Change which resource MiniStack asks about."""
    patching.replace(
        "reading records is about a stream",
        iam_actions,
        "extract_resource_arn",
        '_safe_json_field(body, "ResourceARN") or _safe_json_field(body, "StreamARN")',
        by=_extracting,
    )


def _extracting(extract: Callable[..., str]) -> Callable[..., str]:
    @functools.wraps(extract)
    def extract_resource_arn(
        service: str, method: str, path: str, headers: Mapping[str, str], body: bytes, *more: object
    ) -> str:
        found = extract(service, method, path, headers, body, *more)
        if service == "kinesis" and found == "*" and headers.get("x-amz-target") == _GET_RECORDS:
            return _stream_of_iterator(body) or found
        return found

    return extract_resource_arn


def _stream_of_iterator(body: bytes) -> str | None:
    try:
        token = json.loads(body)["ShardIterator"]
    except (ValueError, KeyError, TypeError):
        return None
    iterator = kinesis._shard_iterators.get(token)
    return iterator["stream_arn"] if iterator else None
