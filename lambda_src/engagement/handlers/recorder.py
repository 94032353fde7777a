"""The recorder: records of the project's event stream -> table of interactions."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from engagement.adapters import clients
from engagement.adapters.crew import side_by_side
from engagement.adapters.interactions import Interactions
from engagement.adapters.pinpoint.campaign_tags import tags_of
from engagement.domain.interactions.recording import Arrival, Place, record
from engagement.observability import count, logger
from engagement.settings.interactions import RecorderSettings

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

SETTINGS = RecorderSettings.parse(os.environ)
TAGS_OF = tags_of(clients.pinpoint_control(), SETTINGS.pinpoint_application_id)
TABLE = Interactions(
    clients.dynamodb(),
    SETTINGS.interactions_table,
    timedelta(days=SETTINGS.interactions_retention_days),
    lambda: datetime.now(UTC),
)


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, list[dict[str, str]]]:  # noqa: ARG001
    """Record a batch of one shard and return from where on it has to come again (`batchItemFailures`)."""
    outcome = record(
        [Arrival.parse(one) for one in event["Records"]],
        SETTINGS.pinpoint_application_id,
        lambda campaign_id: Place.of(TAGS_OF(campaign_id)),
        TABLE,
        side_by_side,
    )
    if outcome.failed:
        logger.warning("records returned to the stream", extra={"from": outcome.failed})
    count({"InteractionsRecorded": outcome.recorded, "RecordsSkipped": outcome.skipped})
    return {"batchItemFailures": [{"itemIdentifier": outcome.failed}] if outcome.failed else []}
