"""The announcer: queue of company events -> runs."""

from __future__ import annotations

import os
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from engagement.adapters import clients
from engagement.adapters.ledger import Ledger
from engagement.adapters.machine import Machine
from engagement.adapters.pinpoint.entrance import Entrance
from engagement.adapters.plan_store import PlanStore
from engagement.adapters.services import Services
from engagement.adapters.versions import Versions
from engagement.domain.runs.announcement import Announcement, MessageError, Stop, read
from engagement.domain.runs.announcing import Announced, Announcer
from engagement.domain.runs.ports import Clock
from engagement.observability import count, logger
from engagement.settings.runs import AnnouncerSettings

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

SETTINGS = AnnouncerSettings.parse(os.environ)
RETENTION = timedelta(days=SETTINGS.run_retention_days)
DYNAMODB = clients.dynamodb()
VERSIONS = Versions(DYNAMODB, SETTINGS.ledger_table, RETENTION)


def services(clock: Clock) -> Services:
    """What sends, by destination."""
    return Services(
        SETTINGS.pinpoint_application_id,
        SETTINGS.profiles_domain,
        SETTINGS.connect_instance_id,
        SETTINGS.ledger_table,
        clock,
    )


ANNOUNCER = Announcer(
    ledger=Ledger(DYNAMODB, SETTINGS.ledger_table, RETENTION),
    service_of=services(time).of,
    plans=PlanStore(clients.s3(), SETTINGS.plan_bucket),
    versions=VERSIONS,
    entrance=Entrance(
        cache(clients.pinpoint_control), SETTINGS.pinpoint_application_id, VERSIONS, lambda: datetime.now(UTC)
    ),
    machine=Machine(clients.stepfunctions(), SETTINGS.state_machine_arn),
    clock=time,
    settings=SETTINGS.plan_settings,
    settle=timedelta(seconds=SETTINGS.settle_seconds),
)


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, list[dict[str, str]]]:  # noqa: ARG001
    """Start or stop a run for each message, and return what could not be settled (`batchItemFailures`)."""
    results: Counter[Announced] = Counter()
    failed = []
    for record in event["Records"]:
        try:
            results[_settle(record["body"])] += 1
        except Exception:
            # One message must not keep the others; it comes back, and goes to the dead-letter queue at last.
            logger.exception("message returned to the queue", extra={"message_id": record["messageId"]})
            failed.append({"itemIdentifier": record["messageId"]})
    count(
        {
            "RunsStarted": results[Announced.STARTED],
            "RunsDeduplicated": results[Announced.REPEATED],
            "RunsRefused": results[Announced.REFUSED],
            "RunsStopped": results[Announced.STOPPED],
        }
    )
    return {"batchItemFailures": failed}


def _settle(body: str) -> Announced:
    try:
        message = read(body, require_event_id=SETTINGS.require_event_id)
    except MessageError as error:
        logger.error("message refused", extra={"reason": str(error)})
        return Announced.REFUSED
    if isinstance(message, Announcement):
        outcome = ANNOUNCER.announce(message)
        logger.info("company event", extra={"plan": message.plan, "outcome": outcome})
        return outcome
    outcome = ANNOUNCER.stop(message) if isinstance(message, Stop) else ANNOUNCER.ended(message)
    logger.info("run taken back", extra={"run": message.run, "outcome": outcome})
    return outcome
