"""Requests that make and change schedules: what AWS refuses, and lists that come in pages."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from ministack.services import scheduler

from local_cloud import callers, patching, service_roles
from local_cloud.refusals import Refusal, refusals
from local_cloud.scheduler import expressions
from local_cloud.scheduler.targets import PRINCIPAL, group_arn, is_known

_Body = Mapping[str, Any]
_Response = tuple[int, dict[str, str], bytes]
_NAME: Final = re.compile(r"[0-9a-zA-Z_.-]{1,64}")
_LARGEST_PAGE: Final = 100
# What the ticks keep in MiniStack's record, so that it is saved with it.
PROGRESS: Final = "LocalCloudProgress"


def install() -> None:
    """Change how schedules are made and read."""
    patching.replace("schedules are checked", scheduler, "_create_schedule", "ConflictException", by=_checking)
    patching.replace("schedules are checked", scheduler, "_update_schedule", "LastModificationDate", by=_checking)
    patching.replace("progress is not told", scheduler, "_get_schedule", "if v is not None", by=_getting)
    patching.replace("lists come in pages", scheduler, "_list_schedules", "results[:max_results]", by=_listing)


def _checking(write: Callable[[str, _Body], _Response]) -> Callable[[str, _Body], _Response]:
    def write_schedule(name: str, body: _Body) -> _Response:
        return _problem(name, body) or write(name, body)

    return write_schedule


def _problem(name: str, body: _Body) -> _Response | None:
    if not _NAME.fullmatch(name):
        return _invalid(f"Value '{name}' at 'name' failed to satisfy constraint: up to 64 of 0-9 a-z A-Z - _ .")
    mode = (body.get("FlexibleTimeWindow") or {}).get("Mode")
    if mode not in {"OFF", "FLEXIBLE"}:
        return _invalid("Value at 'flexibleTimeWindow.mode' failed to satisfy constraint: OFF or FLEXIBLE")
    try:
        expressions.parse(str(body.get("ScheduleExpression")), body.get("ScheduleExpressionTimezone") or "UTC")
    except expressions.ExpressionError as error:
        return _invalid(str(error))
    target = body.get("Target") or {}
    if not is_known(str(target.get("Arn"))):
        return _invalid(
            f"Provided Arn is not in correct format, or of a target that is not served: {target.get('Arn')}"
        )
    return _role_problem(str(target.get("RoleArn")), group_arn(body.get("GroupName") or "default"))


def _role_problem(role: str, group: str) -> _Response | None:
    passing = callers.refusal("iam:PassRole", role, {"iam:passedtoservice": PRINCIPAL})
    if passing:
        refused: _Response = scheduler._error(403, "AccessDeniedException", passing)
        return refused
    reason = service_roles.unusable(role, PRINCIPAL, group)
    if reason:
        refusals.add(Refusal(role, "sts:AssumeRole", group, reason))
        return _invalid("The execution role you provide must allow AWS EventBridge Scheduler to assume the role.")
    return None


def _getting(get: Callable[..., _Response]) -> Callable[..., _Response]:
    def get_schedule(name: str, query: Mapping[str, str]) -> _Response:
        status, headers, body = get(name, query)
        document = json.loads(body)
        document.pop(PROGRESS, None)
        return status, headers, json.dumps(document).encode()

    return get_schedule


def _listing(list_all: Callable[[Mapping[str, str]], _Response]) -> Callable[[Mapping[str, str]], _Response]:
    def list_schedules(query: Mapping[str, str]) -> _Response:
        most = int(query.get("MaxResults", _LARGEST_PAGE))
        if not 1 <= most <= _LARGEST_PAGE:
            return _invalid(
                f"Value '{most}' at 'maxResults' failed to satisfy constraint: between 1 and {_LARGEST_PAGE}"
            )
        # MiniStack knows one page only; this one is long enough.
        everything = {**query, "MaxResults": str(len(scheduler._schedules) + 1)}
        status, headers, body = list_all(everything)
        found = sorted(json.loads(body)["Schedules"], key=lambda one: (one["GroupName"], one["Name"]))
        start = int(query.get("NextToken") or 0)
        answer: dict[str, Any] = {"Schedules": found[start : start + most]}
        if start + most < len(found):
            answer["NextToken"] = str(start + most)
        return status, headers, json.dumps(answer).encode()

    return list_schedules


def _invalid(message: str) -> _Response:
    refused: _Response = scheduler._error(400, "ValidationException", message)
    return refused
