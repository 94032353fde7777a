"""The stamper: stamp queue -> user attributes of endpoints, and attributes of profiles."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

from engagement.adapters import clients
from engagement.adapters.connect.stamps import ProfileStamps
from engagement.adapters.crew import side_by_side
from engagement.adapters.pinpoint.endpoints import LOOKS_PER_SECOND, Endpoints
from engagement.adapters.queues import Record
from engagement.adapters.stamps import StampLedger
from engagement.domain.pacing import Pace
from engagement.domain.stamps.messages import Messages
from engagement.domain.stamps.places import metrics, stamp_each
from engagement.domain.stamps.stamping import Stamper
from engagement.observability import count, logger
from engagement.settings.stamps import StamperSettings

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

RESERVE_SECONDS = 10
"""Kept at the end of an invocation for the request under way and the ledger."""

SETTINGS = StamperSettings.parse(os.environ)
LEDGER = StampLedger(clients.dynamodb(), SETTINGS.ledger_table)


def _pace(per_second: float) -> Pace:
    return Pace.share(per_second, SETTINGS.maximum_concurrency, time.monotonic())


STAMPERS: dict[str, Stamper] = {}
if SETTINGS.pinpoint_application_id:
    ENDPOINTS = Endpoints(clients.pinpoint(), SETTINGS.pinpoint_application_id, _pace(LOOKS_PER_SECOND), time)
    STAMPERS["pinpoint"] = Stamper(ENDPOINTS, _pace(SETTINGS.updates_per_second), side_by_side)
if SETTINGS.profiles_domain:
    PROFILES = ProfileStamps(clients.customer_profiles(), SETTINGS.profiles_domain)
    STAMPERS["connect"] = Stamper(PROFILES, _pace(SETTINGS.update_profiles_rate), side_by_side)


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, list[dict[str, str]]]:
    """Stamp the batches of some messages and return those of which something is left (`batchItemFailures`)."""
    deadline = time.monotonic() + context.get_remaining_time_in_millis() / 1000 - RESERVE_SECONDS
    messages = Messages.parse((record.message_id, record.body) for record in map(Record.parse, event["Records"]))
    for message_id, fault in messages.faults.items():
        logger.error("message refused", extra={"message_id": message_id, "fault": fault})

    batches = LEDGER.open(messages.batches())
    orders = {step: LEDGER.order(step) for step in {batch.key.step for batch in batches}}
    stampings = stamp_each(batches, orders, STAMPERS, side_by_side, time, deadline)
    for stamping in stampings.values():
        for key in stamping.done:
            LEDGER.close(key)
        for batch in stamping.shrunk:
            LEDGER.keep(batch)

    for destination, stamping in stampings.items():
        for (run, index), endpoints in stamping.refused.items():
            facts = {"run": run, "step_index": index, "endpoints": endpoints, "destination": destination}
            logger.error("endpoints refused", extra=facts)
    returned = messages.about({key for stamping in stampings.values() for key in stamping.left})
    if returned:
        logger.warning("messages returned to the queue", extra={"messages": len(returned)})
    count({**metrics(stampings), "StampMessagesRefused": len(messages.faults)})
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in returned]}
