"""Parameter mapping expressions: what AWS accepts, and what they give."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any, Final

from local_cloud.apigateway.exchange import Exchange
from local_cloud.apigateway.java import JavaMap

_STATIC: Final = r"'[^']*'"
_ANYWHERE: Final = rf"{_STATIC}|context(\.[\w-]+)+|stageVariables\.\w+"
_REQUEST_PARAMETER: Final = re.compile(r"method\.request\.(?:multivalue)?(querystring|header|path)\.([\w.$-]+)")
_REQUEST_SOURCE: Final = re.compile(rf"{_ANYWHERE}|{_REQUEST_PARAMETER.pattern}|method\.request\.body(\.[\w$.\[\]-]+)?")
_REQUEST_DESTINATION: Final = re.compile(r"integration\.request\.(querystring|header|path)\.[\w.$-]+")
_RESPONSE_SOURCE: Final = re.compile(
    rf"{_ANYWHERE}|integration\.response\.(multivalue)?header\.[\w-]+|integration\.response\.body(\.[\w$.\[\]-]+)?"
)
_RESPONSE_DESTINATION: Final = re.compile(r"method\.response\.header\.([\w-]+)")


class MappingError(Exception):
    """An expression that API Gateway does not accept."""


def check_request(destination: str, source: str, declared: Collection[str]) -> None:
    """Check a mapping of `requestParameters`.

    Parameters
    ----------
    destination, source
        The mapping.
    declared
        Parameters of the method, such as `method.request.querystring.event`.

    Raises
    ------
    MappingError
        With AWS's text.
    """
    if not _REQUEST_DESTINATION.fullmatch(destination):
        raise _invalid(f"Invalid mapping expression parameter specified: {destination}")
    if not _REQUEST_SOURCE.fullmatch(source):
        raise _invalid(f"Invalid mapping expression specified: {source}")
    parameter = _REQUEST_PARAMETER.fullmatch(source)
    if parameter and f"method.request.{parameter[1]}.{parameter[2]}" not in declared:
        raise _invalid(f"Invalid mapping expression parameter specified: {source}")


def check_response(destination: str, source: str, declared: Collection[str]) -> None:
    """Check a mapping of an integration response's `responseParameters`.

    Parameters
    ----------
    destination, source
        The mapping.
    declared
        Header names of the method response.

    Raises
    ------
    MappingError
        With AWS's text.
    """
    header = _RESPONSE_DESTINATION.fullmatch(destination)
    if header is None or header[1] not in declared:
        raise _invalid(f"Invalid mapping expression parameter specified: {destination}")
    if not _RESPONSE_SOURCE.fullmatch(source):
        raise _invalid(f"Invalid mapping expression specified: {source}")


def evaluate(source: str, exchange: Exchange, answered: Mapping[str, str] | None = None) -> str | None:
    """Compute a mapping expression.

    Parameters
    ----------
    source
        The expression.
    exchange
        The request.
    answered
        Headers of the integration's answer.

    Returns
    -------
    str or None
        None if what it refers to is absent; the mapping then does nothing.
    """
    if source.startswith("'"):
        return source[1:-1]
    root, _, rest = source.partition(".")
    if root == "context":
        return _text(_walk(exchange.context, rest))
    if root == "stageVariables":
        return exchange.stage_variables.get(rest)
    if source.startswith("integration.response.header."):
        wanted = source.removeprefix("integration.response.header.").lower()
        return next((value for name, value in (answered or {}).items() if name.lower() == wanted), None)
    if parameter := _REQUEST_PARAMETER.fullmatch(source):
        location, name = parameter.groups()
        if location == "header":
            return exchange.header(name) or None
        return (exchange.querystring if location == "querystring" else exchange.path_parameters).get(name)
    raise MappingError(f"the local cloud does not evaluate {source!r}")


def _walk(value: Any, path: str) -> Any:  # noqa: ANN401 - any value of $context
    for step in path.split("."):
        value = value.get(step) if isinstance(value, JavaMap) else None
    return value


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _invalid(error: str) -> MappingError:
    return MappingError(f"Invalid mapping expression specified: Validation Result: warnings : [], errors : [{error}]")
