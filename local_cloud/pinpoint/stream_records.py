"""Records of the event stream, in the shapes of Pinpoint's developer guide (event-streams-data-*)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from local_cloud.pinpoint.contents import PUSH
from local_cloud.service.moments import known_instant
from local_cloud.service.outbox import Message

Document = Mapping[str, Any]

_VERSION: Final = "3.1"
# Developer guide, samples of `client_context.custom.endpoint`: neither the id nor the address.
_OF_ENDPOINT: Final = (
    "ChannelType",
    "EndpointStatus",
    "OptOut",
    "RequestId",
    "EffectiveDate",
    "Demographic",
    "Location",
    "Attributes",
    "Metrics",
    "User",
)
_FEEDBACK: Final = {
    "send": "received",
    "delivered": "delivered",
    "open": "opened",
    "hardbounce": "hardbounce",
    "softbounce": "softbounce",
    "complaint": "complaint",
    "rejected": "rejected",
    "unsubscribe": "unsubscribe",
}
_USER_AGENT: Final = "Mozilla/5.0 (local cloud)"
_IP_ADDRESS: Final = "192.0.2.1"
_MILLICENTS: Final = 645.0


@dataclass(frozen=True)
class Recipient:
    """Who did or got something.

    Attributes
    ----------
    application_id, account
        Whose customer it is.
    endpoint_id
        The endpoint; for a message to a plain address an id of its own.
    """

    application_id: str
    account: str
    endpoint_id: str


def of_send(message: Message, endpoint: Document, status: str, now: datetime) -> dict[str, Any] | None:
    """Return the record of the campaign or journey that sent a message.

    Parameters
    ----------
    message
        What was sent; on the channel `CUSTOM` what a function was called with.
    endpoint
        To whom.
    status
        `SUCCESS`, or why it was not sent.
    now
        The moment.

    Returns
    -------
    dict or None
        `_campaign.send` or `_journey.send`; None for a direct message.
    """
    if message.campaign_id:
        kind = "_campaign.send"
        attributes = {"delivery_type": message.channel, "campaign_send_status": status, **_origin(message)}
    elif message.journey_id:
        kind = "_journey.send"
        code = "200" if status == "SUCCESS" else "500"
        attributes = {
            "journey_activity_type": "PUSH" if message.channel in PUSH else message.channel,
            "journey_send_status": status,
            "journey_send_status_code": code,
            "journey_send_status_message": code,
            **_origin(message),
        }
    else:
        return None
    known = {name: endpoint[name] for name in _OF_ENDPOINT if name in endpoint}
    context = {"custom": {"endpoint": json.dumps(known, separators=(",", ":"))}}
    return _record(recipient_of(message), kind, known_instant(message.time), now, attributes, client_context=context)


def of_email(message: Message, kind: str, now: datetime, url: str = "") -> dict[str, Any]:
    """Return the record of what became of an e-mail.

    Parameters
    ----------
    message
        The e-mail.
    kind
        What follows `_email.`, such as `open`.
    now
        The moment.
    url
        The link of a `click`.

    Returns
    -------
    dict
        The record.
    """
    attributes = {"feedback": url or _FEEDBACK[kind], **_origin(message)}
    mail_event = {"mail": _mail(message), **_mail_detail(message, kind, url)}
    return _record(
        recipient_of(message),
        f"_email.{kind}",
        known_instant(message.time),
        now,
        attributes,
        client_context={"custom": {"legacy_identifier": message.application_id}},
        facets={"email_channel": {"mail_event": mail_event}},
    )


def of_sms(message: Message, kind: str, status: str, now: datetime) -> dict[str, Any]:
    """Return the record of what became of an SMS.

    Parameters
    ----------
    message
        The SMS.
    kind
        What follows `_SMS.`, such as `SUCCESS`.
    status
        `record_status`.
    now
        The moment.

    Returns
    -------
    dict
        The record.
    """
    attributes = {
        "sender_request_id": message.message_id,
        "destination_phone_number": message.address,
        "origination_phone_number": message.sender,
        "record_status": status,
        "iso_country_code": "US",
        "number_of_message_parts": "1",
        "message_id": message.message_id,
        "message_type": "Transactional",
        "customer_context": json.dumps({"userId": message.endpoint_id}),
        **_origin(message),
    }
    # Developer guide: the price does not appear for messages that are buffered.
    more = {} if kind == "BUFFERED" else {"metrics": {"price_in_millicents_usd": _MILLICENTS}}
    return _record(recipient_of(message), f"_SMS.{kind}", now, now, attributes, **more)


def of_opened_notification(message: Message, now: datetime) -> dict[str, Any]:
    """Return the record that an app sends when a push notification is opened; `_journey.` is Amplify's (reading)."""
    kind = "_journey.opened_notification" if message.journey_id else "_campaign.opened_notification"
    return _record(recipient_of(message), kind, now, now, _origin(message))


def of_event(recipient: Recipient, event: Document, now: datetime) -> dict[str, Any]:
    """Return the record of an event of PutEvents.

    Parameters
    ----------
    recipient
        Whose event it is.
    event
        In the shape of the service model.
    now
        When it was taken.

    Returns
    -------
    dict
        The record.
    """
    sdk = {"name": event.get("SdkName"), "version": event.get("ClientSdkVersion")}
    application = {
        "package_name": event.get("AppPackageName"),
        "title": event.get("AppTitle"),
        "version_code": event.get("AppVersionCode"),
    }
    session = event.get("Session", {})
    record = _record(
        recipient,
        event["EventType"],
        _moment(event["Timestamp"]),
        now,
        event.get("Attributes", {}),
        metrics=event.get("Metrics", {}),
    )
    record["application"] |= {"sdk": _known(sdk), **_known(application)}
    if session:
        stamps = {"start_timestamp": session.get("StartTimestamp"), "stop_timestamp": session.get("StopTimestamp")}
        moments = {name: _milliseconds(_moment(text)) for name, text in _known(stamps).items()}
        record["session"] = {"session_id": session["Id"], **moments}
    return record


def recipient_of(message: Message) -> Recipient:
    """Return who got a message. Developer guide, e-mail events: a direct message has an id of its own."""
    return Recipient(message.application_id, message.account, message.endpoint_id or message.message_id)


def _record(
    recipient: Recipient, kind: str, moment: datetime, now: datetime, attributes: Document, **more: object
) -> dict[str, Any]:
    return {
        "event_type": kind,
        "event_timestamp": _milliseconds(moment),
        "arrival_timestamp": _milliseconds(now),
        "event_version": _VERSION,
        "application": {"app_id": recipient.application_id, "sdk": {}},
        "client": {"client_id": recipient.endpoint_id},
        "device": {"platform": {}},
        "session": {},
        "attributes": attributes,
        **more,
        "awsAccountId": recipient.account,
    }


def _origin(message: Message) -> dict[str, str]:
    if message.campaign_id:
        return {
            "campaign_id": message.campaign_id,
            "campaign_activity_id": message.activity_id,
            "treatment_id": message.treatment_id,
        }
    if message.journey_id:
        return {
            "journey_id": message.journey_id,
            "journey_run_id": message.journey_run_id,
            "journey_activity_id": message.journey_activity_id,
        }
    return {}


def _mail(message: Message) -> dict[str, Any]:
    headers = {"From": message.sender, "To": message.address, "Subject": message.title, "MIME-Version": "1.0"}
    return {
        "message_id": message.message_id,
        "message_send_timestamp": _milliseconds(known_instant(message.time)),
        "from_address": message.sender,
        "destination": [message.address],
        "headers_truncated": False,
        "headers": [{"name": name, "value": value} for name, value in headers.items()],
        "common_headers": {"from": message.sender, "to": [message.address], "subject": message.title},
    }


def _mail_detail(message: Message, kind: str, url: str) -> dict[str, Any]:
    """Beside `mail` stands an object of the event's own; the guide shows those of send, delivery, open and click."""
    reader = {"ip_address": _IP_ADDRESS, "user_agent": _USER_AGENT}
    if kind in {"hardbounce", "softbounce"}:
        return {"bounce": _bounce(message, permanent=kind == "hardbounce")}
    details: dict[str, tuple[str, dict[str, Any]]] = {
        "delivered": (
            "delivery",
            {"smtp_response": "250 ok", "recipients": [message.address], "processing_time_millis": 1},
        ),
        "open": ("open", reader),
        "click": ("click", {**reader, "link": url}),
        "complaint": ("complaint", {"complained_recipients": [{"email_address": message.address}]}),
        "rejected": ("reject", {"reason": "Bad content"}),
        "unsubscribe": ("unsubscribe", reader),
    }
    name, detail = details.get(kind, (kind, {}))
    return {name: detail}


def _bounce(message: Message, *, permanent: bool) -> dict[str, Any]:
    """As SES tells a bounce, in the spelling of the other objects (reading)."""
    status, code = ("5.1.1", "smtp; 550 5.1.1 user unknown") if permanent else ("4.2.2", "smtp; 452 4.2.2 mailbox full")
    recipient = {"email_address": message.address, "action": "failed", "status": status, "diagnostic_code": code}
    return {
        "bounce_type": "Permanent" if permanent else "Transient",
        "bounce_sub_type": "General" if permanent else "MailboxFull",
        "bounced_recipients": [recipient],
    }


def _known(document: Mapping[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in document.items() if value is not None}


def _moment(text: str) -> datetime:
    """Read a date of an event, which is taken without a zone too."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
