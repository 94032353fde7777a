"""What a campaign writes to one endpoint."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from local_cloud.pinpoint.contents import PUSH, Content
from local_cloud.pinpoint.template_store import Templates
from local_cloud.pinpoint.templates import defaults_of
from local_cloud.service.rendering import lookup_in

Document = Mapping[str, Any]

_TEMPLATE_PARTS: Final[Mapping[str, str]] = {
    "ADMMessage": "ADM",
    "APNSMessage": "APNS",
    "BaiduMessage": "Baidu",
    "GCMMessage": "GCM",
}


def content_for(endpoint: Document, treatment: Document, templates: Templates) -> Content:
    """Write the message of a treatment to an endpoint.

    Parameters
    ----------
    endpoint
        The endpoint, as the campaign's hook may have changed it for this message.
    treatment
        A campaign or an additional treatment. Its own words win over those of its template (reading).
    templates
        Message templates of the account.

    Returns
    -------
    Content
        With all variables filled in.

    Raises
    ------
    RenderingError
        If a text cannot be filled in.
    ServiceError
        404 if the template is gone.
    """
    channel = endpoint["ChannelType"]
    messages, configured = treatment.get("MessageConfiguration", {}), treatment.get("TemplateConfiguration", {})
    own, from_template, defaults = _own(channel, messages), Content(), {}
    name = f"{'Push' if channel in PUSH else {'EMAIL': 'Email'}.get(channel, channel)}Template"
    if name in configured:
        kind = "PUSH" if channel in PUSH else channel
        template = templates.get(kind, configured[name]["Name"], configured[name].get("Version"))
        from_template, defaults = _of_template(channel, template), defaults_of(template)
    written = Content(
        title=own.title or from_template.title,
        body=own.body or from_template.body,
        html=own.html or from_template.html,
        sender=own.sender,
    )
    # Pinpoint developer guide, customizing segments: overrides work for push notifications and SMS, not for e-mail.
    if channel != "EMAIL":
        written = written.overridden(endpoint)
    return written.filled(lookup_in(endpoint, defaults))


def _own(channel: str, messages: Document) -> Content:
    if channel == "EMAIL":
        email = messages.get("EmailMessage", {})
        return Content(
            email.get("Title", ""), email.get("Body", ""), email.get("HtmlBody", ""), email.get("FromAddress", "")
        )
    if channel == "SMS":
        sms = messages.get("SMSMessage", {})
        return Content(body=sms.get("Body", ""), sender=sms.get("SenderId") or sms.get("OriginationNumber", ""))
    return _push(messages.get(PUSH[channel]) or messages.get("DefaultMessage", {}))


def _of_template(channel: str, template: Document) -> Content:
    if channel == "EMAIL":
        return Content(template.get("Subject", ""), template.get("TextPart", ""), template.get("HtmlPart", ""))
    if channel == "SMS":
        return Content(body=template.get("Body", ""))
    return _push(template.get(_TEMPLATE_PARTS[PUSH[channel]]) or template.get("Default", {}))


def _push(message: Document) -> Content:
    if message.get("RawContent"):
        return Content(body=message["RawContent"])
    return Content(message.get("Title", ""), message.get("Body", ""))
