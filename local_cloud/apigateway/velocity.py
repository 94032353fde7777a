"""Where the template engine takes another value for true than Velocity, and the methods of texts that it lacks."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any, Final

from airspeed import operators

from local_cloud import patching

# java.lang.String's, by name.
_TEXT_METHODS: Final[Mapping[str, Callable[..., object]]] = {
    "endsWith": str.endswith,
    "equals": operator.eq,
    "equalsIgnoreCase": lambda text, other: isinstance(other, str) and text.lower() == other.lower(),
    "indexOf": str.find,
    "isEmpty": operator.not_,
    "toLowerCase": str.lower,
    "toString": str,
    "toUpperCase": str.upper,
    "trim": lambda text: text.strip("".join(map(chr, range(33)))),
}


def install() -> None:
    """Correct the engine."""
    patching.replace(
        "null is false", operators.Condition, "calculate", "if result is None:", by=lambda _: _condition_holds
    )
    patching.replace(
        "the negation of null is true",
        operators.UnaryOperatorValue,
        "calculate",
        "return self.op(calculated_value)",
        by=lambda _: lambda value, namespace, loader: not is_true(value.value.calculate(namespace, loader)),
    )
    patching.replace(
        "an empty text is true", operators, "boolean_value", "if not variable_value:", by=lambda _: is_true
    )
    operators.__additional_methods__[str].update(_TEXT_METHODS)


def is_true(value: object) -> bool:
    """Tell what a value is worth in a condition: only null and false are false.

    Parameters
    ----------
    value
        A template's value.

    Returns
    -------
    bool
        Whether a condition holds.
    """
    return value is not None and value is not False


def _condition_holds(condition: Any, namespace: Any, loader: Any) -> bool:  # noqa: ANN401 - the engine's own objects
    return is_true(condition.expression.calculate(namespace, loader))
