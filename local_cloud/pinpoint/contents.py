"""What one recipient gets to read: the words of a message, and the variables in them filled in."""

from __future__ import annotations

import base64
import email
import email.policy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from local_cloud.service.messages import ServiceError
from local_cloud.service.rendering import Lookup, lookup_in, render

PUSH: Final[Mapping[str, str]] = {
    "ADM": "ADMMessage",
    "APNS": "APNSMessage",
    "APNS_SANDBOX": "APNSMessage",
    "APNS_VOIP": "APNSMessage",
    "APNS_VOIP_SANDBOX": "APNSMessage",
    "BAIDU": "BaiduMessage",
    "GCM": "GCMMessage",
}
"""Push channels, each with its member of the message configuration."""

# Service model, SimpleEmail, CampaignEmailMessage and EmailTemplateRequest.
_HEADERS: Final = 15
_OWN: Final = {"EMAIL": "EmailMessage", "SMS": "SMSMessage", "VOICE": "VoiceMessage", **PUSH}

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Content:
    """Title or subject, text, HTML of an e-mail, and the sender if the message names one."""

    title: str = ""
    body: str = ""
    html: str = ""
    sender: str = ""

    def overridden(self, recipient: Document) -> Content:
        """Return the content with `TitleOverride` and `BodyOverride` of a recipient, as far as there are any."""
        return Content(
            title=recipient.get("TitleOverride") or self.title,
            body=recipient.get("BodyOverride") or self.body,
            html="" if recipient.get("BodyOverride") else self.html,
            sender=self.sender,
        )

    def filled(self, lookup: Lookup) -> Content:
        """Return the content with the values of its variables, which `lookup` tells.

        Raises
        ------
        RenderingError
            If a text cannot be filled in.
        """
        return Content(
            title=render(self.title, lookup),
            body=render(self.body, lookup),
            html=render(self.html, lookup, html=True),
            sender=self.sender,
        )


def check_headers(message: Document) -> None:
    """Check the headers of an e-mail, of its template, or of a message without any.

    Parameters
    ----------
    message
        What may have `Headers`.

    Raises
    ------
    ServiceError
        400 if there are too many.
    """
    if len(message.get("Headers", [])) > _HEADERS:
        raise ServiceError(400, f"an e-mail can have at most {_HEADERS} headers")


def content_of(channel: str, configuration: Document, given: Document, endpoint: Document) -> Content | None:
    """Choose and fill in a direct message for one recipient.

    Service model: the channel's own message wins over the default push notification, that over the default message;
    overrides of the recipient win over all of them, raw content over the overrides.

    Parameters
    ----------
    channel
        Channel type.
    configuration
        `MessageConfiguration` of the request.
    given
        What the request says of the recipient.
    endpoint
        The recipient's endpoint, empty for a plain address.

    Returns
    -------
    Content or None
        None if there is nothing to send.

    Raises
    ------
    RenderingError
        If a text cannot be filled in.
    """
    names = [_OWN[channel], *(["DefaultPushNotificationMessage"] if channel in PUSH else []), "DefaultMessage"]
    levels = [configuration[name] for name in names if name in configuration]
    if given.get("RawContent"):
        return Content(body=given["RawContent"])
    written = _written(levels, given)
    if not (written.title or written.body or written.html):
        return None
    variables, of_endpoint = _variables(levels, given), lookup_in(endpoint, {})
    return written.filled(lambda name: variables[name] if name in variables else of_endpoint(name))


def _written(levels: Sequence[Document], given: Document) -> Content:
    own: Content = next(map(_read, levels), Content())
    return own.overridden(given)


def _read(message: Document) -> Content:
    sender = message.get("FromAddress") or message.get("SenderId") or message.get("OriginationNumber") or ""
    if "RawEmail" in message:
        return _read_mime(message["RawEmail"].get("Data", ""), sender)
    if "SimpleEmail" in message:
        parts = {name: part.get("Data", "") for name, part in message["SimpleEmail"].items() if name != "Headers"}
        return Content(parts.get("Subject", ""), parts.get("TextPart", ""), parts.get("HtmlPart", ""), sender)
    if message.get("RawContent"):
        return Content(body=message["RawContent"], sender=sender)
    return Content(message.get("Title", ""), message.get("Body", ""), sender=sender)


def _read_mime(data: str, sender: str) -> Content:
    parsed = email.message_from_bytes(base64.b64decode(data), policy=email.policy.default)
    text, html = (parsed.get_body(preferencelist=(kind,)) for kind in ("plain", "html"))
    return Content(
        title=str(parsed.get("Subject", "")),
        body=text.get_content() if text else "",
        html=html.get_content() if html else "",
        sender=sender or str(parsed.get("From", "")),
    )


def _variables(levels: Sequence[Document], given: Document) -> dict[str, str]:
    """Service model: variables of the recipient take precedence; of several values the first counts (reading)."""
    found: dict[str, str] = {}
    for level in (given, *levels):
        for name, values in level.get("Substitutions", {}).items():
            found.setdefault(name, values[0] if values else "")
    return found
