"""What one recipient of a direct message gets to read."""

from __future__ import annotations

import base64
import email
import email.policy
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

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

_OWN: Final = {"EMAIL": "EmailMessage", "SMS": "SMSMessage", "VOICE": "VoiceMessage", **PUSH}
_VARIABLE: Final = re.compile(r"\{\{\s*([\w.]+)\s*\}\}")

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Content:
    """Title or subject, text, HTML of an e-mail, and the sender if the message names one."""

    title: str = ""
    body: str = ""
    html: str = ""
    sender: str = ""


def content_of(channel: str, configuration: Document, given: Document) -> Content | None:
    """Choose and fill in the message for one recipient.

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

    Returns
    -------
    Content or None
        None if there is nothing to send.
    """
    names = [_OWN[channel], *(["DefaultPushNotificationMessage"] if channel in PUSH else []), "DefaultMessage"]
    levels = [configuration[name] for name in names if name in configuration]
    if given.get("RawContent"):
        return Content(body=given["RawContent"])
    written = _written(levels, given)
    if not (written.title or written.body or written.html):
        return None
    return _filled(written, _variables(levels, given))


def _written(levels: Sequence[Document], given: Document) -> Content:
    own: Content = next(map(_read, levels), Content())
    return Content(
        title=given.get("TitleOverride") or own.title,
        body=given.get("BodyOverride") or own.body,
        html="" if given.get("BodyOverride") else own.html,
        sender=own.sender,
    )


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


def _filled(content: Content, variables: Mapping[str, str]) -> Content:
    def fill(text: str) -> str:
        return _VARIABLE.sub(lambda match: variables.get(match[1], match[0]), text)

    return Content(fill(content.title), fill(content.body), fill(content.html), content.sender)
