"""Event source mappings of streams: made only for a role that may read, and polled shard by shard."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping
from typing import Any

from ministack.core.concurrency import spawn_background
from ministack.core.responses import get_region, request_scope
from ministack.services import kinesis, lambda_svc

from local_cloud import patching
from local_cloud.kinesis.batches import Record, Rules
from local_cloud.kinesis.data_streams import lock
from local_cloud.kinesis.mapping_rules import DEFAULTS, READING, problem_of_change, problem_of_mapping
from local_cloud.kinesis.readers import Reader, Reading
from local_cloud.mapping_polls import Alarms, RoleWatch

_Response = tuple[int, dict[str, str], bytes]
_Data = Mapping[str, Any]


def install() -> None:
    """Change MiniStack's mappings."""
    poller = _Poller()
    patching.replace(
        "streams are read in order",
        lambda_svc,
        "_poll_kinesis",
        'esm["LastProcessingResult"]',
        by=lambda _: poller.poll,
    )
    patching.replace(
        "mappings of streams are checked", lambda_svc, "_create_esm", "_init_stream_position(esm_id", by=_creating
    )
    patching.replace("changed mappings are checked", lambda_svc, "_update_esm", "esm[key] = data[key]", by=_updating)


class _Poller:
    """Finds what is to read; functions run on threads of their own, one per shard and mapping."""

    def __init__(self) -> None:
        self._readers: dict[tuple[str, str], Reader] = {}
        self._roles = RoleWatch()
        self._alarms = Alarms()

    def poll(self) -> bool:
        """Look at every mapping once; MiniStack calls it again at once if there was work."""
        mappings = [known for known in lambda_svc._iter_all_esms() if _is_stream(known[2])]
        for account, region, mapping in mappings:
            with request_scope(account, region):
                self._poll(mapping)
        known = {mapping["UUID"] for _, _, mapping in mappings}
        for key in [key for key, reader in self._readers.items() if key[0] not in known and not reader.busy]:
            del self._readers[key]
        # A reader that is done wakes the poller.
        return False

    def _poll(self, mapping: dict[str, Any]) -> None:
        function, _ = lambda_svc._get_func_record_for_qualifier(mapping["FunctionName"], mapping.get("Qualifier"))
        stream = _stream_of(mapping)
        if not mapping.get("Enabled", True) or function is None or stream is None:
            return
        if not self._roles.may_poll(mapping, READING):
            return
        with lock:
            positions = positions_of(mapping, stream)
            shards = {shard_id: list(shard["records"]) for shard_id, shard in stream["shards"].items()}
        for shard_id, records in shards.items():
            reader = self._readers.setdefault((mapping["UUID"], shard_id), Reader())
            if not reader.busy:
                reading = _reading(mapping, function, shard_id)
                # A shard that came later is read from its beginning.
                again = reader.look(reading, records, positions.get(shard_id, ""), _rules(mapping))
                if reader.busy:
                    spawn_background(_work, reader, reading, thread_name="kinesis-mapping")
                elif again is not None:
                    self._alarms.set((mapping["UUID"], shard_id), again)


def positions_of(mapping: _Data, stream: _Data) -> dict[str, str]:
    """Return the last sequence number that is dealt with, by shard; empty before the first.

    Parameters
    ----------
    mapping, stream
        MiniStack's records of the mapping and its stream.

    Returns
    -------
    dict
        The positions, which are changed in place. They start where the mapping says.
    """
    found: dict[str, str] | None = lambda_svc._kinesis_positions.get(mapping["UUID"])
    if found is None:
        found = {shard_id: _start(mapping, shard["records"]) for shard_id, shard in stream["shards"].items()}
        lambda_svc._kinesis_positions[mapping["UUID"]] = found
    return found


def _start(mapping: _Data, records: list[Record]) -> str:
    until = {"TRIM_HORIZON": float("-inf"), "LATEST": float("inf")}.get(mapping["StartingPosition"])
    moment = float(mapping["StartingPositionTimestamp"]) if until is None else until
    passed = [record["SequenceNumber"] for record in records if record["ApproximateArrivalTimestamp"] < moment]
    return passed[-1] if passed else ""


def _work(reader: Reader, reading: Reading) -> None:
    reader.work(reading)
    lambda_svc._esm_wake.set()


def _reading(mapping: dict[str, Any], function: Mapping[str, Any], shard_id: str) -> Reading:
    identifier = mapping["UUID"]

    def advance(until: str) -> None:
        with lock:
            # The mapping may have been removed meanwhile.
            positions = lambda_svc._kinesis_positions.get(identifier)
            if positions is not None:
                positions[shard_id] = until

    def event(record: Record) -> Record:
        return {
            "kinesis": {
                "kinesisSchemaVersion": "1.0",
                "partitionKey": record["PartitionKey"],
                "sequenceNumber": record["SequenceNumber"],
                "data": kinesis._ensure_base64(record["Data"]),
                "approximateArrivalTimestamp": record["ApproximateArrivalTimestamp"],
            },
            "eventSource": "aws:kinesis",
            "eventVersion": "1.0",
            "eventID": f"{shard_id}:{record['SequenceNumber']}",
            "eventName": "aws:kinesis:record",
            "invokeIdentityArn": function["config"]["Role"],
            "awsRegion": get_region(),
            "eventSourceARN": mapping["EventSourceArn"],
        }

    return Reading(mapping, function, shard_id, event, advance)


def _rules(mapping: _Data) -> Rules:
    filters = (mapping.get("FilterCriteria") or {}).get("Filters") or []
    window = mapping.get("MaximumBatchingWindowInSeconds") or 0
    return Rules(mapping["BatchSize"], window, tuple(str(entry["Pattern"]) for entry in filters))


def _is_stream(mapping: _Data) -> bool:
    return str(mapping.get("EventSourceArn", "")).split(":")[2:3] == ["kinesis"]


def _stream_of(mapping: _Data) -> dict[str, Any] | None:
    _, _, _, region, account, resource = mapping["EventSourceArn"].split(":", 5)
    stream: dict[str, Any] | None = kinesis._streams.get_scoped(account, region, resource.partition("/")[2])
    return stream if stream and stream["StreamStatus"] == "ACTIVE" else None


def _creating(create: Callable[[_Data], _Response]) -> Callable[[_Data], _Response]:
    @functools.wraps(create)
    def create_event_source_mapping(data: _Data) -> _Response:
        if not _is_stream(data):
            return create(data)
        problem = problem_of_mapping(data, _stream_of(data) is not None)
        if problem:
            return _refused(problem)
        answer = create({**DEFAULTS, **data})
        if answer[0] < 300:
            mapping = lambda_svc._esms[json.loads(answer[2])["UUID"]]
            mapping["TumblingWindowInSeconds"] = 0
            if "StartingPositionTimestamp" in data:
                mapping["StartingPositionTimestamp"] = data["StartingPositionTimestamp"]
            stream = _stream_of(mapping)
            with lock:
                if stream:
                    positions_of(mapping, stream)
        return answer

    return create_event_source_mapping


def _updating(update: Callable[[str, _Data], _Response]) -> Callable[[str, _Data], _Response]:
    @functools.wraps(update)
    def update_event_source_mapping(identifier: str, data: _Data) -> _Response:
        mapping = lambda_svc._esms.get(identifier)
        if mapping and _is_stream(mapping):
            problem = problem_of_change(data, mapping["FunctionName"], mapping.get("Qualifier"))
            if problem:
                return _refused(problem)
        return update(identifier, data)

    return update_event_source_mapping


def _refused(problem: str) -> _Response:
    refused: _Response = lambda_svc._invalid_parameter_value(problem)
    return refused
