"""What one profile gets to read: the words of a message template with its variables filled in. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from local_cloud.service.rendering import Lookup, render, value_at

Document = Mapping[str, Any]

_CUSTOMER: Final = "Attributes.Customer."
_CUSTOM: Final = "Attributes."
# Which address counts where a profile has several (reading: in this order).
_ADDRESSES: Final[Mapping[str, tuple[str, ...]]] = {
    "email": ("EmailAddress", "PersonalEmailAddress", "BusinessEmailAddress"),
    "sms": ("PhoneNumber", "MobilePhoneNumber", "HomePhoneNumber", "BusinessPhoneNumber"),
}
_FIRST_LETTER: Final = re.compile(r"^.")


@dataclass(frozen=True)
class Content:
    """Subject of an e-mail, text, and HTML of an e-mail."""

    title: str
    body: str
    html: str


def address_of(profile: Document, channel: str) -> str:
    """Return where a profile is reached.

    Parameters
    ----------
    profile
        `Profile` of Customer Profiles.
    channel
        `email` or `sms`.

    Returns
    -------
    str
        Its first address; empty if it has none.
    """
    return next((profile[name] for name in _ADDRESSES[channel] if profile.get(name)), "")


def content_for(profile: Document, template: Document) -> Content:
    """Fill in a template.

    Parameters
    ----------
    profile
        `Profile` of Customer Profiles: `{{Attributes.Customer.FirstName}}` is its `FirstName`,
        `{{Attributes.Customer.Attributes.x}}` one of its `Attributes`. What it does not have comes from
        `defaultAttributes` of the template, else it is left out (reading).
    template
        A version of a message template.

    Returns
    -------
    Content
        What is sent.

    Raises
    ------
    RenderingError
        If a text cannot be filled in.
    """
    content, lookup = template["content"], _lookup(profile, template.get("defaultAttributes", {}))
    if "sms" in content:
        return Content("", render(_text(content["sms"]["body"], "plainText"), lookup), "")
    email = content["email"]
    return Content(
        title=render(email.get("subject", ""), lookup),
        body=render(_text(email.get("body", {}), "plainText"), lookup),
        html=render(_text(email.get("body", {}), "html"), lookup, html=True),
    )


def _text(body: Document, part: str) -> str:
    text: str = body.get(part, {}).get("content", "")
    return text


def _lookup(profile: Document, defaults: Document) -> Lookup:
    of_customer = defaults.get("customerProfileAttributes", {})

    def lookup(path: str) -> object:
        if not path.startswith(_CUSTOMER):
            return defaults.get("customAttributes", {}).get(path.removeprefix(_CUSTOM))
        name = path.removeprefix(_CUSTOMER)
        found = value_at(profile, name)
        return _default(of_customer, name) if found in (None, "") else found

    return lookup


def _default(defaults: Document, name: str) -> object:
    """Service model, CustomerProfileAttributes: names begin with a small letter, custom attributes are apart."""
    if name.startswith(_CUSTOM):
        return defaults.get("custom", {}).get(name.removeprefix(_CUSTOM))
    return defaults.get(_FIRST_LETTER.sub(lambda found: found[0].lower(), name))
