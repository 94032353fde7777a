"""Rendering mapping templates: Apache Velocity 1.7 as API Gateway runs it.

The engine is airspeed-ext, corrected where it differs from the real one; `tests/local_cloud/golden` holds what the
real one printed.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Mapping
from typing import Any, Final

import airspeed
from airspeed import operators

from local_cloud import patching
from local_cloud.apigateway import velocity

# API Gateway quotas: iterations of a #foreach in a mapping template.
_MOST_ITERATIONS: Final = 1_000


class TemplateError(Exception):
    """A template that cannot be parsed or rendered."""


@functools.lru_cache(maxsize=256)
def parse(source: str) -> airspeed.Template:
    """Parse a template.

    Parameters
    ----------
    source
        The template.

    Returns
    -------
    airspeed.Template
        The parsed template; the same text is parsed once.

    Raises
    ------
    TemplateError
        If it is not a template.
    """
    template = airspeed.Template(source, "mapping template")
    try:
        template.ensure_compiled()
    except (airspeed.TemplateError, operators.NoMatch) as error:
        raise TemplateError(str(error)) from error
    return template


def render(source: str, variables: Mapping[str, Any]) -> str:
    """Render a template.

    Parameters
    ----------
    source
        The template.
    variables
        `input`, `util`, `context` and `stageVariables`.

    Returns
    -------
    str
        The text; a reference to nothing is empty.

    Raises
    ------
    TemplateError
        If it is not a template, or a method in it fails, for instance because an argument is null.
    """
    if "$" not in source and "#" not in source:
        return source
    try:
        text: str = parse(source).merge(dict(variables))
    except airspeed.TemplateError as error:
        raise TemplateError(str(error)) from error
    return text


def install() -> None:
    """Correct the engine."""
    patching.replace(
        "#foreach ends after 1,000 iterations",
        operators.ForeachDirective,
        "evaluate_raw",
        "iterable = self.value.calculate(namespace, loader)",
        'localns["velocityCount"] = counter',
        by=lambda _: _evaluate_foreach,
    )
    patching.guard(
        "a value is never taken for the engine's own marker",
        operators.FormalReference,
        "evaluate_raw",
        "if value == REPLACE_FORMAL_TEXT:",
    )
    operators.REPLACE_FORMAL_TEXT = object()
    velocity.install()


def _evaluate_foreach(
    directive: Any,  # noqa: ANN401 - the engine's own object
    stream: Any,  # noqa: ANN401
    namespace: Any,  # noqa: ANN401
    loader: Any,  # noqa: ANN401
) -> None:
    values = directive.value.calculate(namespace, loader)
    if values is None:
        return
    length = len(values)
    for index, value in enumerate(itertools.islice(values, _MOST_ITERATIONS)):
        local = operators.LocalNamespace(namespace)
        local["velocityCount"] = index + 1
        local["foreach"] = {
            "index": index,
            "count": index + 1,
            "hasNext": index + 1 < length,
            "first": index == 0,
            "last": index + 1 == length,
        }
        local[directive.loop_var_name] = value
        directive.block.evaluate(stream, local, loader)
