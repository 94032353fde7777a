"""Faults to order: which call fails next, how, and how often."""

from __future__ import annotations

import functools
import random
import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any, Final

import botocore.session

PINPOINT: Final = "pinpoint."
OUTBOUND: Final = "outbound."
CONNECT: Final = "connect."
WISDOM: Final = "wisdom."
LIST_CAMPAIGNS: Final = f"{OUTBOUND}ListCampaigns"
PUT_EVENTS: Final = f"{PINPOINT}PutEvents"
PROFILES: Final = "profiles."
PROFILE_BATCH: Final = f"{PROFILES}BatchPutProfileObject"
LIST_SEGMENTS: Final = f"{PROFILES}ListSegmentDefinitions"
SEND_MESSAGE: Final = "sqs.SendMessage"
STREAM: Final = f"{PINPOINT}stream"
STAGE: Final = "apigateway.stage"
FUNCTION_CALL: Final = "function.call"

# Services all of whose operations can fail, by the prefix of their targets: their service model, and what calls are
# matched by.
_SERVICES: Final[Mapping[str, tuple[str, frozenset[str]]]] = {
    PINPOINT: ("pinpoint", frozenset({"application_id"})),
    PROFILES: ("customer-profiles", frozenset({"domain_name"})),
    OUTBOUND: ("connectcampaignsv2", frozenset({"id"})),
    CONNECT: ("connect", frozenset({"id"})),
    WISDOM: ("qconnect", frozenset({"id"})),
}

_COMMON_KEYS: Final = frozenset({"target", "kind", "times", "skip", "probability", "match"})
_ITEM_MATCH: Final = frozenset({"application_id", "endpoint_id", "event_id", "event_type"})
_OBJECT_MATCH: Final = frozenset({"domain_name", "object_type_name", "object"})
_RECORD_MATCH: Final = frozenset({"application_id", "endpoint_id", "event_type"})


class FaultRuleError(ValueError):
    """A rule that cannot be understood; nothing of the list it came in was taken over."""


@dataclass(frozen=True)
class Fault:
    """One failure that happens now.

    Attributes
    ----------
    target, kind
        What fails and how, as in the rule.
    status
        HTTP status (`error`, `refuse`) or status or code of the item (`item`).
    code
        Error code (`refuse`).
    part
        Which half of a batch item fails: `event` or `endpoint` (`item`).
    seconds
        Extra delay (`slow`), silence before the connection closes (`hang`), how old what is listed must be (`lag`), or
        how much later a record comes (`late`).
    processed
        Whether the call takes effect although the caller learns nothing of it (`error`, `cut`, `hang`, `kill`).
    """

    target: str
    kind: str
    status: int = 500
    code: str = "ServiceUnavailable"
    part: str = "event"
    seconds: float = 0.0
    processed: bool = False


@dataclass(frozen=True)
class _Kind:
    """The keys that a kind understands beside the common ones; `needs` must be given."""

    options: frozenset[str] = frozenset()
    needs: frozenset[str] = frozenset()
    match: frozenset[str] = frozenset()


# What any operation of a service can do.
_CALL_KINDS: Final[Mapping[str, _Kind]] = {
    "throttle": _Kind(),
    "error": _Kind(options=frozenset({"status", "processed"})),
    "slow": _Kind(options=frozenset({"seconds"}), needs=frozenset({"seconds"})),
    "cut": _Kind(options=frozenset({"processed"})),
    "hang": _Kind(options=frozenset({"seconds", "processed"}), needs=frozenset({"seconds"})),
}
_LAG: Final = _Kind(options=frozenset({"seconds"}), needs=frozenset({"seconds"}), match=frozenset({"application_id"}))
# What only some of them can do.
_MORE_KINDS: Final[Mapping[str, Mapping[str, _Kind]]] = {
    PUT_EVENTS: {
        "item": _Kind(options=frozenset({"status", "part"}), match=_ITEM_MATCH),
        "reject_call": _Kind(match=_ITEM_MATCH),
    },
    PROFILE_BATCH: {"item": _Kind(options=frozenset({"status"}), match=_OBJECT_MATCH)},
    f"{PINPOINT}GetCampaigns": {"lag": _LAG},
    f"{PINPOINT}GetSegments": {"lag": _LAG},
    LIST_SEGMENTS: {"lag": replace(_LAG, match=frozenset({"domain_name"}))},
    LIST_CAMPAIGNS: {"lag": replace(_LAG, match=frozenset())},
}
# Everything else that can fail.
_OTHERS: Final[Mapping[str, Mapping[str, _Kind]]] = {
    STREAM: {
        "double": _Kind(match=_RECORD_MATCH),
        "late": _Kind(options=frozenset({"seconds"}), needs=frozenset({"seconds"}), match=_RECORD_MATCH),
    },
    SEND_MESSAGE: {"refuse": _Kind(options=frozenset({"code", "status"}), match=frozenset({"queue"}))},
    FUNCTION_CALL: {
        "kill": _Kind(options=frozenset({"processed"}), match=frozenset({"function", "operation"})),
    },
    STAGE: {"throttle": _Kind(match=frozenset({"api", "stage"}))},
}


@dataclass
class _Rule:
    """A rule with what is left of it."""

    fault: Fault
    times: int | None
    skip: int
    probability: float
    match: Mapping[str, str]
    written: Mapping[str, Any] = field(repr=False)

    def applies(self, facts: Mapping[str, str]) -> bool:
        """Tell whether the rule is about these facts; `part` is a fact of items only."""
        if facts.get("part", self.fault.part) != self.fault.part:
            return False
        return all(name in facts and fnmatchcase(facts[name], pattern) for name, pattern in self.match.items())


class Faults:
    """The rules in force, shared by every emulated service of one process.

    Parameters
    ----------
    rules
        Rules to begin with, as in `put`.
    seed
        Seed of the draws for rules with a probability, so that a run can be repeated.
    """

    def __init__(self, rules: Sequence[Mapping[str, Any]] = (), *, seed: int = 0) -> None:
        self._lock = threading.Lock()
        self._random = random.Random(seed)
        self._rules: list[_Rule] = []
        self.put(rules)

    def put(self, rules: Sequence[Mapping[str, Any]]) -> None:
        """Replace all rules.

        Parameters
        ----------
        rules
            Each with `target`, `kind`, and optionally `times` (None: for ever), `skip` (how many times it is let go
            first), `probability`, `match` (globs) and what the kind takes. The first rule that applies wins.

        Raises
        ------
        FaultRuleError
            If any rule is faulty; the rules in force stay.
        """
        if not isinstance(rules, Sequence) or isinstance(rules, str):
            raise FaultRuleError("the rules must be a list")
        parsed = [_parse(rule, f"rules[{number}]") for number, rule in enumerate(rules)]
        with self._lock:
            self._rules = parsed

    def clear(self) -> None:
        """Remove all rules."""
        self.put([])

    def rules(self) -> list[dict[str, Any]]:
        """Return the rules in force as they were written, with what is left of `times` and `skip`."""
        with self._lock:
            return [
                {**rule.written, "times": rule.times, **({"skip": rule.skip} if "skip" in rule.written else {})}
                for rule in self._rules
            ]

    def has(self, target: str, kind: str) -> bool:
        """Tell whether any rule in force could make `target` fail in that way."""
        with self._lock:
            return any(
                rule.times != 0 and rule.fault.target == target and rule.fault.kind == kind for rule in self._rules
            )

    def take(self, target: str, *, kinds: Collection[str] | None = None, **facts: str) -> Fault | None:
        """Use up one failure of a call or item, if a rule asks for one.

        Parameters
        ----------
        target
            What is about to happen, such as `sqs.SendMessage`.
        kinds
            Only rules of these kinds; all kinds by default.
        **facts
            What the rule's `match` is compared with. A match on a fact that is not given never applies.

        Returns
        -------
        Fault or None
            The failure to act out.
        """
        return self.take_any(target, [facts], kinds=kinds)

    def take_any(
        self, target: str, candidates: Iterable[Mapping[str, str]], *, kinds: Collection[str] | None = None
    ) -> Fault | None:
        """Use up one failure of a call that holds several things, if a rule applies to at least one of them.

        Parameters
        ----------
        target
            What is about to happen.
        candidates
            The facts of each thing in the call.
        kinds
            Only rules of these kinds; all kinds by default.

        Returns
        -------
        Fault or None
            The failure to act out.
        """
        with self._lock:
            rules = [
                rule
                for rule in self._rules
                if rule.times != 0 and rule.fault.target == target and (kinds is None or rule.fault.kind in kinds)
            ]
            if not rules:
                return None
            known = list(candidates)
            for rule in rules:
                if any(rule.applies(facts) for facts in known) and self._drawn(rule):
                    if rule.skip:
                        rule.skip -= 1
                        continue
                    if rule.times is not None:
                        rule.times -= 1
                    return rule.fault
            return None

    def _drawn(self, rule: _Rule) -> bool:
        return rule.probability >= 1.0 or self._random.random() < rule.probability


def _parse(rule: object, where: str) -> _Rule:
    if not isinstance(rule, Mapping):
        raise FaultRuleError(f"{where} must be an object")
    target, name = str(rule.get("target")), str(rule.get("kind"))
    kinds = _OTHERS.get(target) or _operation_kinds(target)
    if not kinds:
        services = ", ".join(f"{prefix} and an operation" for prefix in _SERVICES)
        raise FaultRuleError(f"{where}.target must be {services}, {', '.join(_OTHERS)}")
    kind = kinds.get(name)
    if kind is None:
        raise FaultRuleError(f"{where}.kind must be one of {', '.join(kinds)} for {target}")
    if unknown := sorted(set(rule) - _COMMON_KEYS - kind.options):
        raise FaultRuleError(f"{where}.{unknown[0]} is not understood by {target} {name}")
    if missing := sorted(kind.needs - set(rule)):
        raise FaultRuleError(f"{where}.{missing[0]} is needed by {target} {name}")
    times, skip, probability = rule.get("times"), rule.get("skip", 0), rule.get("probability", 1.0)
    _check(times is None or (_is_integer(times) and times >= 0), f"{where}.times must be a whole number or null")
    _check(_is_integer(skip) and skip >= 0, f"{where}.skip must be a whole number, 0 or more")
    _check(_is_number(probability) and 0 <= probability <= 1, f"{where}.probability must be between 0 and 1")
    return _Rule(
        fault=_parse_fault(rule, where),
        times=times,
        skip=skip,
        probability=probability,
        match=_parse_match(rule.get("match", {}), kind, where),
        written=dict(rule),
    )


def _operation_kinds(target: str) -> Mapping[str, _Kind]:
    """Return how an operation of a service can fail; nothing for other targets."""
    for prefix, (model, match) in _SERVICES.items():
        if target.startswith(prefix) and target.removeprefix(prefix) in _operations(model):
            calls = {name: replace(kind, match=match) for name, kind in _CALL_KINDS.items()}
            return {**calls, **_MORE_KINDS.get(target, {})}
    return {}


@functools.cache
def _operations(model: str) -> frozenset[str]:
    return frozenset(botocore.session.get_session().get_service_model(model).operation_names)


def _parse_fault(rule: Mapping[str, Any], where: str) -> Fault:
    fault = Fault(**{name: rule[name] for name in asdict(Fault("", "")) if name in rule})
    _check(_is_integer(fault.status) and 400 <= fault.status <= 599, f"{where}.status must be between 400 and 599")
    _check(isinstance(fault.code, str) and fault.code != "", f"{where}.code must be a text")
    _check(fault.part in {"event", "endpoint"}, f"{where}.part must be event or endpoint")
    _check(_is_number(fault.seconds) and fault.seconds >= 0, f"{where}.seconds must be a number, 0 or more")
    _check(isinstance(fault.processed, bool), f"{where}.processed must be true or false")
    return fault


def _parse_match(match: object, kind: _Kind, where: str) -> Mapping[str, str]:
    if not isinstance(match, Mapping):
        raise FaultRuleError(f"{where}.match must be an object")
    for name, pattern in match.items():
        _check(name in kind.match, f"{where}.match.{name} must be one of {', '.join(sorted(kind.match))}")
        _check(isinstance(pattern, str), f"{where}.match.{name} must be a text")
    return dict(match)


def _check(valid: bool, message: str) -> None:
    if not valid:
        raise FaultRuleError(message)


def _is_integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
