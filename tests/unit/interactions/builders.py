"""Records of the event stream, in the documented shapes."""

from __future__ import annotations

import json
from typing import Any

APPLICATION_ID = "app"
CAMPAIGN_ID = "0" * 32


def record(kind: str, endpoint_id: str = "e-1", campaign_id: str = CAMPAIGN_ID, **attributes: Any) -> dict[str, Any]:
    """A record about a recipient of a campaign."""
    return {
        "event_type": kind,
        "event_timestamp": 1_769_850_000_000,
        "arrival_timestamp": 1_769_850_000_100,
        "event_version": "3.1",
        "application": {"app_id": APPLICATION_ID, "sdk": {}},
        "client": {"client_id": endpoint_id},
        "device": {"platform": {}},
        "session": {},
        "attributes": {"campaign_id": campaign_id, "campaign_activity_id": "a", "treatment_id": "0", **attributes},
        "awsAccountId": "123456789012",
    }


def sent(channel: str, status: str = "SUCCESS", **attributes: Any) -> dict[str, Any]:
    """A `_campaign.send` to an endpoint of that channel, which the record holds as a JSON text."""
    return {
        **record("_campaign.send", campaign_send_status=status, **attributes),
        "client_context": {"custom": {"endpoint": json.dumps({"ChannelType": channel, "Address": "a"})}},
    }
