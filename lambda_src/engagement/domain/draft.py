"""An event while its parameters are read."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from engagement.domain import limits
from engagement.domain.reasons import DropReason
from engagement.domain.rules import Rules

UNSET = frozenset({"", "undefined", "null", "NaN", "[object Object]"})
"""What Google Tag Manager writes for a variable that has no value."""

EVENT_ID = "event_id"

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_INFINITE = frozenset({float("inf"), float("-inf")})
_PREFIX_LENGTH = len("evat_")

# A character of a call is at most one character of the event, six bytes as JSON; keys and braces come on top.
_JSON_BYTES = 6
_ENVELOPE_BYTES = 1_024


@dataclass(slots=True)
class Draft:
    """The attributes, metrics and user attributes of an event.

    Parameters
    ----------
    rules
        What may be written.
    dropped
        Counts what is left out or changed.
    authenticated
        Whether the caller is the customer or a server.
    private
        Whether a privacy signal keeps customer data from being written.
    """

    rules: Rules
    dropped: Counter[DropReason]
    authenticated: bool
    private: bool
    attributes: dict[str, str] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)
    user_attributes: dict[str, str] = field(default_factory=dict)
    weight: int = _ENVELOPE_BYTES

    def read(self, parameter: str, value: str | None) -> None:
        """Take one parameter in, or count why not."""
        self.weight += _JSON_BYTES * (len(parameter) + len(value or ""))
        if parameter in _PLAIN:
            return
        take = _PREFIXED.get(parameter[:_PREFIX_LENGTH])
        if take is None:
            reason = DropReason.CACHE_BUSTER if parameter == "gtmcb" else DropReason.UNKNOWN_PARAMETER
            self.dropped[reason] += 1
            return
        name = parameter[_PREFIX_LENGTH:]
        unusable = _unusable(name, value)
        if dropped := unusable or take(self, name, value or ""):
            self.dropped[dropped] += 1

    def keep_first_names(self) -> None:
        """Hold the limit of names per event: the first ones by name stay, and `event_id` always has its place."""
        room = limits.NAMES_PER_EVENT - 1
        if len(self.attributes) + len(self.metrics) <= room:
            return
        names = sorted([(name, 0) for name in self.attributes] + [(name, 1) for name in self.metrics])
        for name, kind in names[room:]:
            (self.attributes, self.metrics)[kind].pop(name)
        self.dropped[DropReason.TOO_MANY_NAMES] += len(names) - room

    def _attribute(self, name: str, value: str) -> DropReason | None:
        if name == EVENT_ID or not self.rules.attribute_allowed(name):
            return DropReason.ATTRIBUTE_NOT_ALLOWED
        self.attributes[name] = kept = limits.cut(value, limits.EVENT_VALUE_LENGTH)
        return DropReason.VALUE_CUT if kept is not value else None

    def _metric(self, name: str, value: str) -> DropReason | None:
        if name == EVENT_ID or not self.rules.metric_allowed(name):
            return DropReason.METRIC_NOT_ALLOWED
        number = float(value) if _NUMBER.fullmatch(value) else float("inf")
        if number in _INFINITE:
            return DropReason.METRIC_NOT_A_NUMBER
        self.metrics[name] = number
        return None

    def _user_attribute(self, name: str, value: str) -> DropReason | None:
        if self.rules.user_attribute_reserved(name):
            return DropReason.USER_ATTRIBUTE_RESERVED
        if not self.rules.user_attribute_allowed(name, authenticated=self.authenticated):
            return DropReason.USER_ATTRIBUTE_NOT_ALLOWED
        if self.private:
            return DropReason.PRIVACY_SIGNAL
        if limits.length(value) > limits.USER_VALUE_LENGTH:
            return DropReason.USER_ATTRIBUTE_TOO_LONG
        self.user_attributes[name] = value
        return None


_PLAIN = frozenset({"event", "endpoint_id", EVENT_ID, "ts"})
_PREFIXED = {"evat_": Draft._attribute, "evme_": Draft._metric, "usat_": Draft._user_attribute}  # noqa: SLF001 (its own)


def _unusable(name: str, value: str | None) -> DropReason | None:
    if value is None:
        return DropReason.NOT_FLAT
    if value in UNSET:
        return DropReason.UNSET_VALUE
    if not name:
        return DropReason.NAME_EMPTY
    return DropReason.NAME_TOO_LONG if limits.length(name) > limits.NAME_LENGTH else None
