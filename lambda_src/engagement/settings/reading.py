"""How variables are read: a table says how each is, and a class of settings which there are."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any, ClassVar, Self, TypeVar, cast

T = TypeVar("T")

Variable = tuple[Callable[[str], Any], str]
"""How a variable is read, with a ValueError if it cannot be, and what it is expected to be."""


class SettingsError(ValueError):
    """The environment is not complete or not valid; the text lists every variable at fault."""


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


SHARED: Mapping[str, Variable] = {
    "pinpoint_application_id": (text, "ID of the Pinpoint project"),
    "ledger_table": (text, "name of the ledger table"),
    "stamp_queue_url": (text, "URL of the stamp queue"),
    "run_retention_days": (positive(int), "a whole number of days above 0"),
    "maximum_concurrency": (positive(int), "a whole number above 0"),
}
"""Variables of several functions, by the names of their fields."""


class Settings:
    """Settings of a function, as a dataclass: its fields have the variables' names in lower case.

    Attributes
    ----------
    variables
        How each variable is read; a table may serve several classes.
    """

    __slots__ = ()
    variables: ClassVar[Mapping[str, Variable]]

    @classmethod
    def parse(cls, environment: Mapping[str, str]) -> Self:
        """Read the variables.

        Raises
        ------
        SettingsError
            Variables are missing or malformed.
        """
        kind = cast("Any", cls)
        values: dict[str, Any] = {}
        errors: list[str] = []
        for field in fields(kind):
            name = field.name.upper()
            parse, expected = cls.variables[field.name]
            try:
                values[field.name] = parse(environment[name])
            except KeyError:
                errors.append(f"{name}: missing; set it to {expected}")
            except ValueError:
                errors.append(f"{name}: not {expected}")
        if errors:
            raise SettingsError("; ".join(errors))
        return cast("Self", kind(**values))
