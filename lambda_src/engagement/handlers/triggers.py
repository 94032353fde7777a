"""The keeper of triggers: called by Terraform when their campaigns are made or go, and when another service sends."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from engagement.adapters import clients
from engagement.adapters.connect.trigger_campaigns import TriggerCampaigns
from engagement.domain.triggers import Parting, Wanted, part, settle
from engagement.observability import logger

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

CAMPAIGNS = TriggerCampaigns(clients.outbound(clients.PATIENT))


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001 (read by the logger)
    """Stop campaigns that go and answer which are `left`, or let the others send, or not.

    Terraform keeps nothing of a call that lets them send and fails, and repeats it. An update that fails it takes for
    one that was made: what could not be stopped is an answer then, which the other call gets.
    """
    if "tf" in event:
        return {"left": part(CAMPAIGNS, Parting.parse(event), time)}
    settle(CAMPAIGNS, Wanted.parse(event), time)
    return {"ok": True}
