"""Ticks: schedules whose moment has come are carried out."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from ministack.core.responses import request_scope
from ministack.services import scheduler

from local_cloud import patching
from local_cloud.scheduler import targets
from local_cloud.scheduler.expressions import At, Expression, parse
from local_cloud.scheduler.requests import PROGRESS

_Record = dict[str, Any]
_INTERVAL_SECONDS: Final = 0.2
# After a pause of the cloud a recurring schedule goes on, it does not catch up.
_MOST_LATE_SECONDS: Final = 1.0

log = logging.getLogger("local_cloud.scheduler")


def install(time_factor: Callable[[], float]) -> None:
    """Carry out schedules.

    Parameters
    ----------
    time_factor
        Tells how many times faster the time from a schedule's last change, or from its last moment, passes.
    """
    patching.guard("schedules follow the time factor", scheduler, "_ticker_loop", "_SCHEDULE_TICK_INTERVAL")
    scheduler._SCHEDULE_TICK_INTERVAL = _INTERVAL_SECONDS
    patching.replace(
        "schedules follow the time factor",
        scheduler,
        "_tick_schedules",
        "_schedule_last_fired",
        by=lambda _: lambda: _tick(time_factor()),
    )


def _tick(factor: float) -> None:
    for key, record in list(scheduler._schedules._data.items()):
        account, region, _ = key
        if record["State"] != "ENABLED":
            continue
        with request_scope(account, region):
            try:
                _look_at(key, record, factor)
            except Exception:
                log.exception("%s failed", record["Arn"])


def _look_at(key: tuple[str, str, str], record: _Record, factor: float) -> None:
    """Carry out a schedule if it is due, and delete it if it has come for the last time."""
    expression = parse(record["ScheduleExpression"], record["ScheduleExpressionTimezone"])
    changed = float(record["LastModificationDate"])
    progress = record.get(PROGRESS) or {"moment": None, "at": changed}
    moment = _next(expression, record, progress["moment"], changed)
    if moment is None:
        if record["ActionAfterCompletion"] == "DELETE":
            _delete(key, record)
        return
    since = changed if progress["moment"] is None else progress["moment"]
    now, due = time.time(), progress["at"] + (moment.timestamp() - since) / factor
    # What lies in the past already comes at once (reading).
    if now < due or scheduler._schedules._data.get(key) is not record:
        return
    record[PROGRESS] = {"moment": moment.timestamp(), "at": max(due, now - _MOST_LATE_SECONDS)}
    targets.invoke(record, moment)


def _next(expression: Expression, record: _Record, last: float | None, changed: float) -> datetime | None:
    after = None if last is None else datetime.fromtimestamp(last, UTC)
    if isinstance(expression, At):
        return expression.following(after, datetime.fromtimestamp(changed, UTC))
    # Start and end are for recurring schedules only (Scheduler API reference, CreateSchedule).
    start, end = (scheduler._to_epoch(record.get(name)) for name in ("StartDate", "EndDate"))
    found = expression.following(after, datetime.fromtimestamp(max(changed, start or 0.0), UTC))
    return None if found is None or (end is not None and found.timestamp() > end) else found


def _delete(key: tuple[str, str, str], record: _Record) -> None:
    if scheduler._schedules._data.get(key) is record:
        del scheduler._schedules._data[key]
