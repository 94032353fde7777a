"""Templates as message templates of Amazon Q in Connect."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from tools.migration.findings import Finding, changes, lost
from tools.migration.placeholders import CUSTOMER, Converter, Filled, Variables
from tools.migration.reading import Saved

# qconnect, CreateMessageTemplate.
_NAME: Final = re.compile(r"[a-zA-Z0-9\s_.,-]+.*", re.DOTALL)
_HEADER_NAME: Final = re.compile(r"[!-9;-@A-~]{1,126}")
_HEADER_VALUE: Final = 870
_DESCRIPTION: Final = 255
_ELSEWHERE: Final[Mapping[str, str]] = {
    "PUSH": "no campaign of Connect sends push: send it by End User Messaging from a journey's function",
    "VOICE": "Connect speaks by flows: write the text into a Play prompt block",
    "INAPP": "Connect has no messages inside of apps",
}
_KNOWN: Final = frozenset(
    {"Arn", "Body", "CreationDate", "DefaultSubstitutions", "Headers", "HtmlPart", "LastModifiedDate", "RecommenderId"}
    | {"Subject", "tags", "TemplateDescription", "TemplateName", "TemplateType", "TextPart", "Version"}
)
_STANDARD: Final[Mapping[str, str]] = {
    "AccountNumber": "accountNumber",
    "City": "city",
    "Country": "country",
    "EmailAddress": "emailAddress",
    "PhoneNumber": "phoneNumber",
    "PostalCode": "postalCode",
    "State": "state",
}


@dataclass(frozen=True, slots=True)
class Template:
    """What became of a template.

    Parameters
    ----------
    request
        `CreateMessageTemplate` without the knowledge base; None if there is nothing to make.
    ready
        Whether all of it could be converted.
    """

    saved: Saved
    request: Mapping[str, Any] | None
    ready: bool
    findings: tuple[Finding, ...]


def templates_of(saved: Iterable[Saved], variables: Variables) -> Iterator[Template]:
    """Convert templates.

    Parameters
    ----------
    saved
        Answers of GetEmailTemplate, GetSmsTemplate and so on.
    variables
        Knows what becomes of their variables.

    Yields
    ------
    Template
        What became of each.
    """
    for one in saved:
        kind = str(one.document["TemplateType"])
        if kind in ("EMAIL", "SMS"):
            yield _Template(one, kind, variables).convert()
        else:
            why = _ELSEWHERE.get(kind, "Pinpoint's model does not have this type")
            yield Template(one, None, ready=False, findings=(lost("TemplateType", why),))


class _Template:
    def __init__(self, saved: Saved, kind: str, variables: Variables) -> None:
        self._saved = saved
        self._document = saved.document
        self._kind = kind
        self._variables = variables
        self._findings: list[Finding] = []
        self._shown: set[str] = set()
        self._ready = True

    def convert(self) -> Template:
        content = self._email() if self._kind == "EMAIL" else self._sms()
        if content is None:
            self._lose("TemplateType", "it has no text")
            return Template(self._saved, None, ready=False, findings=tuple(self._findings))
        name = str(self._document["TemplateName"])
        request = {"name": name, "channelSubtype": self._kind, "content": content}
        if description := self._description():
            request["description"] = description
        if defaults := self._defaults():
            request["defaultAttributes"] = {"customerProfileAttributes": defaults}
        without = sorted(self._shown - set(_flat(defaults)))
        if without:
            text = f"{', '.join(without)}: no default. Connect leaves a variable without value as it is: give one"
            self._findings.append(changes("DefaultSubstitutions", text))
        self._rest(name)
        return Template(self._saved, request, self._ready, tuple(self._findings))

    def _email(self) -> dict[str, Any] | None:
        html, text = self._text("HtmlPart"), self._text("TextPart")
        body = {**_part("html", html), **_part("plainText", text)}
        if not body:
            return None
        email: dict[str, Any] = {"body": body}
        if subject := self._text("Subject"):
            email["subject"] = subject
        if headers := list(self._headers()):
            email["headers"] = headers
        return {"email": email}

    def _sms(self) -> dict[str, Any] | None:
        body = self._text("Body")
        return {"sms": {"body": _part("plainText", body)}} if body else None

    def _text(self, part: str) -> str:
        value = self._document.get(part)
        if value is None:
            return ""
        if not isinstance(value, str):
            self._lose(part, "not a text")
            return ""
        return self._filled(self._converter()(value, part))

    def _converter(self) -> Converter:
        return lambda text, part: self._variables.convert(text, part, self._kind)

    def _filled(self, filled: Filled) -> str:
        self._shown |= filled.variables
        self._findings += filled.findings
        self._ready = self._ready and not filled.findings
        return filled.text

    def _headers(self) -> Iterator[dict[str, str]]:
        for number, header in enumerate(self._document.get("Headers") or []):
            name, value = str(header.get("Name", "")), str(header.get("Value", ""))
            value = self._filled(self._converter()(value, f"Headers[{number}]"))
            if _HEADER_NAME.fullmatch(name) and 0 < len(value) <= _HEADER_VALUE:
                yield {"name": name, "value": value}
            else:
                self._lose(f"Headers[{number}]", f"Connect takes a plain name and 1 to {_HEADER_VALUE} characters")

    def _description(self) -> str:
        description = str(self._document.get("TemplateDescription") or "")
        if description and not (_NAME.fullmatch(description) and len(description) <= _DESCRIPTION):
            rule = (
                f"Connect takes at most {_DESCRIPTION} characters, the first of them a letter, a digit, or one of _.,-"
            )
            self._findings.append(lost("TemplateDescription", rule))
            return ""
        return description

    def _defaults(self) -> dict[str, Any]:
        text = self._document.get("DefaultSubstitutions")
        if not text:
            return {}
        try:
            values = json.loads(str(text))
        except ValueError:
            values = None
        if not isinstance(values, dict):
            self._lose("DefaultSubstitutions", "not a JSON object")
            return {}
        defaults: dict[str, Any] = {}
        for name, value in values.items():
            place = f"DefaultSubstitutions.{name}"
            try:
                variable = self._variables.default(name, self._kind).removeprefix(CUSTOMER)
            except KeyError:
                self._lose(place, "no profile has this variable")
                continue
            if not isinstance(value, str) or not value:
                self._lose(place, "a default must be a text that is not empty")
            elif variable in _STANDARD:
                defaults[_STANDARD[variable]] = value
            else:
                defaults.setdefault("custom", {})[variable.removeprefix("Attributes.")] = value
        return defaults

    def _rest(self, name: str) -> None:
        document = self._document
        if document.get("RecommenderId"):
            self._lose("RecommenderId", "Connect has no recommender models in templates")
        if document.get("tags"):
            self._findings.append(lost("tags", "not taken over: give the template tags of your own"))
        for key in document.keys() - _KNOWN:
            self._findings.append(lost(key, "Pinpoint's model of a template does not have it"))
        if self._kind == "SMS" and (document.get("Subject") or document.get("HtmlPart")):
            self._findings.append(lost("Subject, HtmlPart", "an SMS has none"))
        if not _NAME.fullmatch(name):
            self._lose("TemplateName", "Connect's names begin with a letter, a digit, or one of _.,-")

    def _lose(self, place: str, text: str) -> None:
        self._findings.append(lost(place, text))
        self._ready = False


def _part(name: str, content: str) -> dict[str, Any]:
    return {name: {"content": content}} if content else {}


def _flat(defaults: Mapping[str, Any]) -> Iterator[str]:
    """Variables that have a default."""
    for variable, name in _STANDARD.items():
        if name in defaults:
            yield f"{CUSTOMER}{variable}"
    yield from (f"{CUSTOMER}Attributes.{name}" for name in defaults.get("custom", {}))
