"""The clock of the monitoring: metrics are published and alarms evaluated, again and again."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from typing import Any, Final

from ministack.services import apigateway_v1 as records

from local_cloud.apigateway.exchange import Answer, Exchange
from local_cloud.monitoring import embedded, functions, machines
from local_cloud.monitoring.alarms import Alarms
from local_cloud.monitoring.apis import ApiMetrics
from local_cloud.monitoring.queues import QueueMetrics

_DEFAULTS: Final[Mapping[str, float]] = {"interval_seconds": 1.0, "period_factor": 60.0}

log = logging.getLogger("local_cloud.monitoring")


class MonitorError(ValueError):
    """Settings that cannot be taken over; those in force stay."""


class Monitor:
    """Publishes metrics and evaluates alarms."""

    def __init__(self) -> None:
        self._settings = dict(_DEFAULTS)
        self._queues = QueueMetrics()
        self._apis = ApiMetrics()
        self._alarms = Alarms(lambda: self._settings["period_factor"])

    @property
    def settings(self) -> dict[str, float]:
        """`interval_seconds` between publications, and `period_factor`: by how much an alarm's period is shorter."""
        return dict(self._settings)

    def configure(self, document: Mapping[str, Any]) -> dict[str, float]:
        """Change settings.

        Parameters
        ----------
        document
            Those to change.

        Returns
        -------
        dict
            All settings.

        Raises
        ------
        MonitorError
            If one is unknown or not a positive number.
        """
        if not isinstance(document, Mapping):
            raise MonitorError("the settings must be an object")
        for name, value in document.items():
            if name not in _DEFAULTS:
                raise MonitorError(f"{name} must be one of {', '.join(_DEFAULTS)}")
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not value > 0:
                raise MonitorError(f"{name} must be a number above 0")
        self._settings.update({name: float(value) for name, value in document.items()})
        return self.settings

    def install(self) -> None:
        """Change MiniStack's SQS, Lambda, Step Functions, CloudWatch and CloudWatch Logs."""
        self._queues.install()
        self._alarms.install()
        embedded.install()
        functions.install()
        machines.install()

    def observe(self, exchange: Exchange, answer: Answer) -> None:
        """Count an answer of an API.

        Parameters
        ----------
        exchange
            The request.
        answer
            What was answered.
        """
        api = records._rest_apis.get_scoped(exchange.account, exchange.region, exchange.api_id) or {}
        self._apis.count(
            exchange.account,
            exchange.region,
            str(api.get("name")),
            exchange.stage_name,
            status=answer.status,
            seconds=time.time() - exchange.time,
        )

    async def run(self) -> None:
        """Publish and evaluate until cancelled."""
        while True:
            await asyncio.sleep(self._settings["interval_seconds"])
            try:
                self._queues.publish(self._settings["period_factor"])
                self._apis.publish()
                self._alarms.evaluate()
            except Exception:
                log.exception("metrics were not published")
