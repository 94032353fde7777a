"""Records of the event stream, read as what they say of a campaign's recipient."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engagement.domain.documents import json_object
from engagement.domain.event import folded
from engagement.domain.interactions.kinds import Did
from engagement.domain.plans.endpoints import PUSH_TYPES

MARKER = "engagement.marker"
"""Type of a record that a step puts into the stream, to see when everything before it has been recorded."""

_DID: Mapping[str, frozenset[Did]] = {
    "_email.delivered": frozenset({Did.DELIVERED}),
    "_email.open": frozenset({Did.OPENED}),
    # A click proves a reader, also one whose images are blocked.
    "_email.click": frozenset({Did.OPENED, Did.CLICKED}),
    "_email.hardbounce": frozenset({Did.BOUNCED}),
    "_email.complaint": frozenset({Did.COMPLAINED}),
    "_email.unsubscribe": frozenset({Did.UNSUBSCRIBED}),
    "_SMS.SUCCESS": frozenset({Did.DELIVERED}),
    "_SMS.FAILURE": frozenset({Did.BOUNCED}),
    "_SMS.OPTOUT": frozenset({Did.OPTED_OUT}),
    "_campaign.opened_notification": frozenset({Did.OPENED}),
}
_SEND = "_campaign.send"
_SENT = "SUCCESS"
_DELIVERED_WHEN_SENT = frozenset({"CUSTOM", *PUSH_TYPES})
"""Channels that say nothing more after the send; e-mail and SMS say later what became of it."""

_ID = re.compile(r"[A-Za-z0-9._-]{1,200}")
"""Of campaigns, markers and shards."""
_LONGEST_KEY = 1_024
"""Bytes of a sort key."""


@dataclass(frozen=True, slots=True)
class Interaction:
    """What one recipient of a campaign did.

    Parameters
    ----------
    endpoint_id
        In lower case: the service does not tell two spellings apart.
    """

    campaign_id: str
    endpoint_id: str
    did: frozenset[Did]


@dataclass(frozen=True, slots=True)
class Marker:
    """A step's mark in one shard of the stream."""

    id: str
    shard: str

    def text(self) -> str:
        """The record."""
        return json.dumps({"event_type": MARKER, "marker": self.id, "shard": self.shard})


def read(data: bytes | str, application_id: str) -> Interaction | Marker | None:
    """What a record says; None if that is nothing for us.

    Parameters
    ----------
    data
        The record. Every key may be missing and every value have another type.
    application_id
        The project: several may write to one stream.
    """
    record = json_object(data)
    if record is None:
        return None
    kind = _text(record, "event_type")
    if kind == MARKER:
        return _marker(record)
    if _text(record, "application", "app_id") not in ("", application_id):
        return None
    did = _did_by_send(record) if kind == _SEND else _DID.get(kind, frozenset())
    campaign_id, endpoint_id = _text(record, "attributes", "campaign_id"), _text(record, "client", "client_id")
    if did and _ID.fullmatch(campaign_id) and _can_be_a_key(endpoint_id):
        return Interaction(campaign_id, folded(endpoint_id), did)
    return None


def _marker(record: Mapping[str, Any]) -> Marker | None:
    marker = Marker(_text(record, "marker"), _text(record, "shard"))
    return marker if _ID.fullmatch(marker.id) and _ID.fullmatch(marker.shard) else None


def _can_be_a_key(endpoint_id: str) -> bool:
    """Whether the table can hold it; what it can never hold must not come back for ever."""
    try:
        return 0 < len(folded(endpoint_id).encode()) <= _LONGEST_KEY
    except UnicodeEncodeError:
        return False


def _did_by_send(record: Mapping[str, Any]) -> frozenset[Did]:
    """A send that says it was taken, on a channel that says no more."""
    if _text(record, "attributes", "campaign_send_status").upper() != _SENT:
        return frozenset()
    channel = _text(record, "attributes", "delivery_type") or _channel(record)
    return frozenset({Did.DELIVERED}) if channel.upper() in _DELIVERED_WHEN_SENT else frozenset()


def _channel(record: Mapping[str, Any]) -> str:
    """The channel of the endpoint, which is a JSON text inside the record."""
    return _text(json_object(_text(record, "client_context", "custom", "endpoint")), "ChannelType")


def _text(value: object, *way: str) -> str:
    """The text that stands there; empty if there is none."""
    for key in way:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, str) else ""
