"""The services that send, by destination."""

from __future__ import annotations

from collections import Counter

from engagement.adapters import clients
from engagement.adapters.connect.campaigns import ConnectCampaigns
from engagement.adapters.pinpoint.campaigns import Campaigns
from engagement.domain.destinations import DestinationName
from engagement.domain.runs.ports import Clock
from engagement.domain.runs.records import Kind


class Services:
    """The services that are configured; clients are made when a service is first needed.

    Parameters
    ----------
    application_id
        The Pinpoint project; empty if Pinpoint is no destination.
    domain, instance_id
        The domain of Customer Profiles and the Connect instance; one of them empty if Connect cannot send.
    environment
        A name that no other environment has.
    clock
        Paces what has a rate of its own.
    """

    def __init__(self, application_id: str, domain: str, instance_id: str, environment: str, clock: Clock) -> None:
        self._application_id = application_id
        self._domain = domain
        self._instance_id = instance_id
        self._environment = environment
        self._clock = clock
        self._made: dict[DestinationName, Campaigns | ConnectCampaigns] = {}

    def of(self, destination: DestinationName) -> Campaigns | ConnectCampaigns | None:
        """What sends at a destination; None if it is not configured."""
        here = self._application_id if destination == "pinpoint" else self._domain and self._instance_id
        if here and destination not in self._made:
            self._made[destination] = self._pinpoint() if destination == "pinpoint" else self._connect()
        return self._made.get(destination)

    def take_created(self) -> Counter[Kind]:
        """How many of each kind were made since the last time that this was asked."""
        created: Counter[Kind] = Counter()
        for service in self._made.values():
            created += service.created
            service.created.clear()
        return created

    def _pinpoint(self) -> Campaigns:
        return Campaigns(clients.pinpoint(), clients.pinpoint_control(), self._application_id)

    def _connect(self) -> ConnectCampaigns:
        return ConnectCampaigns(
            clients.customer_profiles(),
            clients.outbound(),
            clients.customer_profiles(clients.PATIENT),
            clients.outbound(clients.PATIENT),
            domain=self._domain,
            instance_id=self._instance_id,
            environment=self._environment,
            clock=self._clock,
        )
