"""Schedules of EventBridge Scheduler that start plans at their moments."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from typing import TYPE_CHECKING

from engagement.domain.runs.keeping import Planned

if TYPE_CHECKING:
    from mypy_boto3_scheduler import EventBridgeSchedulerClient

PREFIX = "plan-"


class Schedules:
    """Schedules that write to the queue of company events, each once; other schedules of the group are left alone."""

    def __init__(self, scheduler: EventBridgeSchedulerClient, group: str, queue_arn: str, role_arn: str) -> None:
        self._scheduler = scheduler
        self._group = group
        self._queue_arn = queue_arn
        self._role_arn = role_arn

    def put(self, planned: Planned) -> None:
        """Make a schedule; one of that name is the same start."""
        try:
            self._scheduler.create_schedule(
                Name=planned.name,
                GroupName=self._group,
                ScheduleExpression=f"at({planned.at.astimezone(UTC):%Y-%m-%dT%H:%M:%S})",
                ScheduleExpressionTimezone="UTC",
                FlexibleTimeWindow={"Mode": "OFF"},
                ActionAfterCompletion="DELETE",
                Target={"Arn": self._queue_arn, "RoleArn": self._role_arn, "Input": planned.message},
            )
        except self._scheduler.exceptions.ConflictException:
            return

    def names(self) -> Iterator[str]:
        """Names of those that wait for their moment."""
        pages = self._scheduler.get_paginator("list_schedules")
        for page in pages.paginate(GroupName=self._group, NamePrefix=PREFIX):
            yield from (schedule["Name"] for schedule in page["Schedules"])

    def delete(self, name: str) -> None:
        """Remove a schedule; one that is gone is fine."""
        try:
            self._scheduler.delete_schedule(Name=name, GroupName=self._group)
        except self._scheduler.exceptions.ResourceNotFoundException:
            return
