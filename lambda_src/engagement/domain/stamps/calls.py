"""What Amazon Pinpoint hands to the function that takes endpoints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engagement.domain.documents import json_object
from engagement.domain.stamps.batches import Batch, BatchKey, StampError, Step, check_step, kept


def called_for(event: Mapping[str, Any]) -> Batch:
    """The at most 50 endpoints that Pinpoint calls for, as custom channel of a campaign or as its hook.

    Parameters
    ----------
    event
        A custom channel gets the `Data` of the campaign's message, a hook the whole message.

    Raises
    ------
    StampError
        The campaign is not a stamp of this module.
    """
    message = event.get("MessageConfiguration") or {}
    step = _step(event["Data"] if "Data" in event else (message.get("CustomMessage") or {}).get("Data"))
    campaign, endpoints = event.get("CampaignId"), event.get("Endpoints")
    if not isinstance(campaign, str) or not campaign:
        raise StampError("CampaignId must be a text; only campaigns can stamp")
    if not isinstance(endpoints, dict) or not all(isinstance(endpoint, dict) for endpoint in endpoints.values()):
        raise StampError("Endpoints must be a map of endpoints; only campaigns can stamp")
    to_stamp = {endpoint_id: kept(endpoint) for endpoint_id, endpoint in endpoints.items()}
    return Batch(BatchKey.of(*step, campaign, to_stamp), to_stamp)


def _step(data: object) -> Step:
    """The step of a run that a campaign names in its data."""
    document = json_object(data)
    if document is None:
        raise StampError("Data must be a JSON object; let the run make its campaigns itself")
    return check_step(document.get("run"), document.get("index"))
