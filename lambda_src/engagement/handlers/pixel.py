"""The pixel consumer: ingest queue -> events in the engagement service."""

from __future__ import annotations

import os
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

from engagement.adapters import clients
from engagement.adapters.pinpoint import Pinpoint
from engagement.adapters.queues import IngestQueue, Record, RejectsQueue
from engagement.domain.accounting import settle
from engagement.domain.delivery import deliver
from engagement.domain.interpretation import interpret
from engagement.domain.pacing import Pace
from engagement.domain.rules import Rules
from engagement.observability import count, count_by_reason, logger
from engagement.settings import PixelSettings

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

RESERVE_SECONDS = 10
"""Kept at the end of an invocation for the request under way, the rejects and the messages to be returned."""

SETTINGS = PixelSettings.parse(os.environ)
SQS = clients.sqs()
DESTINATION = Pinpoint(clients.pinpoint(), SETTINGS.pinpoint_application_id)
INGEST = IngestQueue(SQS, SETTINGS.ingest_queue_url, SETTINGS.return_delay_seconds)
REJECTS = RejectsQueue(SQS, SETTINGS.rejects_queue_url)
RULES = Rules.of(
    events=SETTINGS.events,
    event_attributes=SETTINGS.event_attributes,
    event_metrics=SETTINGS.event_metrics,
    user_attributes=SETTINGS.user_attributes_anonymous,
    reserved_events=SETTINGS.reserved_events,
    reserved_endpoint_ids=SETTINGS.reserved_endpoint_ids,
    reserved_user_attributes=SETTINGS.reserved_user_attributes,
    endpoint_id_pattern=SETTINGS.endpoint_id_pattern,
)
PACE = Pace.share(SETTINGS.put_events_rate, SETTINGS.maximum_concurrency, time.monotonic())


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, list[dict[str, str]]]:
    """Send one batch and return what could not be settled (`batchItemFailures`)."""
    deadline = time.monotonic() + context.get_remaining_time_in_millis() / 1000 - RESERVE_SECONDS
    records = {record.message_id: record for record in map(Record.parse, event["Records"])}
    bodies = {record.message_id: record.body for record in records.values()}
    asked = interpret(bodies.items(), RULES)
    delivery = deliver(asked.events, DESTINATION, PACE, time, deadline)
    rejections = [*asked.rejections, *delivery.rejected, *delivery.refused_updates]
    unwritten = REJECTS.put(rejections, bodies)
    account = settle(asked, delivery, unwritten)
    if account.returned:
        late = INGEST.postpone([records[message_id] for message_id in account.returned])
        logger.warning(
            "messages returned to the queue", extra={"messages": len(account.returned), "not_postponed": late}
        )
    count(account.metrics())
    count_by_reason("EventsRejected", Counter(rejection.reason for rejection in rejections))
    count_by_reason("ValuesDropped", asked.dropped)
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in account.returned]}
