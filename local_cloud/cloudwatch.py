"""CloudWatch's alarms, read back completely: MiniStack's XML leaves out most of what was written."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final
from xml.sax.saxutils import escape

from ministack.services import cloudwatch

from local_cloud import patching

_Response = tuple[int, dict[str, str], bytes]
_LIST_MEMBER: Final = re.compile(r"(\w+)\.member\.\d+")


def install() -> None:
    """Complete DescribeAlarms."""
    patching.replace(
        "alarms are read back",
        cloudwatch,
        "_describe_alarms",
        "<StateReason>{a.get('StateReason','')}</StateReason>",
        by=_describing,
    )


def _describing(describe: Callable[..., _Response]) -> Callable[..., _Response]:
    def describe_alarms(
        params: Mapping[str, Any], document: Mapping[str, Any], is_cbor: object, is_json: object = None
    ) -> _Response:
        if is_cbor or is_json:
            return describe(params, document, is_cbor, is_json)
        # The JSON answer of the same request is complete.
        status, _, body = describe({}, _from_form(params), False, True)
        if status >= 400:
            return describe(params, document, is_cbor, is_json)
        result = _xml(json.loads(body))
        response: _Response = cloudwatch._xml(
            200, "DescribeAlarmsResponse", f"<DescribeAlarmsResult>{result}</DescribeAlarmsResult>"
        )
        return response

    return describe_alarms


def _from_form(params: Mapping[str, Any]) -> dict[str, Any]:
    document: dict[str, Any] = {}
    for name in params:
        value = cloudwatch._p(params, name)
        member = _LIST_MEMBER.fullmatch(name)
        if member:
            document.setdefault(member[1], []).append(value)
        else:
            document[name] = value
    return document


def _xml(value: object) -> str:
    if isinstance(value, dict):
        known = ((name, entry) for name, entry in value.items() if entry not in (None, "") and "Timestamp" not in name)
        return "".join(f"<{name}>{_xml(entry)}</{name}>" for name, entry in known)
    if isinstance(value, list):
        return "".join(f"<member>{_xml(entry)}</member>" for entry in value)
    if isinstance(value, bool):
        return str(value).lower()
    return escape(str(value))
