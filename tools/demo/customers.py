"""Sample customers, as a shop's backend writes them to the project: who they are, and how they can be reached."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_pinpoint import PinpointClient


@dataclass(frozen=True)
class Customer:
    """One customer.

    Parameters
    ----------
    addresses
        Address by channel type; each is an endpoint.
    reads
        Channels of the messages of a release, in their order.
    note
        What else there is to know, for people.
    settings
        Of each endpoint, such as its opt-out.
    """

    name: str
    plan: str
    addresses: Mapping[str, str]
    reads: tuple[str, ...]
    note: str = ""
    settings: Mapping[str, str] | None = None

    @property
    def user_id(self) -> str:
        """Id of the user."""
        return f"customer-{self.name.lower()}"

    @property
    def endpoints(self) -> dict[str, str]:
        """Channel type by endpoint id."""
        return {f"{self.user_id}-{channel.lower()}": channel for channel in self.addresses}


def customers() -> list[Customer]:
    """Customers of every plan, on several channels; two of them get nothing."""
    premium, free = ("EMAIL", "EMAIL"), ("SMS",)
    return [
        Customer("Greta", "gold", {"EMAIL": "greta@example.com", "SMS": "+447700900001"}, premium),
        Customer("Paul", "platinum", {"EMAIL": "paul@example.com"}, premium),
        Customer("Olga", "gold", {"EMAIL": "olga@example.com"}, (), "opted out", {"OptOut": "ALL"}),
        Customer("Finn", "free", {"SMS": "+447700900002", "EMAIL": "finn@example.com"}, free),
        Customer("Sofia", "free", {"SMS": "+447700900003"}, free),
        Customer("Igor", "free", {"SMS": "+447700900004"}, (), "inactive", {"EndpointStatus": "INACTIVE"}),
    ]


def write(pinpoint: PinpointClient, application_id: str, known: Sequence[Customer]) -> None:
    """Write every endpoint in one request.

    Parameters
    ----------
    pinpoint
        Client of the project's account.
    application_id
        The project.
    known
        At most 100 endpoints together.
    """
    items: list[Any] = [
        {
            "Id": endpoint_id,
            "ChannelType": channel,
            "Address": customer.addresses[channel],
            "OptOut": "NONE",
            "EndpointStatus": "ACTIVE",
            "User": {
                "UserId": customer.user_id,
                "UserAttributes": {"first_name": [customer.name], "plan": [customer.plan]},
            },
            **(customer.settings or {}),
        }
        for customer in known
        for endpoint_id, channel in customer.endpoints.items()
    ]
    pinpoint.update_endpoints_batch(ApplicationId=application_id, EndpointBatchRequest={"Item": items})
