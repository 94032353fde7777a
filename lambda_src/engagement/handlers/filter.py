"""The filter: Amazon Pinpoint hands over endpoints of a campaign -> those that did, or did not, what it asks for."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

from engagement.adapters import clients
from engagement.adapters.interactions import Recorded
from engagement.adapters.pinpoint.campaign_tags import tags_of
from engagement.domain.interactions.calls import answer
from engagement.observability import count, logger
from engagement.settings.interactions import FilterSettings

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

RESERVE_SECONDS = 5
"""Kept for the last request and its repeat: Amazon Pinpoint must have the answer, or the error, within its time."""

SETTINGS = FilterSettings.parse(os.environ)
TAGS_OF = tags_of(clients.pinpoint_control(clients.HASTY), SETTINGS.pinpoint_application_id)
RECORDED = Recorded(clients.dynamodb(clients.HASTY), SETTINGS.interactions_table)


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer the map of the endpoints to send to; an error lets Amazon Pinpoint call again."""
    deadline = time.time() + context.get_remaining_time_in_millis() / 1000 - RESERVE_SECONDS
    kept = answer(event, TAGS_OF, lambda run, endpoints: RECORDED.of(run, endpoints, time, deadline))
    count({"EndpointsKept": len(kept), "EndpointsFiltered": len(event["Endpoints"]) - len(kept)})
    return kept
