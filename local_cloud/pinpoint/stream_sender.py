"""Event streams: records are made of what happened, delayed as ordered, and written to Kinesis."""

from __future__ import annotations

import heapq
import itertools
import json
import logging
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from local_cloud.faults import STREAM, Faults
from local_cloud.pinpoint.applications import Application
from local_cloud.pinpoint.environment import Environment
from local_cloud.pinpoint.message_outcomes import outcomes_of
from local_cloud.pinpoint.stream_queue import Entry, Happened, Sent, Taken
from local_cloud.pinpoint.stream_records import Recipient, of_event, of_send
from local_cloud.service.messages import ServiceError
from local_cloud.service.moments import iso_8601
from local_cloud.service.neighbours import NeighbourError

_INTERVAL_SECONDS: Final = 0.1
# How much is looked up while the state is locked.
_ENTRIES_AT_ONCE: Final = 200
# Service model of Kinesis, PutRecords: 500 records and 5 MiB; less, to leave room for the keys.
_RECORDS_PER_CALL: Final = 500
_BYTES_PER_CALL: Final = 4_000_000

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Waiting:
    """A record that is due at a moment, ISO 8601."""

    due: str
    application_id: str
    partition_key: str
    record: Mapping[str, Any]


class StreamSender:
    """Empties the queue of the event streams, in a thread of its own between `start` and `stop`.

    Parameters
    ----------
    environment
        The state, and what to work with.
    faults
        Tells which records come twice or late.
    """

    def __init__(self, environment: Environment, faults: Faults) -> None:
        self._environment = environment
        self._faults = faults
        self._waiting: list[tuple[str, int, _Waiting]] = []
        self._numbers = itertools.count()
        self._sending = threading.Lock()
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to send."""
        self._stopped.clear()
        self._thread = threading.Thread(target=self._run, name="pinpoint-stream", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop; what was not due stays, for `snapshot`."""
        self._stopped.set()
        if self._thread:
            self._thread.join()

    def send(self) -> None:
        """Write every record that is due."""
        with self._sending:
            now = self._empty_queue()
            for application_id, records in self._due(iso_8601(now)).items():
                self._deliver(application_id, records)

    def snapshot(self) -> list[dict[str, Any]]:
        """Return the records that wait as JSON documents."""
        with self._sending:
            self._empty_queue()
            return [asdict(waiting) for _, _, waiting in sorted(self._waiting, key=lambda known: known[:2])]

    def restore(self, snapshot: Sequence[Mapping[str, Any]]) -> None:
        """Take over what `snapshot` returned, instead of every record that waits.

        Parameters
        ----------
        snapshot
            The documents.
        """
        with self._sending:
            self._waiting = []
            for document in snapshot:
                self._push(_Waiting(**document))

    def _run(self) -> None:
        while not self._stopped.wait(_INTERVAL_SECONDS):
            try:
                self.send()
            except Exception:
                _logger.exception("records of an event stream were lost")

    def _empty_queue(self) -> datetime:
        now = self._environment.wall_clock()
        while entries := self._environment.stream.take(_ENTRIES_AT_ONCE):
            self._take_in(entries, now)
        return now

    def _take_in(self, entries: Sequence[Entry], now: datetime) -> None:
        environment = self._environment
        due = now + timedelta(seconds=environment.settings().stream_delay_seconds)
        with environment.lock:
            found = [(entry, application) for entry in entries if (application := self._listener(entry))]
            # Endpoints are replaced, never changed in place: what is written of them need not keep others waiting.
            told = [(entry, _endpoint(application, entry)) for entry, application in found]
        for entry, endpoint in told:
            for record in _records(entry, endpoint, now):
                self._plan(entry.recipient, record, due)
                if not isinstance(entry, Taken):
                    environment.outbox.note(entry.message.message_id, str(record["event_type"]))

    def _listener(self, entry: Entry) -> Application | None:
        """Return the application of an entry, if it has an event stream."""
        application = self._environment.applications.find(entry.recipient.application_id)
        return application if application is not None and application.event_stream is not None else None

    def _plan(self, recipient: Recipient, record: Mapping[str, Any], due: datetime) -> None:
        """Let a record wait until it is due; a fault delays it so that others overtake it, or doubles it."""
        facts = {
            "application_id": recipient.application_id,
            "endpoint_id": recipient.endpoint_id,
            "event_type": str(record["event_type"]),
        }
        late = self._faults.take(STREAM, kinds={"late"}, **facts)
        moment = iso_8601(due + timedelta(seconds=late.seconds if late else 0.0))
        waiting = _Waiting(moment, recipient.application_id, recipient.endpoint_id, record)
        self._push(waiting)
        if self._faults.take(STREAM, kinds={"double"}, **facts):
            self._push(waiting)

    def _push(self, waiting: _Waiting) -> None:
        heapq.heappush(self._waiting, (waiting.due, next(self._numbers), waiting))

    def _due(self, now: str) -> dict[str, list[_Waiting]]:
        found: dict[str, list[_Waiting]] = {}
        while self._waiting and self._waiting[0][0] <= now:
            waiting = heapq.heappop(self._waiting)[2]
            found.setdefault(waiting.application_id, []).append(waiting)
        return found

    def _deliver(self, application_id: str, records: Sequence[_Waiting]) -> None:
        environment = self._environment
        with environment.lock:
            application = environment.applications.find(application_id)
            stream = application.event_stream if application else None
        if application is None or stream is None:
            _logger.warning("%d records of %s were lost: it has no event stream any more", len(records), application_id)
            return
        for batch in _batches(records):
            try:
                environment.neighbours.streams.put(
                    stream["DestinationStreamArn"], stream["RoleArn"], batch, application.source
                )
            except NeighbourError as error:
                _logger.warning("%d records of %s were lost: %s", len(batch), application_id, error)


def _endpoint(application: Application, entry: Entry) -> Mapping[str, Any]:
    if not isinstance(entry, Sent):
        return {}
    try:
        return application.endpoints.get(entry.message.endpoint_id)
    except ServiceError:
        # It was deleted since, or never was one.
        return {"ChannelType": entry.message.channel}


def _records(entry: Entry, endpoint: Mapping[str, Any], now: datetime) -> Iterator[Mapping[str, Any]]:
    match entry:
        case Taken(recipient, event):
            yield of_event(recipient, event, now)
        case Happened(_, record):
            yield record
        case Sent(message, status):
            told = of_send(message, endpoint, status, now)
            if told:
                yield told
            if status == "SUCCESS":
                yield from outcomes_of(message, now)


def _batches(records: Sequence[_Waiting]) -> Iterator[list[tuple[str, bytes]]]:
    batch: list[tuple[str, bytes]] = []
    size = 0
    for waiting in records:
        data = json.dumps(waiting.record, separators=(",", ":")).encode()
        if batch and (len(batch) == _RECORDS_PER_CALL or size + len(data) > _BYTES_PER_CALL):
            yield batch
            batch, size = [], 0
        batch.append((waiting.partition_key, data))
        size += len(data)
    if batch:
        yield batch
