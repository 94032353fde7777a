from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from local_cloud.pinpoint import Pinpoint, Request, Settings, SettingsError
from local_cloud.service.throttling import Throttle
from tests.local_cloud.pinpoint.conftest import ACCOUNT, App, Clock, batch_of, client_of, new_app, status_of

THROTTLED = (429, "TooManyRequestsException")


def passing(call: Callable[[], Any], most: int = 40) -> int:
    """How many calls pass until one is throttled."""
    for count in range(most):
        try:
            call()
        except ClientError as error:
            if error.response["Error"]["Code"] != "TooManyRequestsException":
                raise
            return count
    return most


@pytest.mark.parametrize(
    ("rate", "call"),
    [
        (15, lambda app: app.put_events(batch_of(1))),
        (10, lambda app: app.update("ada", Attributes={"a": ["1"]})),
        (10, lambda app: app.get("ada")),
        (5, lambda app: app.client.delete_endpoint(ApplicationId=app.id, EndpointId="ada")),
        (
            2,
            lambda app: app.client.update_endpoints_batch(
                ApplicationId=app.id, EndpointBatchRequest={"Item": [{"Id": "ada"}]}
            ),
        ),
    ],
)
def test_each_operation_has_its_rate(paced_app: App, clock: Clock, rate: int, call: Callable[[App], Any]) -> None:
    def attempt() -> None:
        paced_app.server.pinpoint._applications.find(paced_app.id).endpoints.ensure("ada", "now", "request")  # type: ignore[union-attr]
        call(paced_app)

    assert passing(attempt) == rate
    clock.seconds += 1 / rate + 1e-9
    assert passing(attempt) == 1
    clock.seconds += 3600
    assert passing(attempt) == rate


def test_users_endpoints_have_the_rate_of_operations_that_are_not_named(paced_app: App) -> None:
    paced_app.update("ada", User={"UserId": "u1"})

    count = passing(lambda: paced_app.client.get_user_endpoints(ApplicationId=paced_app.id, UserId="u1"), most=400)

    assert count == 300


def test_operations_accounts_and_regions_do_not_share_a_rate_but_applications_do(paced_app: App) -> None:
    server = paced_app.server
    sibling = new_app(client_of(server), server)
    stranger = new_app(client_of(server, account="210987654321"), server)
    abroad = new_app(client_of(server, region="eu-central-1"), server)

    assert passing(lambda: paced_app.put_events(batch_of(1))) == 15

    assert status_of(lambda: sibling.put_events(batch_of(1))) == THROTTLED
    assert passing(lambda: stranger.put_events(batch_of(1))) == 15
    assert passing(lambda: abroad.put_events(batch_of(1))) == 15
    assert passing(lambda: paced_app.get("ada")) == 10


def test_a_throttled_call_has_no_effect(paced_app: App) -> None:
    passing(lambda: paced_app.put_events(batch_of(1)))

    assert status_of(lambda: paced_app.put_events({"new": {"Endpoint": {}, "Events": batch_of(1)["ada"]["Events"]}}))

    assert list(paced_app.server.pinpoint.endpoints(paced_app.id) or {}) == ["ada"]
    assert paced_app.journal()[-1]["status"] == 429
    assert paced_app.journal()[-1]["processed"] is False
    assert paced_app.journal()[-1]["fault"] is None


def test_the_sdk_tries_a_throttled_call_again(paced_app: App, clock: Clock) -> None:
    passing(lambda: paced_app.put_events(batch_of(1)))
    paced_app.server.pinpoint.configure({"put_events_burst": 1})
    paced_app.put_events(batch_of(1))
    patient = client_of(paced_app.server, retries={"mode": "standard", "total_max_attempts": 3})

    def passes_later(**_: object) -> None:
        clock.seconds += 1

    patient.meta.events.register("needs-retry.pinpoint.PutEvents", passes_later)
    answer = patient.put_events(ApplicationId=paced_app.id, EventsRequest={"BatchItem": batch_of(1)})

    assert answer["ResponseMetadata"]["RetryAttempts"] == 1


def test_rates_are_switched_while_it_runs(paced_app: App) -> None:
    pinpoint = paced_app.server.pinpoint

    assert pinpoint.configure({"put_events_rate": 3, "put_events_burst": 4})["put_events_rate"] == 3
    assert passing(lambda: paced_app.put_events(batch_of(1))) == 4
    pinpoint.configure({"put_events_rate": 0})
    assert passing(lambda: paced_app.put_events(batch_of(1))) == 40
    assert pinpoint.settings["put_events_burst"] == 4


@pytest.mark.parametrize(
    "values",
    [
        {"put_event_rate": 1},
        {"put_events_rate": -1},
        {"put_events_rate": "15"},
        {"put_events_rate": True},
        {"put_events_rate": float("nan")},
        {"latency_seconds": float("inf")},
        {"put_events_burst": 0},
        {"time_factor": 0.5},
        {"function_concurrency": 0},
        {"function_timeout_seconds": 0},
    ],
)
def test_settings_that_make_no_sense_are_refused_and_nothing_changes(values: dict[str, Any]) -> None:
    pinpoint = Pinpoint()
    before = pinpoint.settings

    with pytest.raises(SettingsError, match=next(iter(values))):
        pinpoint.configure({"get_endpoint_rate": 99, **values})

    assert pinpoint.settings == before


@pytest.mark.parametrize("values", [None, [], "x"])
def test_settings_that_are_no_object_are_refused(values: Any) -> None:
    with pytest.raises(SettingsError, match="object"):
        Pinpoint().configure(values)


def test_latency_is_told_to_the_transport_for_the_data_plane_only() -> None:
    pinpoint = Pinpoint(settings=Settings(latency_seconds=0.02))

    assert pinpoint.handle(Request("GET", "/v1/apps/a/endpoints/b", account=ACCOUNT)).delay_seconds == 0.02
    assert pinpoint.handle(Request("GET", "/v1/apps/a", account=ACCOUNT)).delay_seconds == 0


@given(st.lists(st.floats(0, 0.5), min_size=1, max_size=150), st.integers(1, 20), st.integers(1, 20))
def test_no_span_of_time_passes_more_than_burst_and_rate(pauses: list[float], rate: int, burst: int) -> None:
    clock = Clock()
    throttle = Throttle(clock, Settings(put_events_rate=rate, put_events_burst=burst).limit)
    passed: list[float] = []
    for pause in pauses:
        clock.seconds += pause
        if throttle.allows("account", "region", "PutEvents"):
            passed.append(clock.seconds)

    assert passed
    for first, start in enumerate(passed):
        for last in range(first, len(passed)):
            assert last - first + 1 <= burst + (passed[last] - start) * rate + 1e-6
