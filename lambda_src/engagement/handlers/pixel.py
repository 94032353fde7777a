"""The pixel consumer: ingest queue -> events in the engagement services."""

from __future__ import annotations

import os
import time
from functools import cache
from typing import TYPE_CHECKING, Any

from engagement.adapters import clients
from engagement.adapters.crew import side_by_side
from engagement.adapters.queues import IngestQueue, Record, RejectsQueue
from engagement.domain.accounting import by_destination, close, metrics, refusals
from engagement.domain.disposal import dispose, kept_text, to_be_kept
from engagement.domain.interpretation import interpret
from engagement.domain.outlets import deliver_to_all
from engagement.handlers.outlets import outlets
from engagement.observability import count, count_by_destination, count_by_reason, logger
from engagement.settings.pixel import PixelSettings

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

RESERVE_SECONDS = 10
"""Kept at the end of an invocation for the request under way, the rejects and the messages to be returned."""

SETTINGS = PixelSettings.parse(os.environ)
SQS = cache(clients.sqs)
OUTLETS = outlets(SETTINGS, time.monotonic())
INGEST = IngestQueue(
    SQS, SETTINGS.ingest_queue_url, SETTINGS.dlq_url, SETTINGS.return_delay_seconds, SETTINGS.max_receive_count
)
REJECTS = RejectsQueue(SQS, SETTINGS.rejects_queue_url)
RULES = SETTINGS.rules()
TRUST = SETTINGS.trust(clients.keys(SETTINGS.token_keys_arn, time.monotonic))
DESTINATIONS = SETTINGS.destinations()


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, list[dict[str, str]]]:
    """Send one batch and return what could not be settled (`batchItemFailures`)."""
    deadline = time.monotonic() + context.get_remaining_time_in_millis() / 1000 - RESERVE_SECONDS
    records = {record.message_id: record for record in map(Record.parse, event["Records"])}
    bodies = ((record.message_id, record.body) for record in records.values())
    asked = interpret(bodies, RULES, TRUST, DESTINATIONS)
    deliveries = deliver_to_all(asked, OUTLETS, side_by_side, time, deadline)

    unwritten = REJECTS.put(
        (rejection, kept_text(asked, rejection, records[rejection.reference[0]].body))
        for rejection in to_be_kept(asked, deliveries)
    )
    receives = {name: record.receive_count for name, record in records.items()}
    disposal = dispose(asked, deliveries, unwritten, receives)
    failed = INGEST.put_back(disposal.put_back)
    returned = sorted(disposal.returned | failed)
    if returned:
        late = INGEST.postpone([records[message_id] for message_id in returned])
        logger.warning("messages returned to the queue", extra={"messages": len(returned), "not_postponed": late})

    accounts = close(asked, deliveries, disposal, failed)
    count(metrics(accounts))
    count_by_destination(by_destination(accounts))
    count_by_reason("EventsRejected", refusals(asked, deliveries))
    count_by_reason("ValuesDropped", asked.dropped)
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in returned]}
