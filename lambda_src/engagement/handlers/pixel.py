"""The pixel consumer: ingest queue -> events in the engagement service."""

from __future__ import annotations

import os
import time
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING, Any

from engagement.adapters import clients
from engagement.adapters.pinpoint import Pinpoint
from engagement.adapters.queues import IngestQueue, Record, RejectsQueue
from engagement.domain.accounting import close, dispose, kept_text, to_be_kept
from engagement.domain.delivery import deliver
from engagement.domain.interpretation import interpret
from engagement.domain.pacing import Pace
from engagement.observability import count, count_by_reason, logger
from engagement.settings.pixel import PixelSettings

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

RESERVE_SECONDS = 10
"""Kept at the end of an invocation for the request under way, the rejects and the messages to be returned."""

SETTINGS = PixelSettings.parse(os.environ)
SQS = cache(clients.sqs)
DESTINATION = Pinpoint(clients.pinpoint(), SETTINGS.pinpoint_application_id)
INGEST = IngestQueue(
    SQS, SETTINGS.ingest_queue_url, SETTINGS.dlq_url, SETTINGS.return_delay_seconds, SETTINGS.max_receive_count
)
REJECTS = RejectsQueue(SQS, SETTINGS.rejects_queue_url)
RULES = SETTINGS.rules()
TRUST = SETTINGS.trust(clients.keys(SETTINGS.token_keys_arn, time.monotonic))
PACE = Pace.share(SETTINGS.put_events_rate, SETTINGS.maximum_concurrency, time.monotonic())


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, list[dict[str, str]]]:
    """Send one batch and return what could not be settled (`batchItemFailures`)."""
    deadline = time.monotonic() + context.get_remaining_time_in_millis() / 1000 - RESERVE_SECONDS
    records = {record.message_id: record for record in map(Record.parse, event["Records"])}
    asked = interpret(((record.message_id, record.body) for record in records.values()), RULES, TRUST)
    delivery = deliver(asked.events, DESTINATION, PACE, time, deadline)

    unwritten = REJECTS.put(
        (rejection, kept_text(asked, rejection.reference, records[rejection.reference[0]].body))
        for rejection in to_be_kept(asked, delivery)
    )
    disposal = dispose(asked, delivery, unwritten, {name: record.receive_count for name, record in records.items()})
    failed = INGEST.put_back(disposal.put_back)
    returned = sorted(disposal.returned | failed)
    if returned:
        late = INGEST.postpone([records[message_id] for message_id in returned])
        logger.warning("messages returned to the queue", extra={"messages": len(returned), "not_postponed": late})

    count(close(asked, delivery, disposal, failed).metrics())
    refused = [*asked.rejections, *delivery.rejected, *delivery.refused_updates]
    count_by_reason("EventsRejected", Counter(rejection.reason for rejection in refused))
    count_by_reason("ValuesDropped", asked.dropped)
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in returned]}
