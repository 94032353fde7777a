"""Definitions in Amazon States Language, as far as the local cloud runs them: JSONPath, no Map and no Parallel."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ministack.services import stepfunctions

_SCHEMA: Final = "SCHEMA_VALIDATION_FAILED"
_TARGET: Final = "MISSING_TRANSITION_TARGET"
_TOP: Final = frozenset({"Comment", "QueryLanguage", "StartAt", "States", "TimeoutSeconds", "Version"})
_EVERY: Final = frozenset({"Comment", "InputPath", "OutputPath", "QueryLanguage", "Type"})
_GOES_ON: Final = frozenset({"End", "Next"})
_WAITS: Final = ("Seconds", "SecondsPath", "Timestamp", "TimestampPath")
_FIELDS: Final[Mapping[str, frozenset[str]]] = {
    "Choice": _EVERY | {"Choices", "Default"},
    "Fail": frozenset({"Cause", "CausePath", "Comment", "Error", "ErrorPath", "QueryLanguage", "Type"}),
    "Pass": _EVERY | _GOES_ON | {"Parameters", "Result", "ResultPath"},
    "Succeed": _EVERY,
    "Task": _EVERY
    | _GOES_ON
    | {"Catch", "Credentials", "HeartbeatSeconds", "Parameters", "Resource", "ResultPath", "ResultSelector", "Retry"}
    | {"TimeoutSeconds"},
    "Wait": _EVERY | _GOES_ON | set(_WAITS),
}
_PATHS: Final = ("CausePath", "ErrorPath", "InputPath", "OutputPath", "ResultPath", "SecondsPath", "TimestampPath")
_RETRIER: Final = frozenset(
    {"BackoffRate", "Comment", "ErrorEquals", "IntervalSeconds", "JitterStrategy", "MaxAttempts", "MaxDelaySeconds"}
)
_CATCHER: Final = frozenset({"Comment", "ErrorEquals", "Next", "ResultPath"})
# Quotas: the names of states, the text of a definition, and what a retrier may wait.
_LONGEST_NAME: Final = 80
_MOST_BYTES: Final = 1_048_576
_MOST_DELAY_SECONDS: Final = 31_622_400


@dataclass(frozen=True)
class Fault:
    """What is wrong with a definition, and where."""

    message: str
    location: str
    code: str = _SCHEMA

    def __str__(self) -> str:
        """As AWS writes it."""
        return f"{self.code}: {self.message} at {self.location}"


def faults(text: str) -> list[Fault]:
    """Tell what is wrong with a definition.

    Parameters
    ----------
    text
        JSON.

    Returns
    -------
    list
        Faults, empty if there are none.
    """
    try:
        document = json.loads(text)
    except ValueError:
        return [Fault("The definition is not valid JSON", "/", "INVALID_JSON_DESCRIPTION")]
    if not isinstance(document, dict) or not isinstance(document.get("States"), dict):
        return [Fault("A definition is an object with States", "/")]
    if len(text.encode()) > _MOST_BYTES:
        return [Fault(f"A definition has at most {_MOST_BYTES} bytes", "/")]
    return [*_top(document), *_states(document["States"]), *_targets(document)]


def _top(document: Mapping[str, Any]) -> Iterator[Fault]:
    yield from _unknown(document, _TOP, "")
    if document.get("QueryLanguage", "JSONPath") != "JSONPath":
        yield Fault("The local cloud has JSONPath only", "/QueryLanguage")
    if document.get("Version", "1.0") != "1.0":
        yield Fault("The version must be 1.0", "/Version")
    yield from _whole(document, "TimeoutSeconds", "", least=1)


def _states(states: Mapping[str, Any]) -> Iterator[Fault]:
    for name, state in states.items():
        where = f"/States/{name}"
        kind = str(state.get("Type")) if isinstance(state, dict) else ""
        if kind not in _FIELDS:
            yield Fault(f"Type must be one of {', '.join(_FIELDS)}", f"{where}/Type")
            continue
        if len(name) > _LONGEST_NAME:
            yield Fault(f"A state's name has at most {_LONGEST_NAME} characters", where)
        yield from _unknown(state, _FIELDS[kind], where)
        yield from _paths(state, where)
        if "Next" in _FIELDS[kind] and ("Next" in state) == (state.get("End") is True):
            yield Fault("A state has either Next or End", where)
        check = {"Choice": _choice, "Task": _task, "Wait": _wait}.get(kind)
        yield from check(state, where) if check else ()


def _choice(state: Mapping[str, Any], where: str) -> Iterator[Fault]:
    choices = state.get("Choices")
    if not isinstance(choices, list) or not choices:
        yield Fault("Choices must be a list that is not empty", f"{where}/Choices")
        return
    for number, rule in enumerate(choices):
        if "Next" not in rule:
            yield Fault("A choice has Next", f"{where}/Choices[{number}]")
        yield from _rule(rule, f"{where}/Choices[{number}]")


def _rule(rule: Mapping[str, Any], where: str) -> Iterator[Fault]:
    operators = set(rule) - {"Comment", "Next", "Variable"}
    if len(operators) != 1:
        yield Fault("A rule has exactly one comparison", where)
        return
    operator = operators.pop()
    if operator in {"And", "Or"}:
        for number, inner in enumerate(rule[operator]):
            yield from _rule(inner, f"{where}/{operator}[{number}]")
    elif operator == "Not":
        yield from _rule(rule["Not"], f"{where}/Not")
    elif not _is_path(rule.get("Variable")):
        yield Fault("Variable must be a path", f"{where}/Variable")
    elif not _is_operator(operator):
        yield Fault(f"{operator} is not a comparison", where)


def _is_operator(name: str) -> bool:
    plain = name.removesuffix("Path") if not name.startswith("Is") else name
    if plain in {"IsBoolean", "IsNull", "IsNumeric", "IsPresent", "IsString", "IsTimestamp", "StringMatches"}:
        return True
    kinds = ("Boolean", "Numeric", "String", "Timestamp")
    kind = next((kind for kind in kinds if plain.startswith(kind)), "")
    comparisons = {"Equals", "GreaterThan", "GreaterThanEquals", "LessThan", "LessThanEquals"}
    return bool(kind) and plain.removeprefix(kind) in ({"Equals"} if kind == "Boolean" else comparisons)


def _wait(state: Mapping[str, Any], where: str) -> Iterator[Fault]:
    if sum(field in state for field in _WAITS) != 1:
        yield Fault(f"A wait has exactly one of {', '.join(_WAITS)}", where)
    yield from _whole(state, "Seconds", where, least=0)


def _task(state: Mapping[str, Any], where: str) -> Iterator[Fault]:
    if not str(state.get("Resource", "")).startswith("arn:"):
        yield Fault("Resource must be an ARN", f"{where}/Resource")
    yield from _whole(state, "TimeoutSeconds", where, least=1)
    yield from _whole(state, "HeartbeatSeconds", where, least=1)
    yield from _template(state.get("Parameters"), f"{where}/Parameters")
    yield from _template(state.get("ResultSelector"), f"{where}/ResultSelector")
    for field, known in (("Retry", _RETRIER), ("Catch", _CATCHER)):
        entries = state.get(field, [])
        for number, entry in enumerate(entries):
            place = f"{where}/{field}[{number}]"
            yield from _unknown(entry, known, place)
            yield from _errors(entry.get("ErrorEquals"), place, last=number == len(entries) - 1)
            yield from (_retrier if field == "Retry" else _catcher)(entry, place)


def _errors(names: object, where: str, *, last: bool) -> Iterator[Fault]:
    if not isinstance(names, list) or not names:
        yield Fault("ErrorEquals must be a list that is not empty", f"{where}/ErrorEquals")
    elif "States.ALL" in names and not (last and len(names) == 1):
        yield Fault("States.ALL must stand alone and last", f"{where}/ErrorEquals")


def _retrier(entry: Mapping[str, Any], where: str) -> Iterator[Fault]:
    yield from _whole(entry, "IntervalSeconds", where, least=1)
    yield from _whole(entry, "MaxAttempts", where, least=0)
    if not entry.get("BackoffRate", 1) >= 1:
        yield Fault("BackoffRate must be 1 or more", f"{where}/BackoffRate")
    longest = entry.get("MaxDelaySeconds")
    if longest is not None and not entry.get("IntervalSeconds", 1) < longest < _MOST_DELAY_SECONDS:
        yield Fault("MaxDelaySeconds must be greater than IntervalSeconds", f"{where}/MaxDelaySeconds")
    if entry.get("JitterStrategy", "NONE") not in {"FULL", "NONE"}:
        yield Fault("JitterStrategy must be FULL or NONE", f"{where}/JitterStrategy")


def _catcher(entry: Mapping[str, Any], where: str) -> Iterator[Fault]:
    if "Next" not in entry:
        yield Fault("A catcher has Next", where)
    yield from _paths(entry, where)


def _template(template: object, where: str) -> Iterator[Fault]:
    if isinstance(template, Mapping):
        for key, value in template.items():
            if key.endswith(".$") and not (_is_path(value) or str(value).startswith("States.")):
                yield Fault("The value of a field whose name ends in .$ must be a path", f"{where}/{key}")
            yield from _template(value, f"{where}/{key}")


def _targets(document: Mapping[str, Any]) -> Iterator[Fault]:
    """Every state that is named exists, and every state is named."""
    states, reached, ahead = document["States"], set[str](), [(str(document.get("StartAt")), "/StartAt")]
    while ahead:
        name, where = ahead.pop()
        if name not in states:
            yield Fault(f"Missing 'Next' target: {name}", where, _TARGET)
        elif name not in reached:
            reached.add(name)
            ahead += [(target, f"/States/{name}") for target in _following(states[name])]
    for name in states:
        if name not in reached:
            yield Fault(f"State '{name}' is not reachable.", f"/States/{name}", _TARGET)


def _following(state: Mapping[str, Any]) -> list[str]:
    named: Sequence[Any] = [*state.get("Choices", []), *state.get("Catch", [])]
    targets = [str(entry["Next"]) for entry in [state, *named] if "Next" in entry]
    return [*targets, str(state["Default"])] if "Default" in state else targets


def _paths(state: Mapping[str, Any], where: str) -> Iterator[Fault]:
    for field in _PATHS:
        value = state.get(field)
        if (
            value is not None
            and not _is_path(value)
            and not (field in {"CausePath", "ErrorPath"} and "States." in value)
        ):
            yield Fault("A path starts with $", f"{where}/{field}")


def _is_path(value: object) -> bool:
    if not isinstance(value, str) or not value.startswith("$"):
        return False
    return stepfunctions._parse_jsonpath_tokens(value[1:] if value.startswith("$$") else value) is not None


def _unknown(document: Mapping[str, Any], known: frozenset[str], where: str) -> Iterator[Fault]:
    for field in sorted(set(document) - known):
        yield Fault("Field is not supported", f"{where}/{field}")


def _whole(document: Mapping[str, Any], field: str, where: str, *, least: int) -> Iterator[Fault]:
    value = document.get(field, least)
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        yield Fault(f"{field} must be a whole number, {least} or more", f"{where}/{field}")
