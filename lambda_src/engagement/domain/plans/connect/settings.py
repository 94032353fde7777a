"""What the platform team lets plans reach on Amazon Connect."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engagement.domain.plans.faults import Fault, Path
from engagement.domain.plans.model import Channel

_ARN = re.compile(r"arn:[a-zA-Z0-9-]+:[a-zA-Z0-9-]+:[a-z]{2}-[a-z]+-\d{1,2}:[a-zA-Z0-9-]+:[^:\s]+(:[^:\s]+)?", re.ASCII)
_ARN_LENGTH = 500
_FLOW = re.compile(r"arn:[^:]+:connect:[^:]+:[^:]+:instance/[^/:]+/contact-flow/[^/:]+:[^/:]+")
_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_ADDRESS_LENGTH = 255
_FIELDS = (
    "templates",
    "template_prefix",
    "campaign_flow_arn",
    "campaign_flow_prefix",
    "senders",
    "profile_attributes",
)
_A_FLOW = "the ARN of a version of a flow, which ends in :1 or the like"


@dataclass(frozen=True, slots=True)
class Template:
    """A stored message.

    Parameters
    ----------
    arn
        Its ARN in Amazon Q in Connect, with its version.
    campaign_flow_arn
        The version of the campaign flow that sends it; empty if there is none.
    """

    arn: str
    campaign_flow_arn: str = ""

    @property
    def instance_arn(self) -> str:
        """The instance that has the flow."""
        return self.campaign_flow_arn.partition("/contact-flow/")[0]


@dataclass(frozen=True, slots=True)
class ConnectSettings:
    """Settings that hold for all plans.

    Parameters
    ----------
    templates
        By the name that plans use.
    senders
        The e-mail address, and the ARN of the phone number, that send; a channel without one cannot.
    profile_attributes
        User attributes that profiles have.
    """

    templates: Mapping[str, Template] = field(default_factory=dict)
    senders: Mapping[Channel, str] = field(default_factory=dict)
    profile_attributes: frozenset[str] = frozenset()

    @classmethod
    def parse(cls, document: object, where: Path, faults: list[Fault]) -> ConnectSettings:
        """Read settings that a person or Terraform wrote; null is as good as nothing.

        Parameters
        ----------
        where
            The way to the document.
        faults
            Gets what is wrong with it.
        """
        fields = _Object.read(document, where, faults, _FIELDS)
        shared = _Shared.read(fields)
        senders = _Object.read(fields.value("senders", {}), (*where, "senders"), faults, tuple(_SENDERS))
        return cls(
            templates={
                str(name): shared.template(template, (*where, "templates", name), faults)
                for name, template in fields.mapping("templates").items()
            },
            senders={
                channel: text
                for key, (channel, test, expected) in _SENDERS.items()
                if (text := senders.text(key, test, expected))
            },
            profile_attributes=frozenset(fields.texts("profile_attributes")),
        )


@dataclass(frozen=True, slots=True)
class _Shared:
    """What templates have in common, said once: all settings must fit a function's environment."""

    template_prefix: str
    flow_prefix: str
    campaign_flow_arn: str

    @classmethod
    def read(cls, fields: _Object) -> _Shared:
        beginning = "the beginning of an ARN, up to a slash"
        template_prefix, flow_prefix = (
            fields.text(key, _is_prefix, beginning) for key in ("template_prefix", "campaign_flow_prefix")
        )
        return cls(template_prefix, flow_prefix, _flow(fields, flow_prefix))

    def template(self, document: object, where: Path, faults: list[Fault]) -> Template:
        fields = _Object.read(document, where, faults, ("arn", "campaign_flow_arn"))
        if not fields.value("arn", ""):
            faults.append(Fault((*where, "arn"), "missing", "Write the ARN of the message template"))
        arn = fields.arn("arn", self.template_prefix, _is_arn, "an ARN, or what follows template_prefix in it")
        return Template(arn, _flow(fields, self.flow_prefix) or self.campaign_flow_arn)


def _flow(fields: _Object, prefix: str) -> str:
    return fields.arn("campaign_flow_arn", prefix, _is_flow, _A_FLOW)


@dataclass(frozen=True, slots=True)
class _Object:
    """An object of the settings; what is wrong with it goes to the faults."""

    document: Mapping[str, Any]
    where: Path
    faults: list[Fault]

    @classmethod
    def read(cls, document: object, where: Path, faults: list[Fault], keys: tuple[str, ...]) -> _Object:
        known = ", ".join(keys)
        if not isinstance(document, dict):
            faults.append(Fault(where, "must be an object", f"Write an object with any of {known}"))
            return cls({}, where, faults)
        faults += [Fault((*where, key), "unknown key", f"Use {known}") for key in document if key not in keys]
        return cls(document, where, faults)

    def value(self, key: str, default: object) -> Any:  # noqa: ANN401 (JSON)
        value = self.document.get(key)
        return default if value is None else value

    def mapping(self, key: str) -> Mapping[str, Any]:
        value = self.value(key, {})
        if isinstance(value, dict):
            return value
        self._wrong(key, "an object of templates by name")
        return {}

    def texts(self, key: str) -> list[str]:
        value = self.value(key, [])
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return value
        self._wrong(key, "a list of texts")
        return []

    def text(self, key: str, test: Callable[[str], bool], expected: str) -> str:
        value = self.value(key, "")
        if isinstance(value, str) and (not value or test(value)):
            return value
        self._wrong(key, expected)
        return ""

    def arn(self, key: str, prefix: str, test: Callable[[str], bool], expected: str) -> str:
        """An ARN, of which only what follows the prefix may be written."""

        def whole(text: str) -> str:
            return prefix + text if text and not text.startswith("arn:") else text

        return whole(self.text(key, lambda text: test(whole(text)), expected))

    def _wrong(self, key: str, expected: str) -> None:
        self.faults.append(Fault((*self.where, key), f"must be {expected}", "Mend it in the settings"))


def _is_arn(text: str) -> bool:
    return len(text) <= _ARN_LENGTH and _ARN.fullmatch(text) is not None


def _is_flow(text: str) -> bool:
    return _is_arn(text) and _FLOW.fullmatch(text) is not None


def _is_prefix(text: str) -> bool:
    return _is_arn(text) and text.endswith("/")


def _is_address(text: str) -> bool:
    return len(text) <= _ADDRESS_LENGTH and _ADDRESS.fullmatch(text) is not None


_SENDERS: Mapping[str, tuple[Channel, Callable[[str], bool], str]] = {
    "email": (Channel.EMAIL, _is_address, "an e-mail address"),
    "sms": (Channel.SMS, _is_arn, "the ARN of a phone number"),
}
