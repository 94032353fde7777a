"""Logs and metrics: the only place that builds them."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TypeVar

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit, single_metric

_Word = TypeVar("_Word", bound=str)

logger = Logger()
metrics = Metrics()

# One line per cold start and client otherwise, of no use to anybody who operates this.
logging.getLogger("botocore").setLevel(logging.WARNING)


def count(values: Mapping[str, int]) -> None:
    """Publish counts, without dimensions but the service.

    Parameters
    ----------
    values
        Metric names with their counts; zero is published too, so that an alarm sees a healthy function.
    """
    for name, value in values.items():
        metrics.add_metric(name=name, unit=MetricUnit.Count, value=value)
    metrics.flush_metrics()


def count_by_destination(values: Mapping[_Word, Mapping[str, int]]) -> None:
    """Publish the counts of each destination, with the dimension `destination`."""
    for destination, counts in values.items():
        measured = EphemeralMetrics()
        measured.add_dimension("destination", destination)
        for name, value in counts.items():
            measured.add_metric(name=name, unit=MetricUnit.Count, value=value)
        measured.flush_metrics()


def count_by_reason(name: str, reasons: Mapping[_Word, int]) -> None:
    """Publish one metric per reason, with the dimension `reason`."""
    for reason, value in reasons.items():
        with single_metric(
            name=name, unit=MetricUnit.Count, value=value, default_dimensions={"service": metrics.service or ""}
        ) as metric:
            metric.add_dimension("reason", reason)
