"""Alarms that are evaluated as CloudWatch does: by metric with its dimensions, period by period, missing data too."""

from __future__ import annotations

import operator
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from ministack.core.responses import request_scope
from ministack.services import cloudwatch

from local_cloud import patching

_Alarm = dict[str, Any]
_COMPARE: Final[Mapping[str, tuple[Callable[[float, float], bool], str]]] = {
    "GreaterThanOrEqualToThreshold": (operator.ge, "greater than or equal to"),
    "GreaterThanThreshold": (operator.gt, "greater than"),
    "LessThanThreshold": (operator.lt, "less than"),
    "LessThanOrEqualToThreshold": (operator.le, "less than or equal to"),
}
# Points of log lines carry the lines' own time and may come in late.
_LATE_SECONDS: Final = 10.0


class Alarms:
    """Evaluates every alarm.

    Parameters
    ----------
    factor
        Returns by how much CloudWatch's time is scaled.
    """

    def __init__(self, factor: Callable[[], float]) -> None:
        self._factor = factor

    def install(self) -> None:
        """Replace MiniStack's evaluation."""
        patching.replace(
            "alarms look at their own metric",
            cloudwatch,
            "_evaluate_alarm",
            "if k_ns == ns and k_mn == mn:",
            by=lambda _: self._evaluate,
        )

    def evaluate(self) -> None:
        """Evaluate all alarms of all accounts."""
        for (account, region, _), alarm in cloudwatch._alarms.all_items():
            with request_scope(account, region):
                self._evaluate(alarm)

    def _evaluate(self, alarm: _Alarm) -> None:
        compare = _COMPARE.get(alarm.get("ComparisonOperator", ""))
        if not alarm.get("MetricName") or compare is None:
            return
        values = self._values(alarm)
        present = [value for value in values if value is not None]
        threshold = float(alarm["Threshold"])
        breaching = [value for value in present if compare[0](value, threshold)]
        needed = alarm.get("DatapointsToAlarm") or alarm["EvaluationPeriods"]
        missing = len(values) - len(present)
        treatment = alarm.get("TreatMissingData", "missing")
        state = _state(len(breaching), missing, len(present), needed, treatment)
        if state and state != alarm["StateValue"]:
            _change(alarm, state, _reason(present, breaching, state, compare[1], threshold))

    def _values(self, alarm: _Alarm) -> list[float | None]:
        """Return the statistic of each period, the latest first; None where there is no data."""
        period = alarm["Period"] / self._factor()
        periods = alarm["EvaluationPeriods"]
        now = time.time()
        by_period: list[list[Mapping[str, Any]]] = [[] for _ in range(periods)]
        dimensions = cloudwatch._dims_key(cloudwatch._dims_from_list(alarm.get("Dimensions") or []))
        key = (alarm["Namespace"], alarm["MetricName"], dimensions)
        for point in reversed(list(cloudwatch._metrics.get(key) or [])):
            age = now - point["Timestamp"]
            if age > period * periods + _LATE_SECONDS:
                break
            if 0 <= age < period * periods:
                by_period[int(age / period)].append(point)
        return [_statistic(alarm, points) for points in by_period]


def _statistic(alarm: _Alarm, points: Sequence[Mapping[str, Any]]) -> float | None:
    if not points:
        return None
    name = alarm.get("ExtendedStatistic") or alarm.get("Statistic") or "Average"
    value: float | None = cloudwatch._stat_value(cloudwatch._calc_stats(points), name, points)
    return value


def _state(breaching: int, missing: int, present: int, needed: int, treatment: str) -> str | None:
    """Return the new state; None if the alarm keeps the one it has."""
    if treatment == "breaching":
        return "ALARM" if breaching + missing >= needed else "OK"
    if treatment == "notBreaching":
        return "ALARM" if breaching >= needed else "OK"
    if not present:
        return "INSUFFICIENT_DATA" if treatment == "missing" else None
    # What is missing counts as what is there.
    return "ALARM" if breaching >= min(needed, present) else "OK"


def _reason(present: Sequence[float], breaching: Sequence[float], state: str, relation: str, threshold: float) -> str:
    if not present:
        return (
            "Insufficient Data: no datapoints were received"
            if state == "INSUFFICIENT_DATA"
            else ("Threshold Crossed: no datapoints were received and missing datapoints were treated as told")
        )
    shown = list(breaching if state == "ALARM" else present)
    when = datetime.now(UTC).strftime("%d/%m/%y %H:%M:%S")
    noun = "1 datapoint" if len(shown) == 1 else f"{len(shown)} datapoints"
    was = ("was" if len(shown) == 1 else "were") + ("" if state == "ALARM" else " not")
    values = ", ".join(f"{value} ({when})" for value in shown)
    return f"Threshold Crossed: {noun} [{values}] {was} {relation} the threshold ({threshold})."


def _change(alarm: _Alarm, state: str, reason: str) -> None:
    before = alarm["StateValue"]
    alarm.update({"StateValue": state, "StateReason": reason, "StateUpdatedTimestamp": int(time.time())})
    cloudwatch._record_history(alarm["AlarmName"], before, state, reason)
    cloudwatch._dispatch_alarm_actions(alarm, before, state, reason)
    cloudwatch._evaluate_parent_alarms(alarm)
