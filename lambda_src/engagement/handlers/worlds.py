"""What runs work with, by the destination that sends: made when the first run of it comes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache, cached_property

from engagement.adapters import clients
from engagement.adapters.connect.estimates import Estimates
from engagement.adapters.connect.snapshots import Snapshots
from engagement.adapters.crew import side_by_side
from engagement.adapters.interactions import Recorded
from engagement.adapters.ledger import Ledger
from engagement.adapters.pinpoint.entrance import Entrance
from engagement.adapters.pinpoint.exports import Exports
from engagement.adapters.services import Services
from engagement.adapters.stamps import Stamps
from engagement.adapters.stream import Stream
from engagement.adapters.versions import Versions
from engagement.domain.destinations import DestinationName
from engagement.domain.runs.call import WalkSettings, World
from engagement.domain.runs.ports import Clock, Counting, Exporting, Service, now
from engagement.domain.runs.records import Kind
from engagement.settings.runs import StepSettings


class Worlds:
    """The worlds of the destinations that are configured.

    Parameters
    ----------
    settings
        Of the step function.
    clock
        The clock of every run.
    """

    def __init__(self, settings: StepSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._dynamodb = clients.dynamodb()
        self._retention = timedelta(days=settings.run_retention_days)
        self._made: dict[DestinationName, World | None] = {}
        self._snapshots: Snapshots | None = None
        self.ledger = Ledger(self._dynamodb, settings.ledger_table, self._retention)
        self.services = Services(
            settings.pinpoint_application_id,
            settings.profiles_domain,
            settings.connect_instance_id,
            settings.ledger_table,
            clock,
        )

    def of(self, destination: DestinationName) -> World | None:
        """The world of the runs that send by a destination; None if it is not configured."""
        if destination not in self._made:
            known = destination == "pinpoint" or self._settings.plan_settings.connect is not None
            service = self.services.of(destination) if known else None
            self._made[destination] = self._world(destination, service) if service else None
        return self._made[destination]

    def take_unnamed(self) -> int:
        """How many rows of snapshots named nobody since the last time that this was asked."""
        if self._snapshots is None:
            return 0
        unnamed, self._snapshots.left_out = self._snapshots.left_out, 0
        return unnamed

    def _world(self, destination: DestinationName, service: Service) -> World:
        settings = self._settings
        counting, exporting = self._pinpoint() if destination == "pinpoint" else self._connect()
        rates = settings.rates(destination)
        return World(
            ledger=self.ledger,
            service=service,
            stamping=self._stamping,
            counting=counting,
            exporting=exporting,
            entrance=self._entrance,
            hearing=self._hearing,
            clock=self._clock,
            crew=side_by_side,
            settings=WalkSettings(
                plans=settings.plans(destination),
                rates=rates,
                launches_per_second=0.0 if destination == "pinpoint" else rates[Kind.CAMPAIGN],
                removes_campaigns=destination == "connect",
                settle=timedelta(seconds=settings.settle_seconds),
                overdue=timedelta(seconds=settings.overdue_seconds),
                maximum_audience=settings.maximum_audience,
                entry_settle=timedelta(seconds=settings.journey_settle_seconds),
                call_timeout=timedelta(seconds=settings.journey_call_timeout_seconds),
                longest_hearing=timedelta(seconds=settings.interactions_max_wait_seconds),
            ),
        )

    def _pinpoint(self) -> tuple[Counting, Exporting]:
        settings = self._settings
        exports = Exports(
            clients.pinpoint(),
            clients.s3(),
            settings.pinpoint_application_id,
            settings.export_bucket,
            settings.export_role_arn,
        )
        return exports, exports

    def _connect(self) -> tuple[Counting, Exporting]:
        settings, profiles = self._settings, clients.customer_profiles()
        self._snapshots = Snapshots(
            profiles, clients.s3(), settings.profiles_domain, settings.export_bucket, settings.snapshot_role_arn
        )
        return Estimates(profiles, settings.profiles_domain), self._snapshots

    @cached_property
    def _stamping(self) -> Stamps:
        settings = self._settings
        return Stamps(
            self._dynamodb,
            cache(clients.sqs),
            settings.ledger_table,
            settings.stamp_queue_url,
            self._retention,
            lambda: datetime.now(UTC),
            settings.destinations,
        )

    @cached_property
    def _entrance(self) -> Entrance:
        versions = Versions(self._dynamodb, self._settings.ledger_table, self._retention)
        project = self._settings.pinpoint_application_id
        return Entrance(cache(clients.pinpoint_control), project, versions, lambda: now(self._clock))

    @cached_property
    def _hearing(self) -> Stream:
        recorded = Recorded(self._dynamodb, self._settings.interactions_table)
        return Stream(cache(clients.kinesis), self._settings.interactions_stream_arn, recorded)
