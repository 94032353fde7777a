"""What a mapping template can refer to: `$input` and `$util`."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import quote_plus, unquote_plus

from local_cloud.apigateway.java import JavaMap, to_java, to_text

_PATH_STEP: Final = re.compile(r"\.([A-Za-z_][\w-]*)|\['([^']*)'\]|\[(\d+)\]")
# Apache Commons Lang 2.4, which API Gateway's $util.escapeJavaScript follows: a quote becomes \', which is not JSON.
_JAVASCRIPT_ESCAPES: Final = {
    8: "\\b",
    9: "\\t",
    10: "\\n",
    12: "\\f",
    13: "\\r",
    34: '\\"',
    39: "\\'",
    47: "\\/",
    92: "\\\\",
}


class Input:
    """`$input`: the request, or the answer of the integration.

    Parameters
    ----------
    body
        The payload as text.
    path, querystring, header
        The request's parameters, header names as the client spelled them.
    """

    def __init__(
        self, body: str, path: Mapping[str, str], querystring: Mapping[str, str], header: Mapping[str, str]
    ) -> None:
        # Recorded on AWS: an empty payload is an empty JSON object.
        self.body = body or "{}"
        self._by_location = (path, querystring, header)
        self._all = JavaMap(
            {"path": JavaMap(dict(path)), "querystring": JavaMap(dict(querystring)), "header": JavaMap(dict(header))}
        )

    def params(self, name: str | None = None) -> Any:  # noqa: ANN401 - a map or a text
        """Return all parameters by location, or one: of the path, else the query string, else the headers."""
        if name is None:
            return self._all
        return next((values[name] for values in self._by_location if name in values), "")

    def path(self, expression: str) -> Any:  # noqa: ANN401 - any JSON value
        """Return what a JSON path finds, for further use in the template."""
        return to_java(self._find(expression))

    def json(self, expression: str) -> str:
        """Return what a JSON path finds, as JSON text."""
        found = self._find(expression)
        return "" if found is None else json.dumps(found, separators=(",", ":"), ensure_ascii=False)

    def _find(self, expression: str) -> Any:  # noqa: ANN401 - any JSON value
        value = json.loads(self.body)
        steps = expression.strip().removeprefix("$")
        if _PATH_STEP.sub("", steps):
            raise ValueError(f"the local cloud does not understand the JSON path {expression!r}")
        for name, quoted, index in _PATH_STEP.findall(steps):
            try:
                value = value[int(index)] if index else value[name or quoted]
            except (KeyError, IndexError, TypeError):
                return None
        return value


class Util:
    """`$util`. Java's methods throw on null, and so do these."""

    def urlEncode(self, text: object) -> str | None:  # noqa: N802
        """Encode as `application/x-www-form-urlencoded`: a space becomes a plus sign."""
        return _on_text(text, lambda value: quote_plus(value, safe="*").replace("~", "%7E"))

    def urlDecode(self, text: object) -> str | None:  # noqa: N802
        """Undo `urlEncode`."""
        return _on_text(text, unquote_plus)

    def base64Encode(self, text: object) -> str | None:  # noqa: N802
        """Encode the UTF-8 bytes of a text."""
        return _on_text(text, lambda value: base64.b64encode(value.encode()).decode())

    def base64Decode(self, text: object) -> str | None:  # noqa: N802
        """Decode to text: bytes that are not UTF-8 are lost."""
        return _on_text(text, lambda value: base64.b64decode(value, validate=True).decode(errors="replace"))

    def escapeJavaScript(self, text: object) -> str | None:  # noqa: N802
        """Escape for a JavaScript string, which is not the same as a JSON string."""
        return _on_text(text, _escape_javascript)

    def parseJson(self, text: object) -> Any:  # noqa: N802, ANN401 - any JSON value
        """Parse a JSON text."""
        if text is None:
            raise TypeError("null argument")
        return to_java(json.loads(to_text(text)))


def _on_text(text: object, function: Callable[[str], str]) -> str | None:
    if text is None:
        raise TypeError("null argument")
    # Velocity finds no method urlEncode(Long): the reference is void, and prints nothing.
    return function(text) if isinstance(text, str) else None


def _escape_javascript(text: str) -> str:
    units = text.encode("utf-16-be", "surrogatepass")
    escaped = []
    for high, low in zip(units[::2], units[1::2], strict=True):
        unit = high << 8 | low
        plain = chr(unit) if 32 <= unit <= 127 else f"\\u{unit:04X}"
        escaped.append(_JAVASCRIPT_ESCAPES.get(unit, plain))
    return "".join(escaped)
