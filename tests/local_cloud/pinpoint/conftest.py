from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from local_cloud.faults import Faults
from local_cloud.pinpoint import Pinpoint, Settings
from local_cloud.pinpoint.server import PinpointServer
from tests.local_cloud.pinpoint.journey_project import JourneyProject
from tests.local_cloud.pinpoint.project import Project

if TYPE_CHECKING:
    from mypy_boto3_pinpoint import PinpointClient

ACCOUNT = "123456789012"
REGION = "eu-west-1"
NOW = "2026-01-02T03:04:05.678Z"


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def client_of(
    server: PinpointServer,
    *,
    account: str = ACCOUNT,
    region: str = REGION,
    read_timeout: float = 120,
    retries: dict[str, Any] | None = None,
) -> PinpointClient:
    """A real client; by default it tries once."""
    return boto3.client(
        "pinpoint",
        endpoint_url=server.url,
        region_name=region,
        aws_access_key_id=account,
        aws_secret_access_key="secret",
        config=Config(
            retries=retries or {"total_max_attempts": 1},
            read_timeout=read_timeout,
            # Batches that are wrong on purpose must reach the server.
            parameter_validation=False,
        ),
    )


def event(**members: Any) -> dict[str, Any]:
    return {"EventType": "page.view", "Timestamp": NOW, **members}


def batch_of(count: int, **members: Any) -> dict[str, Any]:
    """One endpoint with `count` events."""
    return {"ada": {"Endpoint": {}, "Events": {f"event-{number}": event(**members) for number in range(count)}}}


def status_of(call: Callable[[], Any]) -> tuple[int, str]:
    """HTTP status and error name of a call that fails."""
    with pytest.raises(ClientError) as caught:
        call()
    response = caught.value.response
    return response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Code"]


@dataclass
class App:
    """An application of its own for one test, with the calls that most tests make."""

    client: PinpointClient
    server: PinpointServer
    id: str

    def put_events(self, batch: dict[str, Any]) -> dict[str, Any]:
        answer = self.client.put_events(ApplicationId=self.id, EventsRequest={"BatchItem": batch})
        return dict(answer["EventsResponse"]["Results"])

    def put_event(self, **members: Any) -> int:
        """Send one event; its status."""
        results = self.put_events({"ada": {"Endpoint": {}, "Events": {"only": event(**members)}}})
        return int(results["ada"]["EventsItemResponse"]["only"]["StatusCode"])

    def put_endpoint(self, endpoint_id: str, **members: Any) -> int:
        """Send an endpoint without events' faults; the status of its part."""
        results = self.put_events({endpoint_id: {"Endpoint": members, "Events": {"only": event()}}})
        return int(results[endpoint_id]["EndpointItemResponse"]["StatusCode"])

    def update(self, endpoint_id: str, **members: Any) -> None:
        self.client.update_endpoint(ApplicationId=self.id, EndpointId=endpoint_id, EndpointRequest=members)

    def get(self, endpoint_id: str) -> dict[str, Any]:
        answer = self.client.get_endpoint(ApplicationId=self.id, EndpointId=endpoint_id)
        return dict(answer["EndpointResponse"])

    def journal(self, since: int = 0) -> list[dict[str, Any]]:
        calls = self.server.pinpoint.journal.since(since)["requests"]
        return [call for call in calls if call["application_id"] == self.id]


UNLIMITED = Settings(
    put_events_rate=0,
    update_endpoint_rate=0,
    update_endpoints_batch_rate=0,
    get_endpoint_rate=0,
    delete_endpoint_rate=0,
)


@pytest.fixture(scope="session")
def unlimited_server() -> Iterator[PinpointServer]:
    """One server for all tests that are not about rates."""
    with PinpointServer(Pinpoint(settings=UNLIMITED)) as server:
        yield server


@pytest.fixture(scope="session")
def shared_client(unlimited_server: PinpointServer) -> PinpointClient:
    return client_of(unlimited_server)


def new_app(client: PinpointClient, server: PinpointServer) -> App:
    answer = client.create_app(CreateApplicationRequest={"Name": f"app-{uuid.uuid4().hex[:6]}"})
    return App(client, server, answer["ApplicationResponse"]["Id"])


@pytest.fixture
def app(shared_client: PinpointClient, unlimited_server: PinpointServer) -> Iterator[App]:
    yield new_app(shared_client, unlimited_server)
    unlimited_server.pinpoint.faults.clear()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def paced_server(clock: Clock) -> Iterator[PinpointServer]:
    """A server with the real quotas, whose time the test moves."""
    with PinpointServer(pinpoint=Pinpoint(clock=clock, faults=Faults())) as server:
        yield server


@pytest.fixture
def paced_app(paced_server: PinpointServer) -> App:
    return new_app(client_of(paced_server), paced_server)


@pytest.fixture
def project() -> Project:
    """An application whose time stands still, with channels; it works when `work` is called."""
    return Project()


@pytest.fixture
def journeys() -> JourneyProject:
    """A project that has journeys."""
    return JourneyProject()
