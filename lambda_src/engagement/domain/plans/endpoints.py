"""Types of endpoints, as Amazon Pinpoint names them."""

from __future__ import annotations

PUSH_TYPES = ("PUSH", "GCM", "APNS", "APNS_SANDBOX", "APNS_VOIP", "APNS_VOIP_SANDBOX", "ADM", "BAIDU")
ENDPOINT_TYPES = (*PUSH_TYPES, "SMS", "VOICE", "EMAIL", "CUSTOM", "IN_APP")
