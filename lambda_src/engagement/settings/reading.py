"""How variables are read."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import TypeVar

T = TypeVar("T")


class SettingsError(ValueError):
    """The environment is not complete or not valid; the text lists every variable at fault."""


class Reader:
    """Reads variables one by one and keeps the errors for the end."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._errors: list[str] = []

    def __call__(self, name: str, parse: Callable[[str], T], expected: str) -> T:
        try:
            return parse(self._environment[name])
        except KeyError:
            self._errors.append(f"{name}: missing; set it to {expected}")
        except ValueError:
            self._errors.append(f"{name}: not {expected}")
        return None  # type: ignore[return-value]  # finish() raises before anybody sees it

    def finish(self) -> None:
        if self._errors:
            raise SettingsError("; ".join(self._errors))


GLOBS = 'a JSON array of globs, e.g. ["page.*"]'


def text(value: str) -> str:
    if not value.strip():
        raise ValueError
    return value


def positive(number: Callable[[str], T]) -> Callable[[str], T]:
    def parse(value: str) -> T:
        parsed = number(value)
        if not 0 < parsed < float("inf"):  # type: ignore[operator]
            raise ValueError
        return parsed

    return parse


def globs(value: str) -> tuple[str, ...]:
    items = json.loads(value)
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise ValueError
    return tuple(items)


def boolean(value: str) -> bool:
    if value not in ("true", "false"):
        raise ValueError
    return value == "true"


def keys_arn(value: str) -> str:
    if value and not re.match(r"arn:[a-z-]+:(ssm|secretsmanager):", value):
        raise ValueError
    return value


def pattern(value: str) -> str:
    try:
        re.compile(value)
    except re.error:
        raise ValueError from None
    return value
