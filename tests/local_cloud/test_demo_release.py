"""The release of the demo, when it does not go as its plan says."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest

from tests.local_cloud.ledgers import Environment
from tests.local_cloud.pixel import Pixel
from tools.demo import release
from tools.demo.customers import Customer, customers
from tools.demo.release import Announcer, Release, ReleaseError, Told

if TYPE_CHECKING:
    from tests.local_cloud.aws import Aws

# Nobody listens on this bus.
BUS = "default"


@pytest.fixture
def event_id(monkeypatch: pytest.MonkeyPatch) -> str:
    """The id that the next event will have; nobody waits long for what never comes."""
    drawn: UUID = uuid4()
    monkeypatch.setattr(release, "uuid", SimpleNamespace(uuid4=lambda: drawn))
    monkeypatch.setattr(release, "BEGIN_SECONDS", 0.5)
    monkeypatch.setattr(release, "END_SECONDS", 0.5)
    return f"release-{drawn.hex[:8]}"


@pytest.fixture
def announcer(aws: Aws) -> Announcer:
    return Announcer(aws.cloud, BUS, Pixel.of(aws).application_id)


def told(customer: Customer) -> list[Told]:
    """What the plan means for a customer."""
    return [Told(channel, "2026-11-22T10:00:00Z", "", "body") for channel in customer.reads]


def test_an_event_that_starts_nothing_is_told_and_time_passes_as_before(
    aws: Aws, announcer: Announcer, event_id: str
) -> None:
    before = aws.local("pinpoint/settings")

    with pytest.raises(ReleaseError, match=f"no run of the event {event_id} after .* announcer"):
        announcer.release()

    assert aws.local("pinpoint/settings") == before


def test_a_refused_run_is_told_with_its_faults(aws: Aws, announcer: Announcer, event_id: str) -> None:
    Environment(aws).refuse("$.steps[0]: a fault. A remedy.", event_id=event_id)

    with pytest.raises(ReleaseError, match=r"(?s)refused: the plan has faults.*\$.steps\[0\]: a fault. A remedy."):
        announcer.release()


def test_a_run_that_does_not_end_is_told_with_its_step(aws: Aws, announcer: Announcer, event_id: str) -> None:
    run = Environment(aws).begin(event_id).run

    with pytest.raises(ReleaseError, match=rf"{run} has not ended .*: step stamp is not begun"):
        announcer.release()


def test_endpoints_are_written_as_customers_are(aws: Aws, event_id: str) -> None:
    pixel = Pixel.of(aws)
    with pytest.raises(ReleaseError, match=event_id):
        Announcer(aws.cloud, BUS, pixel.application_id).release()

    endpoints: dict[str, Any] = aws.local(f"pinpoint/apps/{pixel.application_id}/endpoints")
    assert endpoints["customer-olga-email"]["OptOut"] == "ALL"
    assert endpoints["customer-igor-sms"]["EndpointStatus"] == "INACTIVE"
    assert endpoints["customer-greta-sms"]["User"]["UserAttributes"]["plan"] == ["gold"]


def test_a_message_that_is_missing_or_too_much_is_told() -> None:
    everybody = [(customer, told(customer)) for customer in customers()]
    assert Release({}, everybody).surprises == []

    greta, *others, (igor, _) = everybody
    fewer = (greta[0], greta[1][:1])
    more = (igor, [replace(greta[1][0], channel="SMS")])

    assert Release({}, [fewer, *others, more]).surprises == [
        "Greta should read EMAIL and EMAIL and got EMAIL",
        "Igor should read nothing and got SMS",
    ]
