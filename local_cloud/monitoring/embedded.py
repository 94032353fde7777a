"""CloudWatch's embedded metric format: log lines that become metrics."""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from ministack.services import cloudwatch_logs

from local_cloud import patching
from local_cloud.monitoring import points

_MARK: Final = '"_aws"'

log = logging.getLogger("local_cloud.monitoring")


def install() -> None:
    """Read every line that is written to CloudWatch Logs."""
    patching.replace(
        "embedded metrics are read",
        cloudwatch_logs,
        "_append_log_events",
        'stream["lastIngestionTime"] = events[-1]["ingestionTime"]',
        by=_reading,
    )


def extract(line: str) -> None:
    """Store the metrics of a log line.

    Parameters
    ----------
    line
        A JSON document with `_aws.CloudWatchMetrics`; anything else is only a line.
    """
    try:
        document = json.loads(line)
        written = document["_aws"]
        for directive in written["CloudWatchMetrics"]:
            for metric in directive["Metrics"]:
                value = document.get(metric["Name"])
                values = value if isinstance(value, list) else [value]
                numbers = Counter(float(number) for number in values if isinstance(number, (int, float)))
                if not numbers:
                    continue
                for names in directive.get("Dimensions") or [[]]:
                    points.put(
                        directive["Namespace"],
                        metric["Name"],
                        {name: str(document[name]) for name in names},
                        numbers,
                        unit=metric.get("Unit", "None"),
                        moment=written["Timestamp"] / 1000,
                    )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        # AWS drops it as silently.
        log.warning("a log line with %s is not in the embedded metric format: %s: %s", _MARK, type(error), error)


def _reading(append: Callable[..., None]) -> Callable[..., None]:
    def append_log_events(stream: dict[str, Any], events: Iterable[Mapping[str, Any]]) -> None:
        append(stream, events)
        for event in events:
            if _MARK in event["message"]:
                for line in event["message"].splitlines():
                    if _MARK in line:
                        extract(line)

    return append_log_events
