"""Permissions for the scheduler's own actions: MiniStack does not know the group of a schedule."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import unquote

from ministack.core import iam_actions

from local_cloud import patching

_SCHEDULE: Final = re.compile(r"/schedules/([^/]+)")
_TAGS: Final = "/tags/"


def install() -> None:
    """Name the resources as AWS does."""
    patching.replace(
        "schedules have groups", iam_actions, "extract_resource_arn", "schedule/default/{parts[si + 1]}", by=_extracting
    )


def _extracting(extract: Callable[..., str]) -> Callable[..., str]:
    def extract_resource_arn(
        service: str,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes,
        query_params: Mapping[str, Any],
        region: str,
        account_id: str,
    ) -> str:
        prefix = f"arn:aws:scheduler:{region}:{account_id}:schedule"
        found = _SCHEDULE.fullmatch(path)
        if service != "scheduler":
            return extract(service, method, path, headers, body, query_params, region, account_id)
        if found:
            return f"{prefix}/{_group(body, query_params)}/{found[1]}"
        if path.startswith(_TAGS):
            return unquote(path.removeprefix(_TAGS))
        if path == "/schedules":
            # A list is not narrowed by its group.
            return f"{prefix}/*/*"
        name = path.removeprefix("/schedule-groups").strip("/") or "*"
        return f"{prefix}-group/{name}"

    return extract_resource_arn


def _group(body: bytes, query_params: Mapping[str, Any]) -> str:
    given = query_params.get("groupName")
    if given:
        return str(given[0] if isinstance(given, list) else given)
    try:
        return str(json.loads(body or b"{}").get("GroupName") or "default")
    except (ValueError, AttributeError):
        return "default"
